import RecurrentCore

/// A layer of a Transformer's encoder (Vaswani et al. 2017), as `torch.nn.TransformerEncoderLayer`, time first: self-attention and a
/// feed-forward network, each with a residual connection and layer normalization.
///
/// Parameters have PyTorch's names: `self_attn`, `linear1`, `linear2`, `norm1`, `norm2`. T steps, batch size N, E features.
public final class TransformerEncoderLayer: Layer {
  /// The self-attention.
  public let attention: MultiHeadAttention
  /// The normalization of the attention.
  public let attentionNorm: LayerNorm
  /// The normalization of the feed-forward network.
  public let feedForwardNorm: LayerNorm
  private let sublayers: TransformerSublayers

  /// A layer with new weights.
  /// - Parameters:
  ///   - features: E.
  ///   - heads: The number of heads, a divisor of the features.
  ///   - hidden: The hidden units of the feed-forward network.
  ///   - dropout: Dropout probability of the attention weights, the hidden units, and each part before it is added, in training.
  ///   - normalizesFirst: Whether a part reads normalized values (PyTorch's `norm_first`), which trains without a long warm-up (Xiong
  ///     et al. 2020); otherwise the sums are normalized, as in the paper.
  /// - Throws: `RecurrentError.invalidArgument` if a size or the dropout is not usable.
  public init(_ features: Int, heads: Int, hidden: Int, dropout: Float = 0, normalizesFirst: Bool = true) throws {
    sublayers = try TransformerSublayers(
      features, hidden: hidden, dropout: dropout, normalizesFirst: normalizesFirst, at: "TransformerEncoderLayer")
    attention = try MultiHeadAttention(features, heads: heads, dropout: dropout)
    (attentionNorm, feedForwardNorm) = (try LayerNorm(features), try LayerNorm(features))
  }

  /// The hidden units of the feed-forward network.
  public var hidden: Int { sublayers.first.weight.shape[0] }

  /// The parameters under PyTorch's names.
  public var members: [Member] {
    [.module("self_attn", attention)] + sublayers.members
      + [.module("norm1", attentionNorm), .module("norm2", feedForwardNorm)]
  }

  /// Applies the layer: `[T, N, E] → [T, N, E]`.
  /// - Parameters:
  ///   - x: `[T, N, E]`.
  ///   - lengths: The number of valid steps per row; nil if all are valid. Results past them are not defined.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func callAsFunction(_ x: Tensor, lengths: Lengths? = nil) throws -> Tensor {
    let attended = try sublayers.residual(x, attentionNorm) { try attention($0, lengths: lengths).context }
    return try sublayers.residual(attended, feedForwardNorm, sublayers.feedForward)
  }

  /// Applies the layer, all steps valid: `[T, N, E] → [T, N, E]`.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func forward(_ x: Tensor) throws -> Tensor { try self(x) }

  /// `TransformerEncoderLayer(E, heads: …)`.
  public var summary: String {
    "TransformerEncoderLayer(\(attention.output.weight.shape[0]), heads: \(attention.heads))"
  }
}
