import RecurrentCore

/// The feed-forward network of a Transformer layer and its residual connections. E features, F hidden units.
struct TransformerSublayers {
  let first: Dense
  let second: Dense
  let dropout: Float
  let normalizesFirst: Bool

  /// - Throws: `RecurrentError.invalidArgument` if a size is not positive or the dropout is not in `0 ..< 1`.
  init(_ features: Int, hidden: Int, dropout: Float, normalizesFirst: Bool, at location: String) throws {
    try requireSizes([("features", features), ("hidden", hidden)], at: location)
    try requireProbability(dropout, at: location)
    first = try Dense(input: features, output: hidden)
    second = try Dense(input: hidden, output: features)
    (self.dropout, self.normalizesFirst) = (dropout, normalizesFirst)
  }

  /// `W₂ · relu(W₁ x + b₁) + b₂`, for each step.
  func feedForward(_ x: Tensor) throws -> Tensor { try second(first(x).relu().dropout(dropout)) }

  /// `x + part(norm(x))`, or `norm(x + part(x))` if the layer does not normalize first.
  func residual(_ x: Tensor, _ norm: LayerNorm, _ part: (Tensor) throws -> Tensor) throws -> Tensor {
    guard normalizesFirst else { return try norm(x + part(x).dropout(dropout)) }
    return try x + part(norm(x)).dropout(dropout)
  }

  /// The members under PyTorch's names.
  var members: [Member] { [.module("linear1", first), .module("linear2", second)] }
}
