import RecurrentCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension ReferenceBackend {
  /// The scores of all queries and keys.
  package func additiveScores(_ operation: AdditiveScores) throws {
    let (queries, keys, vector) = (
      OracleMatrix(operation.queries), OracleMatrix(operation.keys), OracleMatrix(operation.vector)
    )
    let (out, batch) = (OracleMatrix(operation.output), operation.batch)
    let count = queries.rows / batch
    out.forEach { row, t in
      let (query, key) = (row % count * batch + row / count, t * batch + row / count)
      out[row, t] = (0..<vector.columns).reduce(0) { $0 + vector[0, $1] * tanh(queries[query, $1] + keys[key, $1]) }
    }
  }

  /// The gradients, by definition.
  package func additiveScoresBackward(_ operation: AdditiveScoresBackward) throws {
    let (queries, keys, vector) = (
      OracleMatrix(operation.queries), OracleMatrix(operation.keys), OracleMatrix(operation.vector)
    )
    let (scores, batch, units) = (OracleMatrix(operation.dScores), operation.batch, operation.vector.columns)
    let count = queries.rows / batch
    var dQueries = [Double](repeating: 0, count: queries.rows * units)
    var dKeys = [Double](repeating: 0, count: keys.rows * units)
    var dVector = [Double](repeating: 0, count: units)
    scores.forEach { row, t in
      let (query, key) = (row % count * batch + row / count, t * batch + row / count)
      guard scores[row, t] != 0 else { return }
      for unit in 0..<units {
        let value = tanh(queries[query, unit] + keys[key, unit])
        let slope = scores[row, t] * vector[0, unit] * (1 - value * value)
        dQueries[query * units + unit] += slope
        dKeys[key * units + unit] += slope
        dVector[unit] += scores[row, t] * value
      }
    }
    for (output, sums) in [(operation.dQueries, dQueries), (operation.dKeys, dKeys), (operation.dVector, dVector)] {
      guard let sink = output.map({ Sink($0) }) else { continue }
      sink.matrix.forEach { row, column in sink.put(sums[row * units + column], row, column) }
    }
  }
}
