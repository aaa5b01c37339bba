import Kernels
import RecurrentCore

extension CPUBackend {
  /// The scores of one query with all keys at a time.
  package func additiveScores(_ operation: AdditiveScores) throws {
    let (queries, keys) = (try Matrix(operation.queries), try Matrix(operation.keys))
    let (vector, out, batch) = (try Matrix(operation.vector), try Matrix(operation.output), operation.batch)
    let count = queries.rows / batch
    eachRow(out.rows, out.columns * queries.columns) { row in
      let (n, q) = (row / count, row % count)
      kernels.additiveScores(
        queries.row(q * batch + n), keys.row(n), batch * keys.stride, out.columns, vector.data, out.row(row),
        queries.columns)
    }
  }

  /// The gradients of queries and keys, computed separately.
  package func additiveScoresBackward(_ operation: AdditiveScoresBackward) throws {
    let (queries, keys) = (try Matrix(operation.queries), try Matrix(operation.keys))
    let (vector, scores, batch) = (try Matrix(operation.vector), try Matrix(operation.dScores), operation.batch)
    let (queryCount, keyCount, units) = (queries.rows / batch, keys.rows / batch, queries.columns)
    if operation.dQueries != nil || operation.dVector != nil {
      let out = try operation.dQueries.map { try Matrix($0.region) }
      let (adds, parts) = (operation.dQueries?.flag ?? 0, try operation.parts.map(Matrix.init))
      eachRow(queries.rows, keyCount * units) { row in
        kernels.additiveSlopes(
          queries.row(row), keys.row(row % batch), batch * keys.stride,
          scores.row(row % batch * queryCount + row / batch), 1, keyCount, vector.data, out?.row(row), adds,
          parts?.row(row), units)
      }
    }
    if let output = operation.dVector, let parts = operation.parts {
      try reduce(Reduce(over: .rows, parts, into: output))
    }
    guard let output = operation.dKeys else { return }
    let out = try Matrix(output.region)
    eachRow(keys.rows, queryCount * units) { row in
      kernels.additiveSlopes(
        keys.row(row), queries.row(row % batch), batch * queries.stride,
        scores.row(row % batch * queryCount) + row / batch, scores.stride, queryCount, vector.data, out.row(row),
        output.flag, nil, units)
    }
  }
}
