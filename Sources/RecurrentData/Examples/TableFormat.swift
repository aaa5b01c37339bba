import RecurrentCore

/// The columns of texts and labels in a table, and the table's layout.
public struct TableFormat: Sendable, Hashable {
  /// A column of a table.
  public enum Column: Sendable, Hashable, CustomStringConvertible {
    /// By its name in the header.
    case name(String)
    /// By its number, from 1.
    case number(Int)

    /// A number if the text is one, else a name.
    public init(_ text: String) { self = Int(text).map(Column.number) ?? .name(text) }

    /// The name or the number.
    public var description: String {
      switch self {
      case .name(let name): name
      case .number(let number): "\(number)"
      }
    }

    /// The name, unless it is a number.
    var name: String? { if case .name(let name) = self { name } else { nil } }
  }

  /// The column of texts.
  public var text: Column
  /// The column of labels; nil if labels are not read.
  public var label: Column?
  /// The delimiter, and whether there is a header.
  public var layout: TableLayout

  /// Columns by name or number.
  public init(
    text: Column = .name("text"), label: Column? = .name("label"), layout: TableLayout = TableLayout()
  ) {
    self.text = text
    self.label = label
    self.layout = layout
  }
}

extension TableFormat.Column {
  /// The index of the column among the names of a header, or the fields of a first row.
  /// - Throws: `RecurrentError.invalidData` if it is missing, or the name is that of several columns.
  func index(among names: [String], at location: String) throws -> Int {
    let number: Int? =
      switch self {
      case .name(let name):
        names.firstIndex(of: name) ?? Self.onlyIndex(of: name.lowercased(), in: names.map { $0.lowercased() })
      case .number(let number): (1...names.count).contains(number) ? number - 1 : nil
      }
    guard let number else {
      let remedy: String
      if case .name = self {
        remedy =
          names.count == 1
          ? "its only column is \(names[0].shown): give the `delimiter`, or use column 1"
          : "use one of \(names.map(\.shown).listed), or give columns by number if there is no header"
      } else {
        remedy = "it has \(names.count), numbered from 1"
      }
      throw RecurrentError(.invalidData, "has no column \(description.shown)", at: location, remedy: remedy)
    }
    if case .name(let name) = self, names[(number + 1)...].contains(name) {
      throw RecurrentError(
        .invalidData, "has more than one column \(name.shown)", at: location, remedy: "give columns by number")
    }
    return number
  }

  /// The index of the name if it occurs once: `Text` matches `text` if no other column does.
  private static func onlyIndex(of name: String, in names: [String]) -> Int? {
    names.count { $0 == name } == 1 ? names.firstIndex(of: name) : nil
  }
}
