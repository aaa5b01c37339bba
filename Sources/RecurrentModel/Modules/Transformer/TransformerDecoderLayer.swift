import RecurrentCore

/// A layer of a Transformer's decoder (Vaswani et al. 2017), as `torch.nn.TransformerDecoderLayer`, time first: causal self-attention,
/// attention to the encoder's states, and a feed-forward network, each with a residual connection and layer normalization.
///
/// Parameters have PyTorch's names: `self_attn`, `multihead_attn`, `linear1`, `linear2`, `norm1`, `norm2`, `norm3`. S steps, T steps of
/// the source, batch size N, E features.
public final class TransformerDecoderLayer: Module {
  /// The self-attention.
  public let selfAttention: MultiHeadAttention
  /// The attention to the source.
  public let sourceAttention: MultiHeadAttention
  /// The normalizations of self-attention, attention to the source, and feed-forward network.
  public let norms: [LayerNorm]
  private let sublayers: TransformerSublayers

  /// A layer with new weights.
  /// - Parameters:
  ///   - features: E.
  ///   - heads: The number of heads, a divisor of the features.
  ///   - hidden: The hidden units of the feed-forward network.
  ///   - dropout: Dropout probability of the attention weights, the hidden units, and each part before it is added, in training.
  ///   - normalizesFirst: Whether a part reads normalized values; see `TransformerEncoderLayer`.
  /// - Throws: `RecurrentError.invalidArgument` if a size or the dropout is not usable.
  public init(_ features: Int, heads: Int, hidden: Int, dropout: Float = 0, normalizesFirst: Bool = true) throws {
    sublayers = try TransformerSublayers(
      features, hidden: hidden, dropout: dropout, normalizesFirst: normalizesFirst, at: "TransformerDecoderLayer")
    selfAttention = try MultiHeadAttention(features, heads: heads, dropout: dropout)
    sourceAttention = try MultiHeadAttention(features, heads: heads, dropout: dropout)
    norms = try (0..<3).map { _ in try LayerNorm(features) }
  }

  /// The parameters under PyTorch's names.
  public var members: [Member] {
    [.module("self_attn", selfAttention), .module("multihead_attn", sourceAttention)] + sublayers.members
      + norms.enumerated().map { .module("norm\($0 + 1)", $1) }
  }

  /// The result of a layer.
  public struct Output {
    /// `[S, N, E]`.
    public let x: Tensor
    /// The keys and values of all steps so far, for the steps that follow.
    public let past: AttentionMemory
    /// The weights of the attention to the source, `[N, heads, S, T]`; `[M, heads, S · N / M, T]` if M rows of the memory serve N.
    public let weights: Tensor
  }

  /// Applies the layer.
  /// - Parameters:
  ///   - x: `[S, N, E]`.
  ///   - memory: What `sourceAttention.memory(_:lengths:)` gave for the encoder's states. Its rows may be fewer than N: M rows serve the
  ///     rows `m`, `m + M`, `m + 2 M`, ….
  ///   - past: The keys and values of the steps before, which every step attends to; nil at the start.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func callAsFunction(_ x: Tensor, memory: AttentionMemory, past: AttentionMemory? = nil) throws -> Output {
    var (own, weights): (AttentionMemory?, Tensor?)
    var x = try sublayers.residual(x, norms[0]) { x in
      let all = try past.joined(to: selfAttention.memory(x))
      own = all
      return try selfAttention(x, all, mask: x.tape.causalMask(x.shape[0], of: all.keys.shape[0])).context
    }
    x = try sublayers.residual(x, norms[1]) { x in
      let attended = try sourceAttention(memory.queries(x, at: summary), memory)
      weights = attended.weights
      return try attended.context.reshaped(x.shape)
    }
    x = try sublayers.residual(x, norms[2], sublayers.feedForward)
    guard let own, let weights else { preconditionFailure("the sublayers ran") }
    return Output(x: x, past: own, weights: weights)
  }

  /// `TransformerDecoderLayer(E, heads: …)`.
  public var summary: String {
    "TransformerDecoderLayer(\(selfAttention.output.weight.shape[0]), heads: \(selfAttention.heads))"
  }
}

extension AttentionMemory? {
  /// The memory followed by further steps.
  fileprivate func joined(to next: AttentionMemory) throws -> AttentionMemory {
    guard let self else { return next }
    return try AttentionMemory(
      keys: Tensor.concatenate([self.keys, next.keys], axis: 0),
      values: Tensor.concatenate([self.values, next.values], axis: 0))
  }
}

extension Tape {
  /// The causal mask of the last `steps` of `all`, `[steps, all]`; nil for a single step, which attends to all.
  fileprivate func causalMask(_ steps: Int, of all: Int) throws -> Tensor? {
    guard steps > 1 else { return nil }
    return try steps == all ? causalMask(all) : causalMask(all).slice(all - steps..<all)
  }
}
