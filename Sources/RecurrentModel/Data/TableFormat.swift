import RecurrentCore

/// Which columns of a table hold what, and what parts them.
public struct TableFormat: Sendable, Hashable {
  /// A column of a table.
  public enum Column: Sendable, Hashable, CustomStringConvertible {
    /// By the name that the first line gives it.
    case name(String)
    /// By its number, from 1.
    case number(Int)

    /// A number if that is what the text is, else a name.
    public init(_ text: String) { self = Int(text).map(Column.number) ?? .name(text) }

    /// The name or the number.
    public var description: String {
      switch self {
      case .name(let name): name
      case .number(let number): "\(number)"
      }
    }
  }

  /// The column with the text.
  public var text: Column
  /// The column with the label, or nil for texts whose labels are not read.
  public var label: Column?
  /// The ASCII character between two columns, or nil for what the file's name says: a tab in `.tsv` and `.tab`, a comma in
  /// `.csv`, and in `.data`, as the UCI repository has them.
  public var separator: Character?

  /// Columns by name or number. Where one has a name, the first line is a header and no example.
  public init(text: Column = .name("text"), label: Column? = .name("label"), separator: Character? = nil) {
    self.text = text
    self.label = label
    self.separator = separator
  }

  /// Whether the first line has the columns' names.
  var hasHeader: Bool {
    [text, label].contains { if case .name = $0 { true } else { false } }
  }

  /// What parts the columns of a file.
  /// - Throws: `RecurrentError.invalidArgument` if neither the format nor the file's name says it.
  func separator(of path: String) throws -> UInt8 {
    if let separator {
      guard let byte = separator.asciiValue, !byte.endsLine, byte != UInt8(ascii: "\"") else {
        throw RecurrentError(
          .invalidArgument, "columns cannot be parted by \"\("\(separator)".shown)\"", at: path,
          remedy: "take a tab, a comma or another mark of ASCII")
      }
      return byte
    }
    guard let separator = Self.separator(byNameOf: path) else {
      throw RecurrentError(
        .invalidArgument, "its name does not say what parts the columns", at: path,
        remedy: "say it, or let the name end in .csv or .tsv (and .gz)")
    }
    return separator
  }

  /// A tab or a comma, or nil if the name is of neither kind.
  static func separator(byNameOf path: String) -> UInt8? {
    let name = path.withoutGz.lowercased()
    if name.hasSuffix(".csv") || name.hasSuffix(".data") { return UInt8(ascii: ",") }
    return name.hasSuffix(".tsv") || name.hasSuffix(".tab") ? .tab : nil
  }
}

extension String {
  /// The name without `.gz` at its end.
  var withoutGz: String { hasSuffix(".gz") ? String(dropLast(3)) : self }
}
