/// Which columns of a table have texts and labels, and how it is laid out.
public struct TableFormat: Sendable, Hashable {
  /// A column of a table.
  public enum Column: Sendable, Hashable, CustomStringConvertible {
    /// By the name that the header gives it.
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

    /// The name, unless it is a number.
    var name: String? { if case .name(let name) = self { name } else { nil } }
  }

  /// The column with the text.
  public var text: Column
  /// The column with the label, or nil for texts whose labels are not read.
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

  /// A column that only a header can tell; nil where all are given by number.
  var named: String? { text.name ?? label?.name }

  /// Whether a first line is a header, and what to say of it: where a column has a name it must be one, and nothing is said.
  func header(of firstLine: [String], line: Int, of path: String) -> (isThere: Bool, note: String?) {
    named == nil
      ? layout.header(of: firstLine, names: [["text", "label"]], line: line, of: path) : (layout.header ?? true, nil)
  }
}
