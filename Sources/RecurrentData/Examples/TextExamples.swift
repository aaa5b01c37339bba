import RecurrentCore

/// Reads texts and their labels for classification.
///
/// Texts and labels are trimmed of white space; a label must not be empty. An empty text keeps its place, so that
/// predictions stay aligned with the data; but in folders with one text per line, empty lines are ignored. Lines end
/// with `\n`, `\r\n` or `\r`; a byte-order mark is skipped.
public enum TextExamples {
  /// The content of a file or folder.
  package struct Contents: Sendable {
    /// The examples: of a table or of lines in their order, of a folder by class and file name.
    package var examples: [TextExample]
    /// The storage format, for a table with the delimiter and header that were detected.
    package var format: TextFormat
    /// Notes on guesses, one sentence each: whether a table whose columns are given by number has a header, and a
    /// delimiter that differs from the one implied by the file name.
    package var notes: [String] = []
    /// The skipped paths of a folder; folders end with a slash.
    package var skipped: [String] = []
  }

  /// The examples of a file or folder.
  /// - Parameters:
  ///   - path: The file or folder.
  ///   - format: The storage format; nil to derive it from the name.
  /// - Throws: As `contents`.
  public static func read(_ path: String, format: TextFormat? = nil) throws -> [TextExample] {
    try contents(of: path, format: format).examples
  }

  /// The examples of a file or folder, with their format and notes.
  /// - Parameters:
  ///   - path: The file or folder.
  ///   - format: The storage format; nil to derive it from the name.
  /// - Throws: `RecurrentError.invalidData` with file and line: for a row with another number of columns than the
  ///   first, a missing column, an empty label, only empty texts, different numbers of labels and texts, an ambiguous
  ///   delimiter, and files that are damaged or not UTF-8 text.
  package static func contents(of path: String, format: TextFormat? = nil) throws -> Contents {
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

  /// The examples of the text of a table.
  package static func table(_ text: String, from path: String, _ format: TableFormat) throws -> Contents {
    var columns = [(role: "text", column: format.text)]
    if let label = format.label { columns.append(("label", label)) }
    var examples: [TextExample] = []
    let found = try TableColumns(columns: columns, layout: format.layout, headerNames: [["text", "label"]])
      .forEach(in: text, from: path) { texts, location in
        let label = texts.count > 1 ? try requiredLabel(texts[1], at: location) : nil
        examples.append(TextExample(text: texts[0], label: label, location: location))
      }
    var format = format
    format.layout = found.layout
    return Contents(
      examples: examples, format: .table(format), notes: [found.noteOfDelimiter, found.noteOfHeader].compactMap(\.self))
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
        .invalidData, "has \(classes.count.counted("line")), but \(path) has \(texts.count.grouped)", at: labels,
        remedy: "give one label per line of text")
    }
    return zip(texts, classes).map { TextExample(text: $0.text, label: $1.text, location: $0.location) }
  }

  /// The lines of a text, including empty ones.
  package static func lines(of text: String, from path: String) -> [TextExample] {
    TextLines(text).map { TextExample(text: String(example: $0.bytes), location: "\(path), line \($0.number)") }
  }

  /// The lines of a label file, none of which may be empty, except trailing ones.
  package static func labels(of text: String, from path: String) throws -> [TextExample] {
    let labels = lines(of: text, from: path).withoutEmptyEnd
    guard !labels.isEmpty else { throw isEmpty(path) }
    for label in labels { _ = try requiredLabel(label.text, at: label.location) }
    return labels
  }

  // MARK: Common checks

  private static func requiredLabel(_ label: String, at location: String) throws -> String {
    guard !label.isEmpty else {
      throw RecurrentError(.invalidData, "has an empty label", at: location, remedy: "add the label")
    }
    return label
  }

  static func isEmpty(_ path: String) -> RecurrentError {
    RecurrentError(.invalidData, "is empty", at: path, remedy: "use a file with text")
  }
}

extension [TextExample] {
  /// Without trailing empty texts.
  var withoutEmptyEnd: [TextExample] {
    Array(prefix((lastIndex { !$0.text.isEmpty } ?? -1) + 1))
  }
}

extension Files.Limit {
  /// Memory per byte of input: the bytes are held several times, as strings and in examples.
  package static let examples = Files.Limit.memory(perByte: 10)
}
