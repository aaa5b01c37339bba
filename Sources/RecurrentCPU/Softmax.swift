import Kernels
import RecurrentCore

extension CPUBackend {
  /// A softmax along each row.
  package func softmax(_ operation: Softmax) throws {
    let (x, out) = (try Matrix(operation.x), try Matrix(operation.output))
    let (mask, lengths) = (try operation.mask.map(Matrix.init), try operation.lengths.map(Integers.init))
    let rowsPerLength = operation.rowsPerLength
    eachRow(x.rows, x.columns) { row in
      let count = lengths.map { min(max(Int($0[row / rowsPerLength]), 0), x.columns) } ?? x.columns
      kernels.softmax(x.row(row), mask.map { UnsafePointer($0.row(row)) }, out.row(row), count)
      (out.row(row) + count).update(repeating: 0, count: x.columns - count)
    }
  }

  /// The gradient of a softmax.
  package func softmaxBackward(_ operation: SoftmaxBackward) throws {
    let (y, dy, out) = (try Matrix(operation.y), try Matrix(operation.dy), try Matrix(operation.output.region))
    let adds = operation.output.flag
    eachRow(y.rows, y.columns) { row in
      kernels.softmaxBackward(y.row(row), dy.row(row), out.row(row), y.columns, adds)
    }
  }
}
