/// Predicts one or more numbers from a sequence of feature vectors: recurrent layers, and a dense layer on their final
/// states. T steps, batch size N.
///
/// Parameter names are those of a PyTorch module with the members `rnn` and `head`.
public final class SequenceRegressor: Module {
  /// The recurrent layers.
  public let rnn: RecurrentStack
  /// The output layer: `[N, outputs of rnn] → [N, outputs]`.
  public let head: Dense

  /// A model of recurrent layers, time first.
  /// - Throws: `RecurrentError.invalidArgument` if the layers are batch first or `outputs` is not positive.
  public init(rnn: RecurrentStack, outputs: Int = 1) throws {
    try rnn.requireReading(rnn.inputSize, at: "SequenceRegressor")
    self.rnn = rnn
    head = try Dense(input: rnn.outputSize, output: outputs)
  }

  /// `[T, N, features] → [N, outputs]`.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func callAsFunction(_ x: Tensor, lengths: Lengths? = nil) throws -> Tensor {
    try head(rnn(x, lengths: lengths).finalOutput())
  }
}
