import RecurrentCore

extension ReferenceBackend {
  /// Gathers rows of a table.
  package func gather(_ operation: Gather) throws {
    let (table, indices, sink) = (OracleMatrix(operation.table), operation.indices.start, Sink(operation.output))
    sink.matrix.forEach { row, column in
      let index = Int(indices[row])
      sink.put(index < 0 ? 0 : table[index, column], row, column)
    }
  }

  /// Adds gradients to rows of a table.
  package func scatterAdd(_ operation: ScatterAdd) throws {
    let (dy, table, occurrences) = (OracleMatrix(operation.dy), OracleMatrix(operation.table), operation.occurrences)
    let (rows, starts) = (occurrences.rows.start, occurrences.starts.start)
    for k in 0..<occurrences.count {
      for place in Int(starts[k])..<Int(starts[k + 1]) {
        let position = Int(occurrences.positions.start[place])
        addProduct(1, dy.row(position), to: table.row(Int(rows[k])), dy.columns)
      }
    }
  }

  /// Converts indices to float32.
  package func encode(_ operation: Encode) throws {
    let (indices, output) = (operation.indices.start, OracleMatrix(operation.output))
    output.forEach { row, column in
      switch operation.encoding {
      case .oneHot: output[row, column] = Int(indices[row]) == column ? 1 : 0
      case .integer: output[row, column] = Double(max(indices[row], 0))
      }
    }
  }
}
