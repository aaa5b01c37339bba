import RecurrentCore

extension OpenCLBackend {
  /// Looks rows up.
  package func gather(_ operation: Gather) throws { try launch(gatherLaunch(operation)) }

  /// What `gather` enqueues.
  func gatherLaunch(_ operation: Gather) -> Launch {
    let y = operation.output.region
    return vectorLaunch(
      "gather", of: "embedding", rows: y.rows, columns: y.columns, bytes: operation.bytes,
      [operation.table, operation.indices, y, y.columns, operation.output.adds])
  }

  /// Adds rows up.
  package func scatterAdd(_ operation: ScatterAdd) throws {
    let occurrences = operation.occurrences
    try vectorwise(
      "scatterAdd", of: "embedding", rows: occurrences.count, columns: operation.table.columns, bytes: operation.bytes,
      [
        operation.dy, occurrences.rows, occurrences.starts, occurrences.positions, operation.table,
        operation.table.columns,
      ])
  }

  /// Turns indices into numbers.
  package func encode(_ operation: Encode) throws {
    let y = operation.output
    try elementwise(
      "encode", of: "embedding", rows: y.rows, columns: y.columns,
      [operation.indices, y, y.columns, operation.encoding.rawValue])
  }
}
