import RecurrentCore

/// Reads sentences whose words have tags. Lines end with `\n`, `\r\n` or `\r`; a line of blanks is an empty one; a file may be
/// packed by gzip, its name ending in `.gz`.
public enum TaggedSentences {
  /// What a file holds.
  public struct Contents: Sendable {
    /// The sentences, in their order.
    public var sentences: [TaggedSentence]
    /// How they are stored, with the header that was found.
    public var format: TaggedFormat
    /// What was guessed, a sentence each: that the first line is a header.
    public var notes: [String] = []
  }

  /// The sentences of a file, in their order.
  /// - Parameters:
  ///   - path: The file.
  ///   - format: How they are stored, or nil for what the name says.
  /// - Throws: As `contents`.
  public static func read(_ path: String, format: TaggedFormat? = nil) throws -> [TaggedSentence] {
    try contents(of: path, format: format).sentences
  }

  /// The sentences of a file, and how they were found.
  /// - Parameters:
  ///   - path: The file.
  ///   - format: How they are stored, or nil for what the name says.
  /// - Throws: `RecurrentError.invalidData` that names file and line: of a word with another number of columns than the first,
  ///   without a word or a tag, of a file without sentences, and of all that is no text of UTF-8 or is damaged.
  public static func contents(of path: String, format: TaggedFormat? = nil) throws -> Contents {
    try parse(Files.readText(path, limit: .examples), from: path, format ?? TaggedFormat(of: path))
  }

  /// The contents of a file's text.
  package static func parse(_ text: String, from path: String, _ format: TaggedFormat) throws -> Contents {
    var reader = try TaggedReader(format, path: path)
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
    return Contents(sentences: sentences, format: reader.format, notes: reader.notes)
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

  /// What a header has: a first word may be `word`, but then its tag is not `tag`.
  private static let headerNames = [
    ["word", "words", "token", "form"], ["tag", "tags", "pos", "upos", "xpos", "ner", "chunk", "label"],
  ]

  /// With the header, once a line was read that may be one.
  private(set) var format: TaggedFormat
  /// What was guessed.
  private(set) var notes: [String] = []
  private let path: String
  /// What separates columns, if it is given.
  private let delimiter: UInt8?
  /// How many columns the first line has that is not passed over, and its number.
  private var first: (columns: Int, line: Int)?

  /// - Throws: `RecurrentError.invalidArgument` if the format gives a delimiter that cannot be one.
  init(_ format: TaggedFormat, path: String) throws {
    (self.format, self.path) = (format, path)
    if case .columns(_, _, _, let layout) = format {
      delimiter = try layout.givenDelimiter(at: path)
    } else {
      delimiter = nil
    }
  }

  mutating func read(_ line: ArraySlice<UInt8>, number: Int) throws -> Line {
    guard format == .sentences || line.contains(where: { !$0.isBlankOrTab }) else { return .end }
    let place = "\(path), line \(number)"
    switch format {
    case .columns(let word, let tag, let comments, let layout):
      if comments, line.first == UInt8(ascii: "#") { return .nothing }
      if line.starts(with: "-DOCSTART-".utf8) { return .end }
      let separator = delimiter ?? (line.contains(.tab) ? .tab : .blank)
      // Blanks may be several.
      let columns = line.split(separator: separator, omittingEmptySubsequences: separator == .blank)
      let isFirst = first == nil
      try require(columns.count, number, at: place)
      if isFirst {
        let (hasHeader, note) = layout.header(
          of: columns.map(String.init(example:)), names: Self.headerNames, line: number, of: path)
        // That a first word is data is usual, and not said.
        if let note, hasHeader || layout.remembersHeader { notes.append(note) }
        format = .columns(
          word: word, tag: tag, comments: comments, layout: TableLayout(delimiter: layout.delimiter, header: hasHeader))
        if hasHeader { return .nothing }
      }
      let tagColumn: Int? =
        switch tag {
        case .last: columns.count
        case .number(let number): number
        case .unread: nil
        }
      if tagColumn == word {
        if case .number = tag {
          throw RecurrentError(
            .invalidArgument, "word and tag are the same column, \(word)", at: path, remedy: "number two columns")
        }
        throw RecurrentError(
          .invalidData, "has no column for a tag beside its word", at: place,
          remedy: "give each word a tag, after a tab or a blank, or the delimiter and the columns' numbers")
      }
      return try .word(
        text(word, of: columns, "word", place), tag: tagColumn.map { try text($0, of: columns, "tag", place) })
    case .conllu(let part):
      if line.first == UInt8(ascii: "#") { return .nothing }
      let columns = line.split(separator: .tab, omittingEmptySubsequences: false)
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
    case .columns(_, let tag, _, _): tag != .unread
    case .conllu: true
    case .sentences: false
    }
  }
}

extension ArraySlice<UInt8> {
  /// What blanks and tabs separate.
  var words: [ArraySlice<UInt8>] { split(whereSeparator: \.isBlankOrTab) }
}

extension Int {
  /// `1 column`, `2 columns`.
  var columns: String { "\(grouped) column\(self == 1 ? "" : "s")" }
}
