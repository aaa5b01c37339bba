/// A batch of sequences for a language model, on the host. T steps, N rows; all arrays are time first: element `t·N + n`.
public struct SequenceBatch: Hashable, Sendable {
  /// T·N tokens.
  public var inputs: [Int32]
  /// T·N tokens, what follows each input; a negative one counts nothing.
  public var targets: [Int32]
  /// T.
  public var steps: Int
  /// N.
  public var rows: Int
  /// How many steps of each row count, or nil for all; targets past them count nothing.
  public var lengths: [Int32]?
  /// Whether the rows go on where the last batch stopped, so that the state is carried over.
  public var continues: Bool

  /// A batch.
  public init(
    inputs: [Int32], targets: [Int32], steps: Int, rows: Int, lengths: [Int32]? = nil, continues: Bool = true
  ) {
    self.inputs = inputs
    self.targets = targets
    self.steps = steps
    self.rows = rows
    self.lengths = lengths
    self.continues = continues
  }

  /// The targets, −1 where a row is past its length.
  var countedTargets: [Int32] {
    guard let lengths, lengths.count == rows else { return targets }
    return targets.enumerated().map { $0 / rows < lengths[$0 % rows] ? $1 : -1 }
  }
}
