import RecurrentCore

extension ReferenceBackend {
  /// Layer normalization.
  package func layerNorm(_ operation: ApplyLayerNorm) throws {
    let (x, y, statistics) = (
      OracleMatrix(operation.x), OracleMatrix(operation.output), OracleMatrix(operation.statistics)
    )
    let (gain, bias) = (operation.gain.map { OracleMatrix($0) }, operation.bias.map { OracleMatrix($0) })
    for row in 0..<x.rows {
      let count = Double(x.columns)
      let mean = (0..<x.columns).reduce(0) { $0 + x[row, $1] } / count
      let variance = (0..<x.columns).reduce(0) { $0 + (x[row, $1] - mean) * (x[row, $1] - mean) } / count
      let inverse = 1 / (variance + Double(operation.epsilon)).squareRoot()
      statistics[row, 0] = mean
      statistics[row, 1] = inverse
      for column in 0..<x.columns {
        y[row, column] = (gain?[0, column] ?? 1) * (x[row, column] - mean) * inverse + (bias?[0, column] ?? 0)
      }
    }
  }

  /// The gradients of layer normalization: with `n = (x − mean) · inverse` and `dn = gain · dy`, `dx = inverse · (dn −
  /// mean(dn) − n · mean(n · dn))`.
  package func layerNormBackward(_ operation: ApplyLayerNormBackward) throws {
    let (x, dy, statistics) = (
      OracleMatrix(operation.x), OracleMatrix(operation.dy), OracleMatrix(operation.statistics)
    )
    let gain = operation.gain.map { OracleMatrix($0) }
    var (dGain, dBias) = ([Double](repeating: 0, count: x.columns), [Double](repeating: 0, count: x.columns))
    var normalized = dGain
    var dNormalized = dGain
    for row in 0..<x.rows {
      let (mean, inverse) = (statistics[row, 0], statistics[row, 1])
      for column in 0..<x.columns {
        normalized[column] = (x[row, column] - mean) * inverse
        dNormalized[column] = (gain?[0, column] ?? 1) * dy[row, column]
        dGain[column] += dy[row, column] * normalized[column]
        dBias[column] += dy[row, column]
      }
      guard let dx = operation.dx.map({ Sink($0) }) else { continue }
      let meanGradient = dNormalized.reduce(0, +) / Double(x.columns)
      let meanProduct = zip(normalized, dNormalized).reduce(0) { $0 + $1.0 * $1.1 } / Double(x.columns)
      for column in 0..<x.columns {
        dx.put(inverse * (dNormalized[column] - meanGradient - normalized[column] * meanProduct), row, column)
      }
    }
    for column in 0..<x.columns {
      operation.dGain.map { Sink($0) }?.put(dGain[column], 0, column)
      operation.dBias.map { Sink($0) }?.put(dBias[column], 0, column)
    }
  }
}
