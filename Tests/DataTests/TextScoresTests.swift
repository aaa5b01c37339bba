import Foundation
import RecurrentCore
import Testing

@testable import RecurrentData

/// The scores of other programs for translations (`Tests/Fixtures/README.md`).
private struct ScoresFixture: Decodable {
  struct Case: Decodable {
    let lowercase: Bool, scores: [Score], edits: [Int]
  }
  struct Score: Decodable {
    let signature: String, score: Double, text: String
  }

  let translations: [String], references: [[String]], cases: [Case]

  static func all() throws -> [Self] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return try JSONDecoder().decode([Self].self, from: Data(contentsOf: folder.appending(path: "Fixtures/scores.json")))
  }
}

struct TextScoresTests {
  private func isNear(_ value: Double, _ expected: Double) -> Bool { (value - expected).magnitude < 1e-11 }

  @Test func scoresAreThoseOfSacrebleu() throws {
    for fixture in try ScoresFixture.all() {
      let sentences = Array(zip(fixture.translations, fixture.references))
      for expected in fixture.cases {
        let lowercases = expected.lowercase
        var scores = BLEUTokenization.allCases.map { BLEU(tokenization: $0, lowercases: lowercases) }
        scores.append(BLEU(lowercases: lowercases, smoothing: .none))
        for index in scores.indices {
          for (translation, references) in sentences { scores[index].add(translation, references: references) }
        }
        for (bleu, expected) in zip(scores, expected.scores) {
          #expect(isNear(bleu.value, expected.score) && bleu.description == expected.text)
          #expect(bleu.signature == expected.signature)
        }
        for (includesWords, expected) in zip([false, true], expected.scores.dropFirst(scores.count)) {
          var chrF = ChrF(includesWords: includesWords, lowercases: lowercases)
          for (translation, references) in sentences { chrF.add(translation, references: references) }
          #expect(isNear(chrF.value, expected.score) && chrF.description == expected.text)
          #expect(chrF.signature == expected.signature)
        }
      }
    }
  }

  @Test func editsAndMatches() throws {
    for fixture in try ScoresFixture.all() {
      for expected in fixture.cases {
        var errors = WordErrorRate(lowercases: expected.lowercase)
        var exact = ExactMatch(lowercases: expected.lowercase)
        for (translation, references) in zip(fixture.translations, fixture.references) {
          errors.add(translation, references: references)
          exact.add(translation, references: references)
        }
        #expect([errors.edits, errors.referenceWords, exact.matches] == expected.edits)
        #expect(exact.count == fixture.translations.count)
      }
    }
  }

  @Test func ratesOfPronunciations() throws {
    let pairs = [("the", "DH AH"), ("tomato", "T AH M EY T OW"), ("the", "DH IY"), ("the", "DH AH")].map {
      TextPair(source: $0, target: $1, location: "line of \($0)")
    }
    let sets = ReferenceSet.sets(of: pairs)
    #expect(sets.map(\.source) == ["the", "tomato"] && sets.map(\.location) == ["line of the", "line of tomato"])
    #expect(sets.map(\.references) == [["DH AH", "DH IY"], ["T AH M EY T OW"]])
    var errors = WordErrorRate()
    var exact = ExactMatch()
    for (output, set) in zip(["DH  IY ", "T AA M EY T"], sets) {
      errors.add(output, references: set.references)
      exact.add(output, references: set.references)
    }
    // One of two words is wrong, by 2 of the 8 phonemes.
    #expect(errors.value == 0.25 && exact.value == 0.5 && exact.errorRate == 0.5)
  }

  @Test func withoutSentences() {
    #expect(BLEU().value.isNaN && ChrF().value.isNaN && WordErrorRate().value.isNaN && ExactMatch().value.isNaN)
    var errors = WordErrorRate()
    errors.add("a b", references: [""])
    #expect(errors.edits == 2 && errors.value == .infinity)
  }
}

/// Scores of a test set with errors made by rule.
struct RealTextScoresTests {
  private static let file = ProcessInfo.processInfo.environment["RECUR_DATA_DIR"].map {
    $0 + "/multi30k/test_2016_flickr.en.gz"
  }

  @Test(.enabled(if: file.map(Files.exists) ?? false, "RECUR_DATA_DIR names no folder with multi30k"))
  func captions() throws {
    var bleu = BLEU(lowercases: true)
    var chrF = ChrF(includesWords: true)
    var errors = WordErrorRate()
    for (line, reference) in try TextPairs.sources(of: #require(Self.file)).examples.enumerated() {
      // Each seventh word is left out, and each two words after four are exchanged; each 50th line is empty.
      var words = reference.text.split(separator: " ").enumerated().filter { ($0.offset + line) % 7 != 3 }.map(
        \.element)
      for place in stride(from: 4, to: words.count - 1, by: 6) { words.swapAt(place, place + 1) }
      let output = line % 50 == 7 ? "" : words.joined(separator: " ")
      bleu.add(output, references: [reference.text])
      chrF.add(output, references: [reference.text])
      errors.add(output, references: [reference.text])
    }
    // Of sacrebleu 2.6.0 and jiwer 4.0.0.
    #expect("\(bleu)" == "BLEU = 34.71 100.0/55.9/33.8/16.7 (BP = 0.823 ratio = 0.837 hyp_len = 10845 ref_len = 12955)")
    #expect("\(chrF)" == "chrF2++ = 66.15")
    #expect("\(errors.edits) of \(errors.referenceWords)" == "3966 of 11877")
  }
}
