import Kernels
import RecurrentCore

extension CPUBackend {
  /// A softmax along each row.
  public func softmax(_ operation: Softmax) throws {
    let (x, out) = (try Matrix(operation.x), try Matrix(operation.output))
    let mask = try operation.mask.map(Integers.init)
    eachRow(x.rows, x.columns) { row in
      kernels.softmax(x.row(row), mask.map { UnsafePointer($0.data + row * x.columns) }, out.row(row), x.columns)
    }
  }

  /// The gradient of a softmax.
  public func softmaxBackward(_ operation: SoftmaxBackward) throws {
    let (y, dy, out) = (try Matrix(operation.y), try Matrix(operation.dy), try Matrix(operation.output.region))
    let adds = operation.output.flag
    eachRow(y.rows, y.columns) { row in
      kernels.softmaxBackward(y.row(row), dy.row(row), out.row(row), y.columns, adds)
    }
  }
}
