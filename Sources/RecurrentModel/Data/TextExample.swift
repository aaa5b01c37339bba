/// A text to classify.
public struct TextExample: Sendable, Hashable {
  /// The text, without white space around it; its lines end with `\n`.
  public var text: String
  /// Its class, or nil where it is not known.
  public var label: String?
  /// Where it came from, for errors: `reviews.tsv, line 7`.
  public var place: String

  /// An example.
  public init(text: String, label: String? = nil, place: String = "text") {
    self.text = text
    self.label = label
    self.place = place
  }
}

/// How the examples of a classification are stored. Every file may be packed by gzip, its name ending in `.gz`.
public enum TextFormat: Sendable, Hashable {
  /// Rows of columns, the text in one and the label in another.
  case table(TableFormat = TableFormat())
  /// A folder of folders, one a class, with a `.txt` file for each example; or a folder of `.txt` files, one a class,
  /// with a line for each example.
  case folder
  /// A line for each example, and a second file with the label of each, or none.
  case lines(labels: String? = nil)

  /// What the name says: a table, a folder, or lines without labels.
  public init(of path: String) {
    if Files.isFolder(path) {
      self = .folder
    } else {
      self = TableLayout.delimiter(byNameOf: path) == nil ? .lines() : .table()
    }
  }
}
