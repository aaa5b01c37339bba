import Foundation
import RecurrentCore
import Testing

@testable import RecurrentData

/// What subword-nmt made of some lines (`Tests/Fixtures/README.md`).
private struct SubwordsFixture: Decodable {
  let lines: [String], some: String, all: String, subwords: [String], vocabulary: [String], restricted: [String]

  init() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: folder.appending(path: "Fixtures/subwords.json")))
  }
}

struct SubwordsTests {
  /// Strings that are canonically equivalent are equal, but not the same subwords.
  private func bytes(_ lines: [String]) -> [[UInt8]] { lines.map { Array($0.utf8) } }

  @Test func mergesAreThoseOfSubwordNMT() throws {
    let fixture = try SubwordsFixture()
    let some = try BytePairEncoding(learning: 60, from: fixture.lines)
    let all = try BytePairEncoding(learning: 1000, from: fixture.lines, minimumFrequency: 1)
    #expect(some.merges.count == 60 && bytes([some.text, all.text]) == bytes([fixture.some, fixture.all]))
    #expect(try BytePairEncoding(some.text) == some)
  }

  @Test func subwordsAreThoseOfSubwordNMT() throws {
    let fixture = try SubwordsFixture()
    let encoding = try BytePairEncoding(fixture.some)
    var segmenter = SubwordSegmenter(encoding)
    #expect(bytes(fixture.lines.map { segmenter.segment($0) }) == bytes(fixture.subwords))
    var restricted = SubwordSegmenter(encoding, vocabulary: Set(fixture.vocabulary))
    #expect(bytes(fixture.lines.map { restricted.segment($0) }) == bytes(fixture.restricted))
    for (line, subwords) in zip(fixture.lines, fixture.subwords) where !line.contains("@@") {
      #expect(SubwordSegmenter.joined(subwords.split(separator: " ").map(String.init)).joined(separator: " ") == line)
    }
    #expect(SubwordSegmenter.joined(["a@@", "b", "@@", "c@@"]) == ["ab", "@@", "c"])
    #expect(segmenter.subwords(of: "") == [] && segmenter.segment(" \n") == "")
  }

  @Test func repeatedSymbols() throws {
    var segmenter = SubwordSegmenter(
      BytePairEncoding(merges: [.init(first: "a", second: "a"), .init(first: "a", second: "a</w>")]))
    #expect(segmenter.segment("a aa aaa aaaa aaaaa") == "a aa aa@@ a aa@@ aa aa@@ aa@@ a")
  }

  @Test func dropoutLeavesOutMerges() throws {
    let fixture = try SubwordsFixture()
    var segmenter = try SubwordSegmenter(BytePairEncoding(fixture.some))
    let words = fixture.lines.flatMap { $0.spacedWords.map { String($0) } }
    func subwords(_ dropout: Double, seed: UInt64 = 1) -> [[String]] {
      var random = RandomSource(seed: seed, stream: RandomSource.subwordStream(epoch: 0))
      return words.map { segmenter.subwords(of: $0, dropout: dropout, from: &random) }
    }
    #expect(subwords(0) == words.map { segmenter.subwords(of: $0) })
    #expect(subwords(1).joined().count == words.reduce(0) { $0 + $1.unicodeScalars.count })
    let some = subwords(0.3)
    #expect(some == subwords(0.3) && some != subwords(0.3, seed: 2))
    #expect(some.map { SubwordSegmenter.joined($0).joined(separator: " ") } == words)
    let counts = [subwords(0), some, subwords(1)].map { $0.joined().count }
    #expect(counts[0] < counts[1] && counts[1] < counts[2])
    // A merge of two characters is left out in 0.3 of the words.
    var (random, kept) = (RandomSource(seed: 3), 0)
    let pair = SubwordSegmenter(BytePairEncoding(merges: [.init(first: "a", second: "b</w>")]))
    for _ in 0..<1000 { kept += pair.subwords(of: "ab", dropout: 0.3, from: &random).count == 1 ? 1 : 0 }
    #expect((650...750).contains(kept))
  }

  @Test(arguments: [
    (
      "a b\n",
      "codes, line 1: is not #version: 0.2; use merges of subword-nmt 0.2 or later, which begin with that line"
    ),
    ("#version: 0.1\na b\n", "codes, line 1: has version 0.1, not 0.2; use merges of subword-nmt 0.2"),
    ("#version: 0.2\na b\na b c\n", "codes, line 3: has 3 symbols, not two with a space between them; use a file"),
    ("#version: 0.2\nab\n", "codes, line 2: has 1 symbol, not two"),
    ("#version: 0.2\n\na b\n", "codes, line 2: is empty, not two"),
    ("#version: 0.2\n\n", "codes: contains no merges"), ("", "codes: contains no merges"),
  ])
  func wrongFiles(text: String, message: String) {
    let error = #expect(throws: RecurrentError.self) { try BytePairEncoding(text, from: "codes") }
    #expect(error?.description.hasPrefix(message) == true && error?.remedy != nil, "\(String(describing: error))")
  }

