import RecurrentCore

/// Reads sentences whose words have tags. Lines end with `\n`, `\r\n` or `\r`; a line of blanks is an empty one; a file may be
/// packed by gzip, its name ending in `.gz`.
public enum TaggedSentences {
  /// The sentences of a file, in their order.
  /// - Parameter format: How they are stored, or nil for what the name says.
  /// - Throws: `RecurrentError.invalidData` that names file and line: of a word with another number of columns than the first,
  ///   without a word or a tag, of a file without sentences, and of all that is no text of UTF-8 or is damaged.
  public static func read(_ path: String, format: TaggedFormat? = nil) throws -> [TaggedSentence] {
    try parse(Files.readText(path, limit: .examples), from: path, format ?? TaggedFormat(of: path))
  }

  /// The sentences of a file's text.
  package static func parse(_ text: String, from path: String, _ format: TaggedFormat) throws -> [TaggedSentence] {
    var reader = TaggedReader(format, path: path)
    var sentences: [TaggedSentence] = []
    var sentence = TaggedSentence(words: [], source: path)
    func end() {
      guard !sentence.words.isEmpty else { return }
      sentences.append(sentence)
      sentence = TaggedSentence(words: [], source: path)
    }
    for line in TextLines(text) {
      switch try reader.read(line.bytes, number: line.number) {
      case .sentence(let words):
        let lines = words.map { _ in line.number }
        sentences.append(TaggedSentence(words: words, source: path, lines: lines))
      case .word(let word, let tag):
        sentence.words.append(word)
        sentence.lines.append(line.number)
        if let tag { sentence.tags.append(tag) }
      case .end: end()
      case .nothing: continue
      }
    }
    end()
    guard sentences.contains(where: { !$0.words.isEmpty }) else {
      throw RecurrentError(.invalidData, "has no sentences", at: path, remedy: "give a file with a word a line")
    }
    return sentences
  }
}

/// Reads the lines of one file.
private struct TaggedReader {
  enum Line {
    case word(String, tag: String?)
    case sentence([String])
    case end
    case nothing
  }

  private let format: TaggedFormat
  private let path: String
  /// How many columns the first word has, and in which line it stands.
  private var first: (columns: Int, line: Int)?

  init(_ format: TaggedFormat, path: String) { (self.format, self.path) = (format, path) }

  mutating func read(_ line: ArraySlice<UInt8>, number: Int) throws -> Line {
    guard format == .sentences || line.contains(where: { !$0.isBlankOrTab }) else { return .end }
    let place = "\(path), line \(number)"
    switch format {
    case .columns(let word, let tag, let comments):
      if comments, line.first == UInt8(ascii: "#") { return .nothing }
      if line.starts(with: "-DOCSTART-".utf8) { return .end }
      let columns = line.contains(.tab) ? line.split(.tab) : line.words
      try require(columns.count, number, at: place)
      let tagColumn: Int? =
        switch tag {
        case .last: columns.count
        case .number(let number): number
        case .unread: nil
        }
      if tagColumn == word {
        throw RecurrentError(
          .invalidData, "has no column for a tag beside its word", at: place,
          remedy: "give each word a tag, after a tab or a blank, or name the columns by number")
      }
      return try .word(
        text(word, of: columns, "word", place), tag: tagColumn.map { try text($0, of: columns, "tag", place) })
    case .conllu(let part):
      if line.first == UInt8(ascii: "#") { return .nothing }
      let columns = line.split(.tab)
      guard columns.count == 10 else {
        throw RecurrentError(
          .invalidData, "has \(columns.count.columns), CoNLL-U has 10", at: place,
          remedy: "part them by tabs, or read the file as columns")
      }
      guard try isWord(columns[0], at: place) else { return .nothing }
      return try .word(
        text(2, of: columns, "word", place), tag: text(part == .upos ? 4 : 5, of: columns, "tag", place))
    case .sentences: return .sentence(line.words.map { String(decoding: $0, as: UTF8.self) })
    }
  }

  private mutating func require(_ count: Int, _ line: Int, at place: String) throws {
    let first = first ?? (count, line)
    guard count == first.columns else {
      throw RecurrentError(
        .invalidData, "has \(count.columns), line \(first.line) has \(first.columns)", at: place,
        remedy: "give every word all columns"
          + (format.isTagged ? "" : ", or take each line as a sentence (--sentences)"))
    }
    self.first = first
  }

  private func text(_ number: Int, of columns: [ArraySlice<UInt8>], _ what: String, _ place: String) throws -> String {
    guard (1...columns.count).contains(number) else {
      throw RecurrentError(
        .invalidData, "has \(columns.count.columns), no number \(number) for the \(what)", at: place,
        remedy: "name another column, from 1")
    }
    let text = String(example: columns[number - 1])
    guard !text.isEmpty else {
      throw RecurrentError(.invalidData, "has an empty \(what)", at: place, remedy: "fill it in, or take the line out")
    }
    return text
  }

  /// Whether CoNLL-U's number is a word's, not that of a range of words or of an empty node.
  private func isWord(_ number: ArraySlice<UInt8>, at place: String) throws -> Bool {
    let parts = number.split(omittingEmptySubsequences: false) { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    let areNumbers = parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { (48...57).contains($0) } }
    guard areNumbers, parts.count <= 2 else {
      throw RecurrentError(
        .invalidData, "begins with \"\(String(decoding: number, as: UTF8.self).shown)\", which numbers no word",
        at: place, remedy: "begin it with 1, 1-2 or 1.1 as CoNLL-U has it, or with # if it is a comment")
    }
    return parts.count == 1
  }
}

extension TaggedFormat {
  /// Whether tags are read.
  fileprivate var isTagged: Bool {
    switch self {
    case .columns(_, let tag, _): tag != .unread
    case .conllu: true
    case .sentences: false
    }
  }
}

extension ArraySlice<UInt8> {
  /// What blanks and tabs part.
  var words: [ArraySlice<UInt8>] { split(whereSeparator: \.isBlankOrTab) }

  /// All columns, also those with nothing in them.
  fileprivate func split(_ separator: UInt8) -> [ArraySlice<UInt8>] {
    split(separator: separator, omittingEmptySubsequences: false)
  }
}

extension Int {
  /// `1 column`, `2 columns`.
  var columns: String { "\(grouped) column\(self == 1 ? "" : "s")" }
}
