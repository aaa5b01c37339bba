import RecurrentCore

/// Gated recurrent unit layers (Cho et al. 2014), as `torch.nn.GRU`.
///
/// `[T, N, input] → [T, N, D·hidden]`, D directions. See `RecurrentStack` for states, lengths and resets.
public final class GRU: RecurrentStack {
  /// Layers with new weights.
  /// - Parameters:
  ///   - input: The number of input features.
  ///   - hidden: The number of hidden units per layer and direction.
  ///   - layers: The number of stacked layers.
  ///   - convention: Where the reset gate is applied; `resetAfter` in PyTorch.
  ///   - dropout: Dropout probability between layers, in training: unused with one layer.
  ///   - bidirectional: Whether each layer also runs in reverse.
  ///   - bias: The bias vectors: two, as in PyTorch; one, as in Keras; or none.
  ///   - batchFirst: Whether inputs and outputs are `[N, T, …]`.
  ///   - initialization: Initialization of the parameters; nil for PyTorch's default.
  /// - Throws: `RecurrentError.invalidArgument` if a size is not positive or the dropout is not in `0 ..< 1`.
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
