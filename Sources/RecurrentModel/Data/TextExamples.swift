import RecurrentCore

/// Reads texts to classify, and their labels.
///
/// Texts and labels lose the white space around them, and a label may not be empty then. An empty text keeps its place, so that
/// what is predicted can be set beside the data; but where a folder's files have a text a line, empty lines do not count. Lines end
/// with `\n`, `\r\n` or `\r`; a byte-order mark is passed over.
public enum TextExamples {
  /// What a file or folder holds.
  public struct Contents: Sendable {
    /// The examples: those of a table or of lines in their order, those of a folder by the names of its classes and files.
    public var examples: [TextExample]
    /// How they are stored, of a table with the delimiter and the header that were found.
    public var format: TextFormat
    /// What was guessed, a sentence each: whether a table whose columns are all given by number has a header, and a delimiter
    /// that is not the one that the file's name says.
    public var notes: [String] = []
    /// What was skipped of a folder: the paths in it, those of folders with a slash at their end.
    public var skipped: [String] = []
  }

  /// The examples of a file or folder.
  /// - Parameters:
  ///   - path: The file or folder.
  ///   - format: How they are stored, or nil for what the name says.
  /// - Throws: As `contents`.
  public static func read(_ path: String, format: TextFormat? = nil) throws -> [TextExample] {
    try contents(of: path, format: format).examples
  }

  /// The examples of a file or folder, and how they were found.
  /// - Parameters:
  ///   - path: The file or folder.
  ///   - format: How they are stored, or nil for what the name says.
  /// - Throws: `RecurrentError.invalidData` that names file and line: of a row of another number of columns than the first, a
  ///   missing column, a label that is empty, texts all of which are empty, labels that are not as many as texts, a delimiter that
  ///   cannot be told, and of all that is no text of UTF-8 or is damaged.
  public static func contents(of path: String, format: TextFormat? = nil) throws -> Contents {
    let contents =
      switch format ?? TextFormat(of: path) {
      case .table(let format): try table(Files.readText(path, limit: .examples), from: path, format)
      case .folder: try folder(path)
      case .lines(let labels): Contents(examples: try lines(path, labels: labels), format: .lines(labels: labels))
      }
    guard contents.examples.contains(where: { !$0.text.isEmpty }) else { throw isEmpty(path) }
    return contents
  }

  // MARK: Tables

  /// The contents of a table's text.
  package static func table(_ text: String, from path: String, _ format: TableFormat) throws -> Contents {
    let bytes = Array(text.utf8)
    let (delimiter, note) = try format.layout.delimiter(of: bytes, from: path)
    var rows = TableRows(bytes, delimiter: delimiter, path: path)
    var fields: [TableRows.Field] = []
    guard let first = try rows.next(into: &fields) else { throw isEmpty(path) }
    let columns = fields.count
    let names = fields.map(rows.text)
    let (hasHeader, noteOfHeader) = format.header(of: names, line: first, of: path)
    if let name = format.named, !hasHeader { throw headerless(name, path) }
    let text = try place(of: format.text, among: names, at: "\(path), line \(first)")
    let label = try format.label.map { try place(of: $0, among: names, at: "\(path), line \(first)") }
    guard text != label else {
      throw RecurrentError(
        .invalidArgument, "text and label are the same column, \(format.text)", at: path, remedy: "name two columns")
    }
    var examples: [TextExample] = []
    var line = hasHeader ? try rows.next(into: &fields) : first
    while let row = line {
      let place = "\(path), line \(row)"
      guard fields.count == columns else { throw ragged(fields.count, columns, first, at: place) }
      examples.append(
        TextExample(
          text: rows.text(of: fields[text]),
          label: try label.map { try requiredLabel(rows.text(of: fields[$0]), at: place) }, place: place))
      line = try rows.next(into: &fields)
    }
    guard !examples.isEmpty else {
      throw RecurrentError(
        .invalidData, "has a header and no rows", at: path,
        remedy: "give examples; if the first line is one, number the columns and add --header no")
    }
    var found = format
    found.layout = TableLayout(delimiter: Character(Unicode.Scalar(delimiter)), header: hasHeader)
    return Contents(examples: examples, format: .table(found), notes: [note, noteOfHeader].compactMap(\.self))
  }

