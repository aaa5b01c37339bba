import RecurrentCore

/// Additive attention (Bahdanau et al. 2015): the score of a query and a state is `v · tanh(W q + U s + b)`. Parameters:
/// `query.weight [units, D]`, `key.weight [units, V]`, `key.bias [units]`, `score.weight [1, units]`.
///
/// The `Q · T · N · units` values of `W q + U s` are never stored: scores and gradients are one operation each.
public final class AdditiveAttention: Attention {
  /// The query projection W, `[units, D]`.
  public let query: Dense
  /// The key projection U with its bias b, `[units, V]`.
  public let key: Dense
  /// The score vector v, `[1, units]`.
  public let score: Dense

  /// An attention with new weights.
  /// - Parameters:
  ///   - query: D, the number of query features.
  ///   - memory: V, the number of features of the memory.
  ///   - units: The number of hidden units of the score.
  /// - Throws: `RecurrentError.invalidArgument` if a size is not positive.
  public init(query: Int, memory: Int, units: Int) throws {
    try requireSizes([("query", query), ("memory", memory), ("units", units)], at: "AdditiveAttention")
    self.query = try Dense(input: query, output: units, bias: false)
    key = try Dense(input: memory, output: units)
    score = try Dense(input: units, output: 1, bias: false)
  }

  /// Projects a sequence `[T, N, V]` once, to keys `[T, N, units]`.
  /// - Throws: `RecurrentError.shapeMismatch` unless it is such a sequence with matching lengths.
  public func memory(_ states: Tensor, lengths: Lengths?) throws -> AttentionMemory {
    try requireMemory(states, features: key.weight.shape[1])
    return try AttentionMemory(keys: key(states), values: states, lengths: lengths)
  }

  /// The scores: `[Q, N, D] → [N, Q, T]`.
  /// - Throws: `RecurrentError.shapeMismatch` if the features or rows of the queries do not match.
  public func scores(_ queries: Tensor, _ memory: AttentionMemory) throws -> Tensor {
    try memory.check(queries, features: query.weight.shape[1], keys: key.weight.shape[0], at: summary)
    return try query(queries).additiveScores(memory.keys, score.weight.tensor(on: queries.tape))
  }

  /// `AdditiveAttention(D, V, units: …)`.
  public var summary: String {
    "AdditiveAttention(\(query.weight.shape[1]), \(key.weight.shape[1]), units: \(key.weight.shape[0]))"
  }
}

extension Tensor {
  /// `v · tanh(q + k)` of queries `[Q, N, U]` and keys `[T, N, U]` with v `[1, U]`: `[N, Q, T]`.
  /// - Throws: `RecurrentError.shapeMismatch`.
  fileprivate func additiveScores(_ keys: Tensor, _ vector: Tensor) throws -> Tensor {
    let (steps, rows, count) = (keys.shape[0], keys.shape[1], shape[0])
    let (q, k, v) = (region, keys.region, vector.region)
    guard rows > 0 else { return try tape.full([rows, count, steps], 0) }
    let result = try tape.allocate(rows: rows * count, columns: steps)
    try tape.backend.additiveScores(AdditiveScores(queries: q, keys: k, vector: v, batch: rows, into: result))
    return try tape.recordWriting(result, shape: [rows, count, steps], from: [self, keys, vector]) {
      tape, dy, outputs in
      try tape.backend.additiveScoresBackward(
        AdditiveScoresBackward(
          queries: q, keys: k, vector: v, batch: rows, dScores: dy, dQueries: outputs[0], dKeys: outputs[1],
          dVector: outputs[2],
          parts: outputs[2] == nil ? nil : tape.allocate(rows: q.rows, columns: q.columns)))
    }
  }
}
