/// A source and its target: a sentence and its translation, a word and its phonemes, a line and the reply.
public struct TextPair: Sendable, Hashable {
  /// The source, trimmed of white space.
  public var source: String
  /// The target, trimmed of white space.
  public var target: String
  /// Where the source is from, for errors: `train.de, line 7`.
  public var location: String
  /// Where the target is from: `train.en, line 7`.
  public var targetLocation: String

  /// A pair.
  /// - Parameters:
  ///   - source: The source.
  ///   - target: The target.
  ///   - location: Where the source is from, for errors.
  ///   - targetLocation: Where the target is from; nil if it is from the source's location.
  public init(source: String, target: String, location: String = "pair", targetLocation: String? = nil) {
    self.source = source
    self.target = target
    self.location = location
    self.targetLocation = targetLocation ?? location
  }
}

/// The columns of sources and targets in a table, and the table's layout.
public struct PairFormat: Sendable, Hashable {
  /// The column of sources.
  public var source: TableFormat.Column
  /// The column of targets.
  public var target: TableFormat.Column
  /// The delimiter, a tab unless the file name implies another one; and whether there is a header.
  public var layout: TableLayout

  /// Columns by name or number.
  public init(
    source: TableFormat.Column = .number(1), target: TableFormat.Column = .number(2),
    layout: TableLayout = TableLayout()
  ) {
    self.source = source
    self.target = target
    self.layout = layout
  }
}
