import Recurrent
import RecurrentModel

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

// The readers of data to train on.
extension FuzzTarget {
  /// What a table or lines gave is the same when it is written as a table of quotes and read again.
  static func table(_ bytes: [UInt8]) throws {
    let text = try Files.text(of: bytes, from: "x")
    func check(_ examples: [TextExample]) throws {
      try expect(examples.allSatisfy { !$0.text.isEmpty && $0.label != "" }, "an empty text or label")
      func quoted(_ text: String) -> String {
        "\"" + text.unicodeScalars.reduce(into: "") { $0 += $1 == "\"" ? "\"\"" : String($1) } + "\""
      }
      let written = examples.map { quoted($0.text) + "," + quoted($0.label ?? "none") + "\n" }.joined()
      let format = TableFormat(text: .number(1), label: .number(2))
      let again = try TextExamples.table(written, from: "x.csv", format)
      try expect(again.map(\.text.utf8Bytes) == examples.map(\.text.utf8Bytes), "a round trip changes texts")
    }
    for name in ["x.csv", "x.tsv"] {
      for format in [
        TableFormat(text: .number(1), label: nil), TableFormat(text: .number(2), label: .number(1)), TableFormat(),
      ] {
        try attempt { try check(TextExamples.table(text, from: name, format)) }
      }
    }
    try attempt { try check(TextExamples.fullLines(of: text, from: "x", "text")) }
  }

  /// Each word has a tag; what is written as columns again is the same.
  static func tagged(_ bytes: [UInt8]) throws {
    let text = try Files.text(of: bytes, from: "x")
    for format in [
      TaggedFormat.columns(), .columns(word: 2, tag: .number(1), comments: true), .conllu(), .conllu(.xpos),
    ] {
      try attempt {
        let sentences = try TaggedSentences.parse(text, from: "x", format)
        try expect(
          sentences.allSatisfy { !$0.words.isEmpty && $0.words.count == $0.tags.count }, "a word without a tag")
        guard !sentences.contains(where: { $0.words.contains { $0.hasPrefix("-DOCSTART-") } }) else { return }
        let written = sentences.map { zip($0.words, $0.tags).map { "\($0)\t\($1)\n" }.joined() }.joined(separator: "\n")
        let again = try TaggedSentences.parse(written, from: "x", .columns())
        try expect(again.map(\.words) == sentences.map(\.words), "a round trip changes words")
        try expect(again.map(\.tags) == sentences.map(\.tags), "a round trip changes tags")
      }
    }
  }

  private static let knownWords = try? Vocabulary(ofWords: ["the", "The", "of", "x", "é", "1"])

  /// Vectors are as many as words, and finite.
  static func vectors(_ bytes: [UInt8]) throws {
    guard let vocabulary = knownWords else { throw Finding(description: "no vocabulary") }
    try withFile(bytes) { path in
      let file = try WordVectors(path)
      let (values, found) = try file.vectors(for: vocabulary)
      try expect(values.count == vocabulary.count * file.size && values.allSatisfy(\.isFinite), "wrong vectors")
      try expect((0...vocabulary.count).contains(found), "found \(found)")
    }
  }

  /// What is not packed is passed on as it is; no more comes out than may.
  static func gzip(_ bytes: [UInt8]) throws {
    try withFile(bytes) { path in
      let unpacked = try Files.read(path, limit: .settings, unpacks: true)
      try expect(bytes.starts(with: [0x1F, 0x8B]) || unpacked == bytes, "bytes that are not packed are changed")
      try expect(unpacked.count <= 1 << 20, "more than the limit")
    }
  }

  private static func withFile(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
    var name = Array("/tmp/recur-fuzz-XXXXXX.gz\0".utf8CString)
    let file = mkstemps(&name, 3)
    guard file >= 0 else { throw Finding(description: "no file can be made") }
    defer { unlink(name) }
    let count = write(file, bytes, bytes.count)
    close(file)
    try expect(count == bytes.count, "a file cannot be written")
    try body(String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
  }
}

extension String {
  fileprivate var utf8Bytes: [UInt8] { Array(utf8) }
}
