import RecurrentCore

/// How a table is laid out: which character separates its columns, and whether its first line is a header. What is nil is found
/// by one rule for all tables: of texts, of tagged words, of numbers.
public struct TableLayout: Sendable, Hashable {
  /// The ASCII character between two columns, or nil to find it: the one that the file's name says (a tab in `.tsv` and `.tab`, a
  /// comma in `.csv` and in UCI's `.data`), unless only another one separates the first rows.
  public var delimiter: Character?
  /// Whether the first line is a header, which names the columns and is no data; nil to find out: it is if a column is to be
  /// found by its name, or the line has one of the names that are looked for.
  public var header: Bool?
  /// Whether a table that is laid out so may have any name, not only one that ends in `.csv` or `.tsv`.
  package var isOfAnyName = false
  /// Whether `header` is that of another file, which the model was trained on: a line then says what the first line is read as.
  package var remembersHeader = false

  /// A layout; by default all of it is found.
  public init(delimiter: Character? = nil, header: Bool? = nil) { (self.delimiter, self.header) = (delimiter, header) }

  /// Whether a first line is a header. It does not matter which of the columns are read.
  /// - Parameters:
  ///   - names: Lists of what columns are called, in lower case: a header has a name of each list.
  ///   - line: The line's number.
  ///   - path: The file.
  /// - Returns: Whether it is one; and what to say if that was guessed, or is so because the training data had one.
  func header(
    of firstLine: [String], names: [[String]], line: Int, of path: String
  ) -> (isThere: Bool, note: String?) {
    let columns = Set(firstLine.map { $0.lowercased() })
    let looksSo = names.allSatisfy { !columns.isDisjoint(with: $0) }
    let isThere = header ?? looksSo
    guard header == nil || remembersHeader && (isThere || looksSo) else { return (isThere, nil) }
    let why = remembersHeader ? ", as in training" : ""
    return (
      isThere,
      isThere
        ? "\(path): line \(line) is read as a header\(why); if it is data, add --header no."
        : "\(path): line \(line) is read as data\(why); if it is a header, add --header yes."
    )
  }
}

// MARK: Delimiters

extension TableLayout {
  /// What may separate columns where the layout does not say it.
  private static let candidates = [",", "\t", ";", "|"].map { UInt8(ascii: $0) }
  /// How many rows are looked at.
  private static let rowsLookedAt = 100

  /// The delimiter, where it is given.
  /// - Throws: `RecurrentError.invalidArgument` if the character cannot be one.
  func givenDelimiter(at path: String) throws -> UInt8? {
    guard let delimiter else { return nil }
    guard let byte = delimiter.asciiValue, !byte.endsLine, byte != UInt8(ascii: "\"") else {
      throw RecurrentError(
        .invalidArgument, "\"\("\(delimiter)".shown)\" cannot be a delimiter", at: path,
        remedy: "take a tab, a comma or another ASCII character")
    }
    return byte
  }

  /// The delimiter of a file, given or found.
  /// - Returns: The delimiter, and what is to be said of it if it is not the one that the file's name says.
  /// - Throws: `RecurrentError.invalidArgument` if the given one cannot be one, or neither the name nor the rows say it.
  func delimiter(of bytes: [UInt8], from path: String) throws -> (byte: UInt8, note: String?) {
    if let given = try givenDelimiter(at: path) { return (given, nil) }
    guard let named = Self.delimiter(byNameOf: path) else {
      throw RecurrentError(
        .invalidArgument, "its name does not say the delimiter", at: path,
        remedy: "give it (--delimiter), or let the name end in .csv or .tsv (and .gz)")
    }
    let isNamed = Self.rowsSeparated(by: named, bytes, path) > 0
    let others = Self.candidates.filter { $0 != named && Self.rowsSeparated(by: $0, bytes, path) > 1 }
    // A semicolon is the delimiter of a .csv where a comma is the decimal separator.
    let rivals = isNamed ? [named] + others.filter { [named, $0] == [UInt8(ascii: ","), UInt8(ascii: ";")] } : others
    guard rivals.count < 2 else {
      let names = rivals.map(Self.name)
      throw RecurrentError(
        .invalidData, "\(names.joined(separator: " and ")) each separate its rows into columns", at: path,
        remedy: "give the delimiter: " + names.map { "--delimiter " + $0 }.joined(separator: " or "))
    }
    guard let other = rivals.first, other != named else { return (named, nil) }
    return (other, "\(path): the delimiter is a \(Self.name(other)), not a \(Self.name(named)).")
  }

  /// The delimiter that a file's name says, or nil if it is not that of a table.
  static func delimiter(byNameOf path: String) -> UInt8? {
    let path = path.withoutGz
    if path.hasExtension("csv") || path.hasExtension("data") { return UInt8(ascii: ",") }
    return path.hasExtension("tsv") || path.hasExtension("tab") ? .tab : nil
  }

  /// How many of the first rows a delimiter separates into the same number of columns, two or more; 0 if it does not do so with
  /// all of them.
  private static func rowsSeparated(by delimiter: UInt8, _ bytes: [UInt8], _ path: String) -> Int {
    var rows = TableRows(bytes, delimiter: delimiter, path: path)
    var fields: [TableRows.Field] = []
    var (count, columns) = (0, 0)
    do {
      while count < rowsLookedAt, try rows.next(into: &fields) != nil {
        if count == 0 { columns = fields.count }
        guard fields.count == columns, columns > 1 else { return 0 }
        count += 1
      }
    } catch {
      return 0
    }
    return count
  }

  private static func name(_ delimiter: UInt8) -> String {
    switch delimiter {
    case .tab: "tab"
    case UInt8(ascii: ","): "comma"
    case UInt8(ascii: ";"): "semicolon"
    default: "pipe"
    }
  }
}

extension String {
  /// Whether the name ends in this extension, in any case.
  package func hasExtension(_ name: String) -> Bool { suffix(name.count + 1).lowercased() == "." + name }

  /// The name without `.gz` at its end.
  var withoutGz: String { hasExtension("gz") ? String(dropLast(3)) : self }
}