  private static func headerless(_ name: String, _ path: String) -> RecurrentError {
    RecurrentError(
      .invalidArgument, "has no header, so no column \(name.shown)", at: path,
      remedy: "give the columns by number, from 1 (--text-column, --label-column), or --header yes")
  }

  /// Where the name stands, if only once: `Text` is meant by `text` where no other column is.
  private static func onlyIndex(of name: String, in names: [String]) -> Int? {
    names.count { $0 == name } == 1 ? names.firstIndex(of: name) : nil
  }

  private static func place(of column: TableFormat.Column, among names: [String], at place: String) throws -> Int {
    let number: Int? =
      switch column {
      case .name(let name):
        names.firstIndex(of: name) ?? onlyIndex(of: name.lowercased(), in: names.map { $0.lowercased() })
      case .number(let number): (1...names.count).contains(number) ? number - 1 : nil
      }
    guard let number else {
      let remedy: String
      if case .name = column {
        remedy =
          names.count == 1
          ? "it has one only, \(names[0].shown): give the --delimiter, or take number 1"
          : "take one of \(names.map(\.shown).listed), or give columns by number if there is no header"
      } else {
        remedy = "it has \(names.count), which are numbered from 1"
      }
      throw RecurrentError(.invalidData, "has no column \(column.description.shown)", at: place, remedy: remedy)
    }
    if case .name(let name) = column, names[(number + 1)...].contains(name) {
      throw RecurrentError(
        .invalidData, "has more than one column \(name.shown)", at: place, remedy: "name the columns by number")
    }
    return number
  }

  private static func ragged(_ count: Int, _ columns: Int, _ first: Int, at place: String) -> RecurrentError {
    RecurrentError(
      .invalidData, "has \(count.columns), line \(first) has \(columns)", at: place,
      remedy: count > columns
        ? "put a text that has the delimiter in it in quotes (.csv), or take the delimiter out of it"
        : "give every row all columns")
  }

  // MARK: Lines

  private static func lines(_ path: String, labels: String?) throws -> [TextExample] {
    let all = lines(of: try Files.readText(path, limit: .examples), from: path)
    guard let labels else { return all.withoutEmptyEnd }
    let classes = try self.labels(of: Files.readText(labels, limit: .examples), from: labels)
    // An empty text at the end counts if it has a label.
    let texts = all.prefix(max(all.withoutEmptyEnd.count, min(all.count, classes.count)))
    guard texts.count == classes.count else {
      throw RecurrentError(
        .invalidData, "has \(classes.count.grouped) lines, \(path) has \(texts.count.grouped)", at: labels,
        remedy: "give a label for each line of text")
    }
    return zip(texts, classes).map { TextExample(text: $0.text, label: $1.text, place: $0.place) }
  }

  /// The lines of a text, the empty ones too.
  package static func lines(of text: String, from path: String) -> [TextExample] {
    TextLines(text).map { TextExample(text: String(example: $0.bytes), place: "\(path), line \($0.number)") }
  }

  /// The lines of a file of labels, none of which is empty, but for those after the last.
  package static func labels(of text: String, from path: String) throws -> [TextExample] {
    let labels = lines(of: text, from: path).withoutEmptyEnd
    guard !labels.isEmpty else { throw isEmpty(path) }
    for label in labels { _ = try requiredLabel(label.text, at: label.place) }
    return labels
  }

  // MARK: What all have

  private static func requiredLabel(_ label: String, at place: String) throws -> String {
    guard !label.isEmpty else {
      throw RecurrentError(.invalidData, "has an empty label", at: place, remedy: "fill it in")
    }
    return label
  }

  static func isEmpty(_ path: String) -> RecurrentError {
    RecurrentError(.invalidData, "is empty", at: path, remedy: "give a file with text in it")
  }
}

extension [TextExample] {
  /// Without the empty texts after the last that is not.
  fileprivate var withoutEmptyEnd: [TextExample] {
    Array(prefix((lastIndex { !$0.text.isEmpty } ?? -1) + 1))
  }
}

extension Files.Limit {
  /// Examples take their bytes several times, and strings around them.
  package static let examples = Files.Limit.memory(perByte: 10)
}
