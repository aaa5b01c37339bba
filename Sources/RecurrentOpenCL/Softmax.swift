import RecurrentCore

extension OpenCLBackend {
  /// A softmax along each row.
  public func softmax(_ operation: Softmax) throws {
    try launch(
      "softmax", "softmax", [operation.x.rows],
      [operation.x, operation.mask ?? Absent.indices, operation.output, operation.x.columns, operation.mask != nil])
  }

  /// The gradient of a softmax.
  public func softmaxBackward(_ operation: SoftmaxBackward) throws {
    try launch(
      "softmax", "softmaxBackward", [operation.y.rows],
      [operation.y, operation.dy, operation.output.region, operation.y.columns, operation.output.adds])
  }
}
