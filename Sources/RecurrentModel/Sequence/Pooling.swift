/// The reduction of a sequence of states to one vector. T steps, batch size N, F features.
public enum Pooling: String, CaseIterable, Hashable, Sendable {
  /// The last layer's final state, of each direction: forward after a row's last step, reversed after its first.
  case last
  /// The mean over the valid steps.
  case mean
  /// The maximum of each feature over the valid steps.
  case max
  /// A weighted mean with learned weights: `AttentionPooling`.
  case attention
}

/// A weighted mean over time, `[T, N, F] → [N, F]`: `Σ αₜ hₜ` with `α = softmax(v · tanh(W hₜ + b))` over the valid
/// steps (Yang et al. 2016). Parameters: `projection.weight [F, F]`, `projection.bias`, `query.weight [1, F]`.
public final class AttentionPooling: Module {
  /// The projection W with bias b.
  public let projection: Dense
  /// The query vector v.
  public let query: Dense

  /// A layer for F features.
  /// - Throws: `RecurrentError.invalidArgument` if F is not positive.
  public init(_ features: Int) throws {
    projection = try Dense(input: features, output: features)
    query = try Dense(input: features, output: 1, bias: false)
  }

  /// The weighted means; 0 for a row of length 0.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func callAsFunction(_ x: Tensor, lengths: Lengths? = nil) throws -> Tensor {
    try x.weightedMean(weights(x, lengths: lengths))
  }

  /// The attention weights, `[N, 1, T]`: 0 past a row's length; the weights of a row sum to 1.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func weights(_ x: Tensor, lengths: Lengths? = nil) throws -> Tensor {
    try x.requireSequence(lengths, at: "AttentionPooling")
    let (steps, rows) = (x.shape[0], x.shape[1])
    let scores = try query(projection(x).tanh()).swappingLeadingAxes().reshaped([rows, 1, steps])
    return try scores.softmax(lengths: lengths)
  }

  /// `AttentionPooling(F)`.
  public var summary: String { "AttentionPooling(\(projection.weight.shape[0]))" }
}
