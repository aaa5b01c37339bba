import RecurrentCore

/// General (multiplicative) attention (Luong et al. 2015): the score of a query and a state is `q · W s`. Parameter:
/// `projection.weight [D, V]`.
public final class GeneralAttention: Attention {
  /// The projection W of states to keys.
  public let projection: Dense

  /// An attention with new weights.
  /// - Parameters:
  ///   - query: D, the number of query features.
  ///   - memory: V, the number of features of the memory.
  /// - Throws: `RecurrentError.invalidArgument` if a size is not positive.
  public init(query: Int, memory: Int) throws {
    try requireSizes([("query", query), ("memory", memory)], at: "GeneralAttention")
    projection = try Dense(input: memory, output: query, bias: false)
  }

  /// Projects a sequence `[T, N, V]` once, to keys `[T, N, D]`.
  /// - Throws: `RecurrentError.shapeMismatch` unless it is such a sequence with matching lengths.
  public func memory(_ states: Tensor, lengths: Lengths?) throws -> AttentionMemory {
    try requireMemory(states, features: projection.weight.shape[1])
    return try AttentionMemory(keys: projection(states), values: states, lengths: lengths)
  }

  /// The scores: `[Q, N, D] → [N, Q, T]`.
  /// - Throws: `RecurrentError.shapeMismatch` if the features or rows of the queries do not match.
  public func scores(_ queries: Tensor, _ memory: AttentionMemory) throws -> Tensor {
    let features = projection.weight.shape[0]
    try memory.check(queries, features: features, keys: features, at: summary)
    return try queries.batchedMatmul(memory.keys, axes: (.middle, .middle, .first), transposesB: true)
  }

  /// `GeneralAttention(D, V)`.
  public var summary: String { "GeneralAttention(\(projection.weight.shape[0]), \(projection.weight.shape[1]))" }
}
