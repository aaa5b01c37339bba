/// Dot-product attention (Luong et al. 2015): the score of a query and a key is their product, `q · k`, or scaled, `q · k / √D`
/// (Vaswani et al. 2017). Queries and keys have the same D features; there is nothing to learn.
public final class DotAttention: Attention {
  /// Whether scores are divided by √D, which keeps the softmax from saturating where D is large.
  public let isScaled: Bool

  /// An attention for queries and keys of any number of features.
  public init(scaled: Bool = false) { isScaled = scaled }

  /// A sequence `[T, N, D]` as it is: keys and values.
  /// - Throws: `RecurrentError.shapeMismatch` if it is no such sequence, or the lengths do not fit.
  public func memory(_ states: Tensor, lengths: Lengths?) throws -> AttentionMemory {
    try AttentionMemory(keys: states, values: states, lengths: lengths)
  }

  /// `[Q, N, D] → [N, Q, T]`.
  /// - Throws: `RecurrentError.shapeMismatch` if the queries have other features than the attention takes, or other rows.
  public func scores(_ queries: Tensor, _ memory: AttentionMemory) throws -> Tensor {
    let features = memory.keys.shape.columns
    try memory.check(queries, features: features, keys: features, at: summary)
    return try queries.batchedMatmul(
      memory.keys, axes: (.middle, .middle, .first), transposesB: true,
      scale: isScaled ? 1 / Float(features).squareRoot() : 1)
  }

  /// `DotAttention()`, or `DotAttention(scaled)`.
  public var summary: String { "DotAttention(\(isScaled ? "scaled" : ""))" }
}
