import RecurrentCore

/// Simple recurrent layers (Elman 1990), as `torch.nn.RNN`.
///
/// `[T, N, input] → [T, N, D·hidden]`, D directions. See `RecurrentStack` for states, lengths and resets.
public final class Elman: RecurrentStack {
  /// Layers with new weights.
  /// - Parameters:
  ///   - input: The number of input features.
  ///   - hidden: The number of hidden units per layer and direction.
  ///   - layers: The number of stacked layers.
  ///   - activation: tanh or ReLU.
  ///   - dropout: Dropout probability between layers, in training: unused with one layer.
  ///   - bidirectional: Whether each layer also runs in reverse.
  ///   - bias: The bias vectors: two, as in PyTorch; one, as in Keras; or none.
  ///   - batchFirst: Whether inputs and outputs are `[N, T, …]`.
  ///   - initialization: Initialization of the parameters; nil for PyTorch's default.
  /// - Throws: `RecurrentError.invalidArgument` if a size is not positive, the dropout is not in `0 ..< 1`, or the
  ///   activation is sigmoid.
  public init(
    input: Int, hidden: Int, layers: Int = 1, activation: Activation = .tanh, dropout: Float = 0,
    bidirectional: Bool = false, bias: CellBias = .both, batchFirst: Bool = false,
    initialization: RecurrentInitialization? = nil
  ) throws {
    guard activation != .sigmoid else {
      throw RecurrentError(
        .invalidArgument, "the activation is sigmoid", at: "Elman", remedy: "use tanh or relu, as in torch.nn.RNN")
    }
    try super.init(
      .elman(activation), input: input, hidden: hidden, layers: layers, dropout: dropout, bidirectional: bidirectional,
      bias: bias,
      batchFirst: batchFirst, initialization: initialization)
  }
}
