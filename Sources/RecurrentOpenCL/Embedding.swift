import RecurrentCore

extension OpenCLBackend {
  /// Gathers rows of a table.
  package func gather(_ operation: Gather) throws { try launch(gatherLaunch(operation)) }

  /// The launch of `gather`.
  func gatherLaunch(_ operation: Gather) -> Launch {
    let y = operation.output.region
    return vectorLaunch(
      "gather", of: "embedding", rows: y.rows, columns: y.columns, bytes: operation.bytes,
      [operation.table, operation.indices, y, y.columns, operation.output.adds])
  }

  /// Adds gradients to rows of a table.
  package func scatterAdd(_ operation: ScatterAdd) throws {
    let occurrences = operation.occurrences
    try vectorwise(
      "scatterAdd", of: "embedding", rows: occurrences.count, columns: operation.table.columns, bytes: operation.bytes,
      [
        operation.dy, occurrences.rows, occurrences.starts, occurrences.positions, operation.table,
        operation.table.columns,
      ])
  }

  /// Converts indices to float32.
  package func encode(_ operation: Encode) throws {
    let y = operation.output
    try elementwise(
      "encode", of: "embedding", rows: y.rows, columns: y.columns,
      [operation.indices, y, y.columns, operation.encoding.rawValue])
  }
}
