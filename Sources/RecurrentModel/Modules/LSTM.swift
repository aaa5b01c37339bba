import RecurrentCore

/// Long short-term memory layers (Hochreiter and Schmidhuber 1997; Gers et al. 2000), as `torch.nn.LSTM`.
///
/// `[T, N, input] → [T, N, D·hidden]`, D directions. See `RecurrentStack` for states, lengths and resets.
public final class LSTM: RecurrentStack {
  /// Layers with new weights.
  /// - Parameters:
  ///   - input: The number of input features.
  ///   - hidden: The number of hidden units per layer and direction.
  ///   - layers: The number of stacked layers.
  ///   - dropout: Dropout probability between layers, in training: unused with one layer.
  ///   - bidirectional: Whether each layer also runs in reverse.
  ///   - bias: The bias vectors: two, as in PyTorch; one, as in Keras; or none.
  ///   - batchFirst: Whether inputs and outputs are `[N, T, …]`.
  ///   - initialization: Initialization of the parameters; nil for PyTorch's default.
  /// - Throws: `RecurrentError.invalidArgument` if a size is not positive or the dropout is not in `0 ..< 1`.
  public init(
    input: Int, hidden: Int, layers: Int = 1, dropout: Float = 0, bidirectional: Bool = false,
    bias: CellBias = .both, batchFirst: Bool = false, initialization: RecurrentInitialization? = nil
  ) throws {
    try super.init(
      .lstm, input: input, hidden: hidden, layers: layers, dropout: dropout, bidirectional: bidirectional, bias: bias,
      batchFirst: batchFirst, initialization: initialization)
  }
}
