import Foundation
import Recurrent
import Testing

private let folder = ProcessInfo.processInfo.environment["RECUR_DATA_DIR"]

/// Public sets as they are fetched. `make test` sets RECUR_DATA_DIR; where it has no such file, that test is skipped.
struct DataRealTests {
  private static func has(_ name: String) -> Bool {
    folder.map { FileManager.default.fileExists(atPath: $0 + "/" + name) } ?? false
  }

  private func path(_ name: String) throws -> String { try #require(folder) + "/" + name }

  @Test(.enabled(if: has("imdb/train.tsv.gz"), "RECUR_DATA_DIR names no folder with imdb/train.tsv.gz"))
  func imdb() throws {
    let format = TextFormat.table(TableFormat(text: .number(4), label: .number(1)))
    let examples = try TextExamples.read(path("imdb/train.tsv.gz"), format: format)
    #expect(examples.count == 25_000)
    #expect(examples.count { $0.label == "0" } == 12_500 && examples.count { $0.label == "1" } == 12_500)
    let vocabulary = try Vocabulary(
      of: examples.lazy.map(\.text), kind: .words, maximumSize: 10_000,
      rules: WordRules(lowercases: true, keepsMarks: false))
    let tokens = try examples.map { try vocabulary.encode($0.text) }
    #expect(Array(vocabulary.symbols.prefix(5)) == ["the", "and", "a", "of", "to"])
    let buckets = try LengthBuckets(lengths: tokens.map(\.count), batch: 32)
    #expect(buckets.padding < 0.06)
  }

  @Test(.enabled(if: has("wnut17/wnut17train.conll"), "RECUR_DATA_DIR names no folder with wnut17"))
  func wnut17() throws {
    let sets = [
      ("wnut17train.conll", 3394, 62_730), ("emerging.dev.conll", 1009, 15_733),
      ("emerging.test.annotated", 1287, 23_394),
    ]
    for (name, sentences, words) in sets {
      let read = try TaggedSentences.read(path("wnut17/\(name)"))
      #expect(read.count == sentences && read.reduce(0) { $0 + $1.words.count } == words, "\(name)")
      let types = ["corporation", "creative-work", "group", "location", "person", "product"]
      #expect(Set(read.flatMap(\.tags)).subtracting(["O"] + types.flatMap { ["B-\($0)", "I-\($0)"] }).isEmpty)
    }
  }

  @Test(
    .enabled(if: has("ud-english-ewt/en_ewt-ud-train.conllu.gz"), "RECUR_DATA_DIR names no folder with ud-english-ewt"))
  func englishWebTreebank() throws {
    let sets = [("train.conllu.gz", 12_544, 204_577), ("dev.conllu", 2001, 25_147), ("test.conllu", 2077, 25_094)]
    for (name, sentences, words) in sets {
      let read = try TaggedSentences.read(
        path("ud-english-ewt/en_ewt-ud-\(name)"), format: name.hasSuffix("gz") ? nil : .conllu())
      #expect(read.count == sentences && read.reduce(0) { $0 + $1.words.count } == words, "\(name)")
      #expect(Set(read.flatMap(\.tags)).count == 17)
    }
  }

  @Test(.enabled(if: has("names-by-language/Czech.txt"), "RECUR_DATA_DIR names no folder with names-by-language"))
  func namesByLanguage() throws {
    let examples = try TextExamples.read(path("names-by-language")).filter { $0.label != "SOURCE" }
    #expect(Set(examples.map(\.label)).count == 18)
    #expect(examples.count == 20_050 && examples.count { $0.label == "Russian" } == 9384)
  }

  @Test(.enabled(if: has("dna-promoters/promoters.data"), "RECUR_DATA_DIR names no folder with dna-promoters"))
  func promoters() throws {
    let format = TextFormat.table(TableFormat(text: .number(3), label: .number(1)))
    let examples = try TextExamples.read(path("dna-promoters/promoters.data"), format: format)
    #expect(examples.count == 106 && examples.count { $0.label == "+" } == 53)
    #expect(examples.allSatisfy { $0.text.count == 57 })
    #expect(try Vocabulary(of: examples.map(\.text), kind: .characters).symbols == ["a", "c", "g", "t"])
  }
}