  @Test func filesOfOtherSystems() throws {
    let merges = try BytePairEncoding("#version: 0.2\r\na b\r\nab c</w>\r\n\r\n").merges
    #expect(merges == [.init(first: "a", second: "b"), .init(first: "ab", second: "c</w>")])
  }

  @Test func textsWithoutPairs() {
    func message(_ lines: [String], _ count: Int = 10, minimumFrequency: Int = 2) -> String? {
      #expect(throws: RecurrentError.self) {
        try BytePairEncoding(learning: count, from: lines, minimumFrequency: minimumFrequency)
      }?.description
    }
    let none = "merges: no two characters occur together 2 times; use a longer text or whole words"
    #expect(message([]) == none && message(["a b", "c"]) == none && message(["abc"]) == none)
    #expect(message(["aa"], 0)?.contains("number of merges") == true)
    #expect(message(["aa"], minimumFrequency: 0)?.contains("minimum frequency") == true)
  }

  /// However rare a symbol is that dropout makes, the vocabulary has it.
  @Test func vocabularyOfDroppedMerges() throws {
    let texts = ["lower lowest newer é", "wider new loé"]
    let encoding = try BytePairEncoding(learning: 12, from: texts)
    let codec = { (dropsMerges: Bool) in
      try TextCodec(
        of: texts, kind: .words, subwords: encoding, dropsMerges: dropsMerges, maximumSize: nil, minimumCount: 3,
        lowercases: false)
    }
    let (dropping, whole) = (try codec(true), try codec(false))
    let lines = texts.map { (text: $0, location: "x") }
    var random = RandomSource(seed: 1)
    let drawn = try (0..<50).map { _ in try dropping.encode(lines, dropout: 0.5, from: &random) }
    #expect(Set(drawn).count > 40)
    #expect(drawn.joined().joined().allSatisfy { Int($0) != dropping.vocabulary.unknown })
    #expect(drawn.allSatisfy { $0.map { dropping.decode($0) } == texts })
    #expect(try dropping.encode(lines, dropout: 0, from: &random) == dropping.encode(lines))
    var again = RandomSource(seed: 1)
    #expect(try dropping.encode(lines, dropout: 0.5, from: &again) == drawn[0])
    #expect(whole.tokenCount < dropping.tokenCount)
    #expect(encoding.merges(anyOf: ["zz", "low"]) && !encoding.merges(anyOf: ["zz", "LOW"]))
  }

  @Test func vocabulariesFitTheirMerges() throws {
    let fixture = try SubwordsFixture()
    let encoding = try BytePairEncoding(fixture.some)
    var segmenter = SubwordSegmenter(encoding)
    let subwords = fixture.lines.flatMap { segmenter.segment($0).split(separator: " ").map(String.init) }
    let vocabulary = try Vocabulary(ofWords: subwords)
    try encoding.requireFit(vocabulary)
    let error = #expect(throws: RecurrentError.self) {
      try BytePairEncoding(learning: 8, from: ["xy xyz"], minimumFrequency: 1).requireFit(vocabulary, at: "merges.txt")
    }
    #expect(error?.description.hasPrefix("merges.txt: no merge results in the symbol ") == true)
    let special = try Vocabulary(kind: .whitespace, symbols: ["<s>", "a", "b@@"])
    try encoding.requireFit(special, special: ["<s>"])
    #expect(throws: RecurrentError.self) { try encoding.requireFit(special) }
  }
}

/// Merges of real texts, of which other implementations have another order.
struct RealSubwordsTests {
  private static let file = ProcessInfo.processInfo.environment["RECUR_DATA_DIR"].map { $0 + "/multi30k/train.de.gz" }

  @Test(.enabled(if: file.map(Files.exists) ?? false, "RECUR_DATA_DIR names no folder with multi30k"))
  func captions() throws {
    let lines = try Files.readText(#require(Self.file)).split(separator: "\n").map { String($0) }
    let encoding = try BytePairEncoding(learning: 1000, from: lines)
    // The file that `subword-nmt learn-bpe -s 1000` writes.
    #expect(fnv1a(encoding.text.utf8) == 0xF5CB_9969_9194_3306)
  }
}
