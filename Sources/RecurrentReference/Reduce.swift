import RecurrentCore

extension ReferenceBackend {
  /// A sum over rows, columns or all elements.
  package func reduce(_ operation: Reduce) throws {
    let (x, sink) = (OracleMatrix(operation.x), Sink(operation.output))
    var sums = [Double](repeating: 0, count: operation.output.region.count)
    x.forEach { row, column in
      let value = x[row, column]
      let place =
        switch operation.axis {
        case .rows: column
        case .columns: row
        case .all: 0
        }
      sums[place] += operation.function == .sum ? value : value * value
    }
    sink.matrix.forEach { sink.put(Double(operation.scale) * sums[$0 + $1], $0, $1) }
  }

  /// Maxima over time.
  package func maxOverTime(_ operation: MaxOverTime) throws {
    let (x, y, lengths) = (OracleMatrix(operation.x), OracleMatrix(operation.output), operation.lengths?.start)
    y.forEach { row, column in
      let length = lengths.map { Int($0[row]) } ?? operation.steps
      var (best, winner) = (0.0, -1)
      for step in 0..<length {
        let value = x[step * y.rows + row, column]
        if winner < 0 || value > best || value.isNaN && !best.isNaN { (best, winner) = (value, step) }
      }
      y[row, column] = best
      operation.winners.start[row * y.columns + column] = Int32(winner)
    }
  }

  /// The gradient of maxima over time.
  package func maxOverTimeBackward(_ operation: MaxOverTimeBackward) throws {
    let (dy, sink) = (OracleMatrix(operation.dy), Sink(operation.output))
    sink.matrix.forEach { place, column in
      let row = place % dy.rows
      let wins = Int(operation.winners.start[row * dy.columns + column]) == place / dy.rows
      sink.put(wins ? dy[row, column] : 0, place, column)
    }
  }

  /// Clips gradients by their global norm.
  package func clipByNorm(_ operation: ClipByNorm) throws {
    let gradients = operation.gradients.map { OracleMatrix($0) }
    var sum = 0.0
    for part in gradients { part.forEach { sum += part[$0, $1] * part[$0, $1] } }
    let norm = sum.squareRoot()
    OracleMatrix(operation.norm)[0, 0] = norm
    guard norm.isFinite else { return }
    let factor = min(1, Double(operation.maximum) / (norm + 1e-6))
    for part in gradients { part.forEach { part[$0, $1] *= factor } }
  }

  /// Checks for values that are not finite.
  package func flagNonFinite(_ operation: FlagNonFinite) throws {
    let x = OracleMatrix(operation.x)
    x.forEach { if !x[$0, $1].isFinite { operation.flag.start[0] = 1 } }
  }
}
