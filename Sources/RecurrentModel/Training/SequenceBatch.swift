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
  /// How many steps of each row count, or nil for all.
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
}

extension LanguageModel {
  /// The mean cross-entropy of a batch, and the state to carry to the next.
  public func loss(of batch: SequenceBatch, carrying state: RecurrentState?, on tape: Tape) throws -> BatchLoss {
    let tokens = try tape.tokens(batch.inputs, steps: batch.steps, rows: batch.rows, lengths: batch.lengths)
    let output = try self(tokens, state: batch.continues ? state : nil)
    let loss = try crossEntropy(output.logits, tape.labels(batch.targets))
    let counted = batch.targets.reduce(0) { $1 >= 0 ? $0 + 1 : $0 }
    return BatchLoss(loss, weight: Double(counted), carrying: [output.state])
  }
}

extension Trainer where Model == LanguageModel, Batch == SequenceBatch {
  /// A trainer for a language model: cross-entropy, the state carried from batch to batch.
  /// - Throws: `RecurrentError`.
  public convenience init(
    _ model: LanguageModel, optimizer: Optimizer, schedule: LearningRateSchedule = .constant, clipNorm: Float? = nil,
    clipValue: Float? = nil, accumulation: Int = 1, seed: UInt64 = 0, device: Device
  ) throws {
    try self.init(
      model, optimizer: optimizer, schedule: schedule, clipNorm: clipNorm, clipValue: clipValue,
      accumulation: accumulation, seed: seed, device: device
    ) { model, batch, carried, tape in
      try model.loss(of: batch, carrying: carried.first, on: tape)
    }
  }
}
