/// Layers of simple recurrent units (Elman 1990), as `torch.nn.RNN`.
///
/// `[T, N, input] → [T, N, D·hidden]`, D directions. See `RecurrentStack` for states, lengths and resets.
public final class Elman: RecurrentStack {
  /// Layers with weights of their own.
  /// - Parameters:
  ///   - input: The features of an input.
  ///   - hidden: The hidden units of each layer and direction.
  ///   - layers: How many lie on top of each other.
  ///   - activation: tanh or ReLU.
  ///   - dropout: The share of each layer's output, but the last one's, that is dropped in training: one layer drops nothing.
  ///   - bidirectional: Whether each layer also runs from the last step to the first.
  ///   - bias: Which biases there are: both, as PyTorch; one, as Keras; or none.
  ///   - batchFirst: Whether sequences come and go as `[N, T, …]`.
  ///   - initialization: How the parameters start; nil for PyTorch's default.
  /// - Throws: `RecurrentError.invalidArgument` if a size is not positive, or the dropout not in `0 ..< 1`, or the activation is sigmoid.
  public init(
    input: Int, hidden: Int, layers: Int = 1, activation: Activation = .tanh, dropout: Float = 0,
    bidirectional: Bool = false, bias: CellBias = .both, batchFirst: Bool = false,
    initialization: RecurrentInitialization? = nil
  ) throws {
    guard activation != .sigmoid else {
      throw RecurrentError(
        .invalidArgument, "the activation is sigmoid", at: "Elman", remedy: "take tanh or relu, as torch.nn.RNN does")
    }
    try super.init(
      .elman(activation), input: input, hidden: hidden, layers: layers, dropout: dropout, bidirectional: bidirectional,
      bias: bias,
      batchFirst: batchFirst, initialization: initialization)
  }
}
