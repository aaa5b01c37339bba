import RecurrentCore
import RecurrentData
import RecurrentModel

extension LanguageModel {
  /// The mean cross-entropy of a batch in nats, and the state to carry to the next.
  /// - Parameters:
  ///   - batch: The tokens, and the token after each.
  ///   - state: The state after the batch before; nil for 0.
  ///   - sampling: The sampled softmax of training steps; nil for all tokens, which evaluation always has.
  ///   - tape: The tape.
  /// - Throws: `RecurrentError` if a token is not in the vocabulary, or the state is for other rows.
  public func loss(
    of batch: SequenceBatch, carrying state: RecurrentState?, sampling: SampledSoftmax? = nil, on tape: Tape
  ) throws -> BatchLoss {
    let output = try outputs(batch.tokens(on: tape), state: batch.continues ? state : nil)
    let labels = try batch.labels(on: tape)
    let counted = try labels.counted()
    let loss =
      if let sampling, tape.mode == .training {
        try sampledCrossEntropy(
          output.outputs, labels, weight: head.weight, bias: head.bias, sampling: sampling)
      } else {
        try crossEntropy(head(output.outputs), labels)
      }
    return BatchLoss(loss, weight: Double(counted), items: counted, carrying: [output.state])
  }
}

extension Trainer where Model == LanguageModel, Batch == SequenceBatch {
  /// A trainer for a language model: cross-entropy, with the state carried from batch to batch.
  /// - Throws: `RecurrentError` if a setting is not usable or the device has no room.
  public convenience init(
    _ model: LanguageModel, optimizer: Optimizer, schedule: LearningRateSchedule = .constant, clipNorm: Float? = nil,
    clipValue: Float? = nil, accumulation: Int = 1, averaging: WeightAveraging? = nil, seed: UInt64 = 0, device: Device
  ) throws {
    try self.init(
      model, optimizer: optimizer, schedule: schedule, clipNorm: clipNorm, clipValue: clipValue,
      accumulation: accumulation, averaging: averaging, seed: seed, device: device
    ) { model, batch, carried, tape in
      try model.loss(of: batch, carrying: carried.first, on: tape)
    }
  }
}
