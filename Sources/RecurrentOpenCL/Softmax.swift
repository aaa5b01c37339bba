import RecurrentCore

extension OpenCLBackend {
  /// A softmax along each row.
  package func softmax(_ operation: Softmax) throws {
    try launchRows(
      "softmax", "softmax", rows: operation.x.rows, columns: operation.x.columns,
      [
        operation.x, operation.mask ?? Absent.region, operation.lengths ?? Absent.indices, operation.output,
        operation.x.columns, operation.mask != nil, operation.lengths == nil ? 0 : operation.rowsPerLength,
      ])
  }

  /// The gradient of a softmax.
  package func softmaxBackward(_ operation: SoftmaxBackward) throws {
    try launchRows(
      "softmax", "softmaxBackward", rows: operation.y.rows, columns: operation.y.columns,
      [operation.y, operation.dy, operation.output.region, operation.y.columns, operation.output.adds])
  }
}
