import RecurrentData
import RecurrentModel

extension GradientFlow {
  /// Measures the gradient flow through a language model, each row starting from a zero state.
  /// - Throws: As `measure(_:over:on:loss:)`.
  public static func measure(
    _ model: LanguageModel, over batches: some Sequence<SequenceBatch>, of loss: Loss = .last, on tape: Tape
  ) throws -> GradientFlow {
    try measure(model, over: batches, on: tape) { batch in
      var batch = batch
      if loss == .last {
        batch.targets = kept(batch.targets, batchSize: batch.batchSize) {
          Int(batch.lengths?[$0] ?? Int32(batch.steps)) - 1
        }
      }
      return try model.loss(of: batch, carrying: nil, on: tape).loss
    }
  }
}
