/// A batch of sequences with a target for every token, on the host. T steps, N rows.
///
/// Everything is time first: step t of row n is element `t·N + n`. Shorter rows are padded to T steps at their ends, and
/// `lengths` says how many steps of each are real. A padding token may be any token of the vocabulary, or −1; no result and
/// no gradient depends on it. Past a row's length its outputs are 0 and its state stays. A target below 0 counts nothing:
/// pass `labels(on:)` to `crossEntropy`, and what is past a length counts nothing either.
public struct SequenceBatch: Hashable, Sendable {
  /// T·N tokens.
  public var inputs: [Int32]
  /// T·N classes, for a language model the token after each input; a negative one counts nothing.
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
  public var countedTargets: [Int32] {
    guard let lengths, lengths.count == rows else { return targets }
    return targets.enumerated().map { $0 / rows < lengths[$0 % rows] ? $1 : -1 }
  }

  /// The number of targets that count.
  public var items: Int { countedTargets.count { $0 >= 0 } }

  /// What the batch weighs in a mean over batches: the number of targets that count.
  public var weight: Double { Double(items) }
}
