import RecurrentCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension ReferenceBackend {
  /// A softmax along each row.
  package func softmax(_ operation: Softmax) throws {
    let (x, y, mask) = (
      OracleMatrix(operation.x), OracleMatrix(operation.output), operation.mask.map { OracleMatrix($0) }
    )
    for row in 0..<x.rows {
      let length = operation.lengths.map { Int($0.start[row / operation.rowsPerLength]) } ?? x.columns
      let kept = (0..<x.columns).filter { $0 < length && mask?[row, $0] != 0 }
      let largest = kept.map { x[row, $0] }.max() ?? 0
      let weights = kept.map { exp(x[row, $0] - largest) }
      let sum = weights.reduce(0, +)
      for column in 0..<x.columns { y[row, column] = 0 }
      for (column, weight) in zip(kept, weights) { y[row, column] = weight / sum }
    }
  }

  /// The gradient of a softmax.
  package func softmaxBackward(_ operation: SoftmaxBackward) throws {
    let (y, dy, sink) = (OracleMatrix(operation.y), OracleMatrix(operation.dy), Sink(operation.output))
    for row in 0..<y.rows {
      let sum = dot(y.row(row), dy.row(row), y.columns)
      for column in 0..<y.columns { sink.put(y[row, column] * (dy[row, column] - sum), row, column) }
    }
  }
}
