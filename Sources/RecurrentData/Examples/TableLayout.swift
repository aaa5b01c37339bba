import RecurrentCore

/// The layout of a table: its delimiter, and whether its first line is a header. Nil values are detected by the same
/// rule for all tables: texts, tagged words and numbers.
public struct TableLayout: Sendable, Hashable {
  /// The ASCII column delimiter; nil to detect it: by the file name (a tab for `.tsv` and `.tab`, a comma for `.csv`
  /// and UCI's `.data`), unless only another delimiter separates the first rows.
  public var delimiter: Character?
  /// Whether the first line is a header with column names; nil to detect it: if a column is given by name, or the line
  /// contains one of the expected names.
  public var header: Bool?
  /// Whether a table of this layout may have any file name, not only `.csv` or `.tsv`.
  package var isForAnyFileName = false
  /// Whether `header` comes from the training data of the model: a note then states how the first line is read.
  package var remembersHeader = false

  /// A layout; by default everything is detected.
  public init(delimiter: Character? = nil, header: Bool? = nil) { (self.delimiter, self.header) = (delimiter, header) }

  /// Whether the first line is a header, independent of the columns that are read.
  /// - Parameters:
  ///   - names: Lists of expected column names, in lower case: a header has a name of each list.
  ///   - line: The line's number.
  ///   - path: The file.
  /// - Returns: Whether it is one; and a note if that was guessed or taken from the training data.
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
        ? "\(path): line \(line) is read as a header\(why); if it is data, add `header` no."
        : "\(path): line \(line) is read as data\(why); if it is a header, add `header` yes."
    )
  }
}

// MARK: Delimiters

extension TableLayout {
  /// The delimiters to try if the layout gives none.
  private static let candidates = [",", "\t", ";", "|"].map { UInt8(ascii: $0) }
  /// The number of rows to try.
  private static let rowsLookedAt = 100

  /// The given delimiter.
  /// - Throws: `RecurrentError.invalidArgument` if the character is not allowed.
  func givenDelimiter(at path: String) throws -> UInt8? {
    guard let delimiter else { return nil }
    guard let byte = delimiter.asciiValue, !byte.endsLine, byte != UInt8(ascii: "\"") else {
      throw RecurrentError(
        .invalidArgument, "\"\("\(delimiter)".shown)\" cannot be a delimiter", at: path,
        remedy: "use a tab, a comma or another ASCII character")
    }
    return byte
  }

  /// The delimiter of a file, given or detected.
  /// - Returns: The delimiter, and a note if it is not the one that the file name implies.
  /// - Throws: `RecurrentError.invalidArgument` if the given one is not allowed, or neither the name nor the rows
  ///   determine it.
  func delimiter(of bytes: [UInt8], from path: String) throws -> (byte: UInt8, note: String?) {
    if let given = try givenDelimiter(at: path) { return (given, nil) }
    guard let named = Self.delimiter(byNameOf: path) else {
      throw RecurrentError(
        .invalidArgument, "the file name does not determine the delimiter", at: path,
        remedy: "give it (`delimiter`), or use a name that ends in .csv or .tsv (and .gz)")
    }
    let isNamed = Self.rowsSeparated(by: named, bytes, path) > 0
    let others = Self.candidates.filter { $0 != named && Self.rowsSeparated(by: $0, bytes, path) > 1 }
    // In a .csv file the delimiter is a semicolon if a comma is the decimal separator.
    let rivals = isNamed ? [named] + others.filter { [named, $0] == [UInt8(ascii: ","), UInt8(ascii: ";")] } : others
    guard rivals.count < 2 else {
      let names = rivals.map(Self.name)
      throw RecurrentError(
        .invalidData, "\(names.joined(separator: " and ")) both split its rows into columns", at: path,
        remedy: "give the delimiter: " + names.map { "`delimiter` " + $0 }.joined(separator: " or "))
    }
    guard let other = rivals.first, other != named else { return (named, nil) }
    return (other, "\(path): the delimiter is a \(Self.name(other)), not a \(Self.name(named)).")
  }

  /// The delimiter implied by a file name; nil if it is not the name of a table.
  static func delimiter(byNameOf path: String) -> UInt8? {
    let path = path.withoutGz
    if path.hasExtension("csv") || path.hasExtension("data") { return UInt8(ascii: ",") }
    return path.hasExtension("tsv") || path.hasExtension("tab") ? .tab : nil
  }

  /// How many of the first rows a delimiter splits into the same number of columns, two or more; 0 unless it does so
  /// for all of them.
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
  /// Whether the name has this extension, case-insensitive.
  package func hasExtension(_ name: String) -> Bool { suffix(name.count + 1).lowercased() == "." + name }

  /// The name without a final `.gz`.
  var withoutGz: String { hasExtension("gz") ? String(dropLast(3)) : self }
}
