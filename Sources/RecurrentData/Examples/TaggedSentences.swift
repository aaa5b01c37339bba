import RecurrentCore

/// Reads sentences of tagged words. Lines end with `\n`, `\r\n` or `\r`; a line of spaces is an empty one; files whose
/// names end in `.gz` are unpacked.
public enum TaggedSentences {
  /// The content of a file.
  package struct Contents: Sendable {
    /// The sentences, in their order.
    package var sentences: [TaggedSentence]
    /// The storage format, with the header that was detected.
    package var format: TaggedFormat
    /// Notes on guesses, one sentence each: that the first line is a header.
    package var notes: [String] = []
  }

  /// The sentences of a file, in their order.
  /// - Parameters:
  ///   - path: The file.
  ///   - format: The storage format; nil to derive it from the name.
  /// - Throws: As `contents`.
  public static func read(_ path: String, format: TaggedFormat? = nil) throws -> [TaggedSentence] {
    try contents(of: path, format: format).sentences
  }

  /// The sentences of a file, with their format and notes.
  /// - Parameters:
  ///   - path: The file.
  ///   - format: The storage format; nil to derive it from the name.
  /// - Throws: `RecurrentError.invalidData` with file and line: for a line with another number of columns than the
  ///   first, a missing word or tag, a file without sentences, and files that are damaged or not UTF-8 text.
  package static func contents(of path: String, format: TaggedFormat? = nil) throws -> Contents {
    try parse(Files.readText(path, limit: .examples), from: path, format ?? TaggedFormat(of: path))
  }

  /// The sentences of the text of a file.
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
      throw RecurrentError(.invalidData, "contains no sentences", at: path, remedy: "use a file with one word per line")
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

  /// The names in a header: a first word may be `word`, but then its tag is not `tag`.
  private static let headerNames = [
    ["word", "words", "token", "form"], ["tag", "tags", "pos", "upos", "xpos", "ner", "chunk", "label"],
  ]

  /// The format, with the header once the first candidate line was read.
  private(set) var format: TaggedFormat
  /// Notes on guesses.
  private(set) var notes: [String] = []
  private let path: String
  /// The given column delimiter.
  private let delimiter: UInt8?
  /// The number of columns of the first line that is not skipped, and its number.
  private var first: (columns: Int, line: Int)?

  /// - Throws: `RecurrentError.invalidArgument` if the delimiter of the format is not allowed.
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
      // Several spaces may separate columns.
      let columns = line.split(separator: separator, omittingEmptySubsequences: separator == .blank)
      let isFirst = first == nil
      try require(columns.count, number, at: place)
      if isFirst {
        let (hasHeader, note) = layout.header(
          of: columns.map(String.init(example:)), names: Self.headerNames, line: number, of: path)
        // A first line of data is the normal case, without a note.
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
            .invalidArgument, "word and tag columns are the same, \(word)", at: path,
            remedy: "give two different columns")
        }
        throw RecurrentError(
          .invalidData, "has no tag column", at: place,
          remedy:
            "add a tag after each word, separated by a tab or a space, or give the delimiter and the column numbers")
      }
      return try .word(
        text(word, of: columns, "word", place), tag: tagColumn.map { try text($0, of: columns, "tag", place) })
    case .conllu(let part):
      if line.first == UInt8(ascii: "#") { return .nothing }
      let columns = line.split(separator: .tab, omittingEmptySubsequences: false)
      guard columns.count == 10 else {
        throw RecurrentError(
          .invalidData, "has \(columns.count.counted("column")), CoNLL-U has 10", at: place,
          remedy: "separate them by tabs, or read the file as columns")
      }
      guard try isWord(columns[0], at: place) else { return .nothing }
      return try .word(
        text(2, of: columns, "word", place), tag: text(part == .upos ? 4 : 5, of: columns, "tag", place))
    case .sentences: return .sentence(line.words.map { String(decoding: $0, as: UTF8.self) })
    }
  }

  private mutating func require(_ count: Int, _ line: Int, at location: String) throws {
    let first = first ?? (count, line)
    guard count == first.columns else {
      throw RecurrentError(
        .invalidData, "has \(count.counted("column")), line \(first.line) has \(first.columns)", at: location,
        remedy: "every line needs all columns"
          + (format.isTagged ? "" : ", or read each line as a sentence (`sentences`)"))
    }
    self.first = first
  }

  private func text(_ number: Int, of columns: [ArraySlice<UInt8>], _ what: String, _ location: String) throws -> String
  {
    guard (1...columns.count).contains(number) else {
      throw RecurrentError(
        .invalidData, "has \(columns.count.counted("column")), but the \(what) column is \(number)", at: location,
        remedy: "give another column, from 1")
    }
    let text = String(example: columns[number - 1])
    guard !text.isEmpty else {
      throw RecurrentError(.invalidData, "has an empty \(what)", at: location, remedy: "add it, or remove the line")
    }
    return text
  }

  /// Whether a CoNLL-U ID is that of a word, not of a multiword token or an empty node.
  private func isWord(_ number: ArraySlice<UInt8>, at location: String) throws -> Bool {
    let parts = number.split(omittingEmptySubsequences: false) { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    let areNumbers = parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { (48...57).contains($0) } }
    guard areNumbers, parts.count <= 2 else {
      throw RecurrentError(
        .invalidData, "begins with \"\(String(decoding: number, as: UTF8.self).shown)\", which is not a CoNLL-U ID",
        at: location, remedy: "use an ID such as 1, 1-2 or 1.1, or # for a comment")
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
  /// The parts between spaces and tabs.
  var words: [ArraySlice<UInt8>] { split(whereSeparator: \.isBlankOrTab) }
}
