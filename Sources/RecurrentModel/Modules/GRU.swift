/// Layers of gated recurrent units (Cho et al. 2014), as `torch.nn.GRU`.
///
/// `[T, N, input] → [T, N, D·hidden]`, D directions. See `RecurrentStack` for states, lengths and resets.
public final class GRU: RecurrentStack {
  /// Layers with weights of their own.
  /// - Parameters:
  ///   - input: The features of an input.
  ///   - hidden: The hidden units of each layer and direction.
  ///   - layers: How many lie on top of each other.
  ///   - convention: Where the reset gate applies; PyTorch's is `resetAfter`.
  ///   - dropout: The share of each layer's output, but the last one's, that is dropped in training: one layer drops nothing.
  ///   - bidirectional: Whether each layer also runs from the last step to the first.
  ///   - bias: Which biases there are: both, as PyTorch; one, as Keras; or none.
  ///   - batchFirst: Whether sequences come and go as `[N, T, …]`.
  ///   - initialization: How the parameters start; nil for PyTorch's default.
  /// - Throws: `RecurrentError.invalidArgument` if a size is not positive, or the dropout not in `0 ..< 1`.
  public init(
    input: Int, hidden: Int, layers: Int = 1, convention: GRUConvention = .resetAfter, dropout: Float = 0,
    bidirectional: Bool = false, bias: CellBias = .both, batchFirst: Bool = false,
    initialization: RecurrentInitialization? = nil
  ) throws {
    try super.init(
      .gru(convention), input: input, hidden: hidden, layers: layers, dropout: dropout, bidirectional: bidirectional,
      bias: bias,
      batchFirst: batchFirst, initialization: initialization)
  }
}
