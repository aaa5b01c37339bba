import RecurrentCore

/// Dot-product attention (Luong et al. 2015): the score of a query and a key is their dot product, `q · k`, or scaled,
/// `q · k / √D` (Vaswani et al. 2017). Queries and keys have the same D features; there are no parameters.
public final class DotAttention: Attention {
  /// Whether scores are divided by √D, which avoids a saturated softmax for large D.
  public let isScaled: Bool

  /// An attention for any number of features.
  public init(scaled: Bool = false) { isScaled = scaled }

  /// A sequence `[T, N, D]`, unchanged, as keys and values.
  /// - Throws: `RecurrentError.shapeMismatch` unless it is such a sequence with matching lengths.
  public func memory(_ states: Tensor, lengths: Lengths?) throws -> AttentionMemory {
    try AttentionMemory(keys: states, values: states, lengths: lengths)
  }

  /// The scores: `[Q, N, D] → [N, Q, T]`.
  /// - Throws: `RecurrentError.shapeMismatch` if the features or rows of the queries do not match.
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
