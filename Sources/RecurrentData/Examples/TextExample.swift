/// A text to classify.
public struct TextExample: Sendable, Hashable {
  /// The text, trimmed of white space, with `\n` as line ends.
  public var text: String
  /// The label; nil if unknown.
  public var label: String?
  /// The source, for errors: `reviews.tsv, line 7`.
  public var location: String

  /// An example.
  public init(text: String, label: String? = nil, location: String = "text") {
    self.text = text
    self.label = label
    self.location = location
  }
}

/// The storage format of labelled texts. Files whose names end in `.gz` are unpacked.
public enum TextFormat: Sendable, Hashable {
  /// A table with a column of texts and a column of labels.
  case table(TableFormat = TableFormat())
  /// A folder of subfolders, one per class, with a `.txt` file per example; or a folder of `.txt` files, one per class,
  /// with one example per line.
  case folder
  /// A file with one example per line, and optionally a second file with the label of each.
  case lines(labels: String? = nil)

  /// The format by file name: a table, a folder, or lines without labels.
  public init(of path: String) {
    if Files.isFolder(path) {
      self = .folder
    } else {
      self = TableLayout.delimiter(byNameOf: path) == nil ? .lines() : .table()
    }
  }
}
