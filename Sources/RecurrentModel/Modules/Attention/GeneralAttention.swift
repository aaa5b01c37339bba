/// General or multiplicative attention (Luong et al. 2015): the score of a query and a state is `q · W s`. Parameter:
/// `projection.weight [D, V]`.
public final class GeneralAttention: Attention {
  /// W, which takes states to what queries are compared with.
  public let projection: Dense

  /// An attention with a weight of its own.
  /// - Parameters:
  ///   - query: D, the features of a query.
  ///   - memory: V, the features of a memory's states.
  /// - Throws: `RecurrentError.invalidArgument` if a size is not positive.
  public init(query: Int, memory: Int) throws {
    try requireSizes([("query", query), ("memory", memory)], at: "GeneralAttention")
    projection = try Dense(input: memory, output: query, bias: false)
  }

  /// A sequence `[T, N, V]`, projected once: keys `[T, N, D]`.
  /// - Throws: `RecurrentError.shapeMismatch` if it is no such sequence, or the lengths do not fit.
  public func memory(_ states: Tensor, lengths: Lengths?) throws -> AttentionMemory {
    try requireMemory(states, features: projection.weight.shape[1])
    return try AttentionMemory(keys: projection(states), values: states, lengths: lengths)
  }

  /// `[Q, N, D] → [N, Q, T]`.
  /// - Throws: `RecurrentError.shapeMismatch` if the queries have other features than the attention takes, or other rows.
  public func scores(_ queries: Tensor, _ memory: AttentionMemory) throws -> Tensor {
    let features = projection.weight.shape[0]
    try memory.check(queries, features: features, keys: features, at: summary)
    return try queries.batchedMatmul(memory.keys, axes: (.middle, .middle, .first), transposesB: true)
  }

  /// `GeneralAttention(D, V)`.
  public var summary: String { "GeneralAttention(\(projection.weight.shape[0]), \(projection.weight.shape[1]))" }
}
