/// Additive attention's scores (Bahdanau et al. 2015): `scores[n·Q + q, t] = Σᵤ v[u] · tanh(queries[q·N + n, u] + keys[t·N + n, u])`.
///
/// Batch size N, Q queries, T keys, U units. The Q·T·N·U sums of queries and keys are never stored: the gradient
/// recomputes them.
public struct AdditiveScores {
  /// `[Q·N, U]`, time first.
  package let queries: Region
  /// `[T·N, U]`, time first.
  package let keys: Region
  /// v, `[1, U]`.
  package let vector: Region
  /// The batch size, N.
  package let batch: Int
  /// `[N·Q, T]`.
  package let output: Region

  /// The scores of queries and keys.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(queries: Region, keys: Region, vector: Region, batch: Int, into output: Region) throws {
    try requireScores(queries, keys, vector, batch, output, "additive scores")
    self.queries = queries
    self.keys = keys
    self.vector = vector
    self.batch = batch
    self.output = output
  }

  /// The floating-point operations: a sum, a product and a tanh, which counts as one, per unit.
  package var flops: Int { output.count.saturatingTimes(4 * queries.columns) }
}

/// The gradients of `AdditiveScores`.
public struct AdditiveScoresBackward {
  /// `[Q·N, U]`.
  package let queries: Region
  /// `[T·N, U]`.
  package let keys: Region
  /// `[1, U]`.
  package let vector: Region
  /// The batch size, N.
  package let batch: Int
  /// The gradient of the scores, `[N·Q, T]`. Where it is 0, the query and the key are not read.
  package let dScores: Region
  /// The gradient of the queries.
  package let dQueries: Output?
  /// The gradient of the keys.
  package let dKeys: Output?
  /// The gradient of the vector.
  package let dVector: Output?
  /// `[Q·N, U]`, scratch for each query's contribution to the gradient of the vector; nil if that is not wanted.
  package let parts: Region?

  /// The gradients of scores.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(
    queries: Region, keys: Region, vector: Region, batch: Int, dScores: Region, dQueries: Output?, dKeys: Output?,
    dVector: Output?, parts: Region?
  ) throws {
    let place = "additive scores backward"
    try requireScores(queries, keys, vector, batch, dScores, place)
    let pairs = [(dQueries?.region, queries), (dKeys?.region, keys), (dVector?.region, vector), (parts, queries)]
    try require(
      pairs.allSatisfy { gradient, own in gradient?.hasShape(own) ?? true } && (dVector == nil || parts != nil), place,
      "gradients \(pairs.map { $0.0.map(\.shape) ?? "none" })")
    self.queries = queries
    self.keys = keys
    self.vector = vector
    self.batch = batch
    self.dScores = dScores
    self.dQueries = dQueries
    self.dKeys = dKeys
    self.dVector = dVector
    self.parts = parts
  }

  /// The floating-point operations: those of the forward pass for queries and for keys, and their gradients.
  package var flops: Int { dScores.count.saturatingTimes(14 * queries.columns) }
}

private func requireScores(
  _ queries: Region, _ keys: Region, _ vector: Region, _ batch: Int, _ scores: Region, _ location: String
) throws {
  try require(
    batch > 0 && queries.rows % batch == 0 && keys.rows % batch == 0 && queries.columns == keys.columns
      && vector.rows == 1 && vector.columns == queries.columns && scores.rows == queries.rows
      && scores.columns == keys.rows / batch, location,
    "queries \(queries.shape), keys \(keys.shape), batch \(batch), vector \(vector.shape), scores \(scores.shape)"
  )
}
