import Kernels
import RecurrentCore

extension CPUBackend {
  /// Gathers rows of a table.
  package func gather(_ operation: Gather) throws {
    let (table, out) = (try Matrix(operation.table), try Matrix(operation.output.region))
    let indices = try Integers(operation.indices)
    let adds = operation.output.flag
    pool.split(out.rows, grain: max(1, grain / max(out.columns, 1))) { rows in
      kernels.gather(
        table.data, table.stride, indices.data + rows.lowerBound, rows.count, out.row(rows.lowerBound), out.stride,
        out.columns, adds)
    }
  }

  /// Processes distinct rows in parallel, so no two threads add to the same row.
  package func scatterAdd(_ operation: ScatterAdd) throws {
    let (dy, table) = (try Matrix(operation.dy), try Matrix(operation.table))
    let occurrences = operation.occurrences
    let (rows, starts) = (try Integers(occurrences.rows), try Integers(occurrences.starts))
    let positions = try Integers(occurrences.positions)
    let average = dy.rows / max(occurrences.count, 1) + 1
    pool.split(occurrences.count, grain: max(1, grain / max(average * dy.columns, 1))) { places in
      kernels.scatterAdd(
        dy.data, dy.stride, rows.data, starts.data, positions.data, CPURange(places), table.data, table.stride,
        dy.columns)
    }
  }

  /// Converts indices to float32.
  package func encode(_ operation: Encode) throws {
    let out = try Matrix(operation.output)
    let indices = try Integers(operation.indices)
    eachRow(out.rows, out.columns) { row in
      switch operation.encoding {
      case .integer:
        out.row(row).pointee = Float(max(indices[row], 0))
      case .oneHot:
        out.row(row).update(repeating: 0, count: out.columns)
        let index = Int(indices[row])
        if index >= 0 && index < out.columns { out.row(row)[index] = 1 }
      }
    }
  }
}
