import RecurrentCore

extension OpenCLBackend {
  /// One work-group per score.
  package func additiveScores(_ operation: AdditiveScores) throws {
    let (queries, keys, scores) = (operation.queries, operation.keys, operation.output)
    try launchRows(
      "attention", "additiveScores", rows: scores.count, columns: queries.columns,
      [
        queries, keys, operation.vector, scores, queries.columns, operation.batch, queries.rows / operation.batch,
        scores.columns,
      ])
  }

  /// The gradients of queries and keys, computed separately.
  package func additiveScoresBackward(_ operation: AdditiveScoresBackward) throws {
    let (queries, keys) = (operation.queries, operation.keys)
    if operation.dQueries != nil || operation.dVector != nil {
      try slopes(
        operation, of: queries, over: keys, ofKeys: false, into: operation.dQueries, parts: operation.parts)
    }
    if let output = operation.dVector, let parts = operation.parts { try sumRows(parts, into: output) }
    if let output = operation.dKeys {
      try slopes(operation, of: keys, over: queries, ofKeys: true, into: output, parts: nil)
    }
  }

  private func slopes(
    _ operation: AdditiveScoresBackward, of own: Region, over others: Region, ofKeys: Bool, into output: Output?,
    parts: Region?
  ) throws {
    try vectorwise(
      "additiveSlopes", of: "attention", rows: own.rows, columns: own.columns,
      [
        own, others, operation.vector, operation.dScores, output?.region ?? Absent.region, parts ?? Absent.region,
        own.columns, operation.batch, own.rows / operation.batch, others.rows / operation.batch, ofKeys,
        output != nil, output?.adds ?? false, parts != nil,
      ])
  }
}
