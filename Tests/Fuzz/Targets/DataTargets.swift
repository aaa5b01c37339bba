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
      try expect(examples.allSatisfy { $0.label != "" }, "an empty label")
      func quoted(_ text: String) -> String {
        "\"" + text.unicodeScalars.reduce(into: "") { $0 += $1 == "\"" ? "\"\"" : String($1) } + "\""
      }
      let written = examples.map { quoted($0.text) + "," + quoted($0.label ?? "none") + "\n" }.joined()
      let format = TableFormat(
        text: .number(1), label: .number(2), layout: TableLayout(delimiter: ",", header: false))
      let again = try TextExamples.table(written, from: "x.csv", format).examples
      try expect(again.map(\.text.utf8Bytes) == examples.map(\.text.utf8Bytes), "a round trip changes texts")
      try attempt { try classified(examples) }
    }
    for name in ["x.csv", "x.tsv"] {
      for format in [
        TableFormat(text: .number(1), label: nil), TableFormat(text: .number(2), label: .number(1)), TableFormat(),
      ] {
        try attempt { try check(TextExamples.table(text, from: name, format).examples) }
      }
    }
    try attempt { try check(TextExamples.lines(of: text, from: "x")) }
    try attempt { try check(TextExamples.labels(of: text, from: "x")) }
  }

  /// The vocabulary of texts knows their words, and the classes are those of their labels.
  private static func classified(_ examples: [TextExample]) throws {
    let rules = WordRules(lowercases: true, keepsMarks: false)
    let vocabulary = try Vocabulary(of: examples.map(\.text), kind: .words, rules: rules)
    let labels = Set(examples.compactMap(\.label)).sorted()
    let texts = try LabelledTexts(
      examples, vocabulary: vocabulary, labels: labels,
      padding: SequencePadding(limit: 3, truncating: .end, padding: .start))
    let tokens = texts.tokens.joined()
    try expect(tokens.allSatisfy { (0..<vocabulary.count - 1).contains(Int($0)) }, "a word of the texts is unknown")
    try expect(
      zip(texts.indices.map { examples[$0] }, texts.classes).allSatisfy {
        $0.label == ($1 < 0 ? nil : labels[Int($1)])
      },
      "another class")
    let batch = texts.batch(Array(texts.indices.indices)).sequences
    try expect(
      (batch.steps == 3 || texts.indices.isEmpty) && batch.tokens.filter { $0 >= 0 }.count == tokens.count,
      "a batch of other tokens")
  }

  /// Each word has a tag; what is written as columns again is the same.
  static func tagged(_ bytes: [UInt8]) throws {
    let text = try Files.text(of: bytes, from: "x")
    for format in [
      TaggedFormat.columns(), .columns(word: 2, tag: .number(1), comments: true), .conllu(), .conllu(.xpos),
    ] {
      try attempt {
        let sentences = try TaggedSentences.parse(text, from: "x", format).sentences
        try expect(
          sentences.allSatisfy { !$0.words.isEmpty && $0.words.count == $0.tags.count }, "a word without a tag")
        try read(sentences)
        guard !sentences.contains(where: { $0.words.contains { $0.hasPrefix("-DOCSTART-") } }) else { return }
        let written = sentences.map { zip($0.words, $0.tags).map { "\($0)\t\($1)\n" }.joined() }.joined(separator: "\n")
        let again = try TaggedSentences.parse(written, from: "x", .columns(layout: TableLayout(header: false)))
          .sentences
        try expect(again.map(\.words) == sentences.map(\.words), "a round trip changes words")
        try expect(again.map(\.tags) == sentences.map(\.tags), "a round trip changes tags")
      }
    }
  }

  /// The vocabularies of sentences know their words and characters, and the entities that their tags mark are found.
  private static func read(_ sentences: [TaggedSentence]) throws {
    let words = sentences.flatMap(\.words)
    let vocabulary = try Vocabulary(ofWords: words, lowercases: true)
    let characters = try Vocabulary(of: words, kind: .characters)
    let tags = Set(sentences.flatMap(\.tags)).sorted()
    let texts = try TaggedTexts(sentences, vocabulary: vocabulary, characters: characters, limit: 4, labels: tags)
    let unknown = texts.words.joined().count { Int($0) == vocabulary.unknown }
    try expect(unknown == words.count { $0.lowercased() == Vocabulary.unknownWord }, "a word of the texts is unknown")
    let batch = texts.batch(Array(sentences.indices))
    try expect(batch.tags.filter { $0 >= 0 }.count == words.count, "a batch of other tags")
    try expect(
      batch.characters?.joined().count == words.reduce(0) { $0 + min(4, $1.unicodeScalars.count) },
      "a batch of other characters")
    var scores = EntityScores(scheme: EntityScheme(of: sentences.map(\.tags)))
    for sentence in sentences { try scores.add(expected: sentence.tags, predicted: sentence.tags) }
    try expect(scores.overall.correct == scores.overall.expected && !scores.report.isEmpty, "an entity is not found")
  }

  private static let knownWords = try? Vocabulary(ofWords: ["the", "The", "of", "x", "é", "1"])

  /// Vectors are as many as words, and finite.
  static func vectors(_ bytes: [UInt8]) throws {
    guard let vocabulary = knownWords else { throw Finding(description: "no vocabulary") }
    try withFile(bytes) { path in
      let file = try WordVectors(path)
      let (values, found, _) = try file.vectors(for: vocabulary)
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
    let file = try file.get()
    let count = pwrite(file.descriptor, bytes, bytes.count, 0)
    try expect(count == bytes.count && ftruncate(file.descriptor, count) == 0, "a file cannot be written")
    try body(file.path)
  }

  /// One for all inputs of the process: to make and remove one for each would take as long as to read it.
  private static let file = Result {
    var name = Array("/tmp/recur-fuzz-XXXXXX.gz\0".utf8CString)
    let file = mkstemps(&name, 3)
    guard file >= 0 else { throw Finding(description: "no file can be made") }
    atexit { FuzzTarget.removeFile() }
    return (
      descriptor: file, path: String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    )
  }

  private static func removeFile() { if case .success(let file) = file { unlink(file.path) } }
}

extension String {
  fileprivate var utf8Bytes: [UInt8] { Array(utf8) }
}
