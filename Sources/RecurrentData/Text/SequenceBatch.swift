/// A batch of sequences with a target for every token, on the host. T steps, batch size N.
///
/// Everything is time first: step t of row n is element `t·N + n`. Shorter rows are padded to T steps at their ends, and
/// `lengths` gives the valid steps of each. A padding token may be any token of the vocabulary, or −1; no result and
/// no gradient depends on it. Past a row's length its outputs are 0 and its state is kept. A target below 0 is ignored:
/// pass `labels(on:)` to `crossEntropy`, and what is past a length counts nothing either.
public struct SequenceBatch: Hashable, Sendable {
  /// The T·N input tokens.
  public var inputs: [Int32]
  /// The T·N targets, for a language model the token after each input; negative ones are ignored.
  public var targets: [Int32]
  /// The number of steps, T.
  public var steps: Int
  /// The batch size, N.
  public var batchSize: Int
  /// The number of valid steps of each row, nil for all; targets past them are ignored.
  public var lengths: [Int32]?
  /// Whether the rows continue those of the last batch, so that the state is carried over.
  public var continues: Bool

  /// A batch.
  public init(
    inputs: [Int32], targets: [Int32], steps: Int, batchSize: Int, lengths: [Int32]? = nil, continues: Bool = true
  ) {
    self.inputs = inputs
    self.targets = targets
    self.steps = steps
    self.batchSize = batchSize
    self.lengths = lengths
    self.continues = continues
  }

  /// The targets, −1 past the length of a row.
  public var countedTargets: [Int32] {
    guard let lengths, lengths.count == batchSize else { return targets }
    return targets.enumerated().map { $0 / batchSize < lengths[$0 % batchSize] ? $1 : -1 }
  }

  /// The number of targets that are not ignored.
  public var items: Int { countedTargets.count { $0 >= 0 } }

  /// The weight of the batch in a mean over batches: the number of targets that are not ignored.
  public var weight: Double { Double(items) }
}
