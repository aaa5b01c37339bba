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

  /// A column given by name, which requires a header; nil if all are given by number.
  var named: String? { text.name ?? label?.name }

  /// Whether the first line is a header, with a note if that was guessed. A column given by name requires one, without
  /// a note.
  func header(of firstLine: [String], line: Int, of path: String) -> (isThere: Bool, note: String?) {
    named == nil
      ? layout.header(of: firstLine, names: [["text", "label"]], line: line, of: path) : (layout.header ?? true, nil)
  }
}
