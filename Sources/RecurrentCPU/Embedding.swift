import Kernels
import RecurrentCore

extension CPUBackend {
  /// Looks rows up.
  public func gather(_ operation: Gather) throws {
    let (table, out) = (try Matrix(operation.table), try Matrix(operation.output.region))
    let indices = try Integers(operation.indices)
    let adds = operation.output.flag
    eachRow(out.rows, out.columns) { row in
      let index = Int(indices[row])
      if index >= 0 {
        kernels.copy(table.row(index), out.row(row), out.columns, adds)
      } else if adds == 0 {
        out.row(row).update(repeating: 0, count: out.columns)
      }
    }
  }

  /// Threads share the distinct rows, so that no two add to the same one.
  public func scatterAdd(_ operation: ScatterAdd) throws {
    let (dy, table) = (try Matrix(operation.dy), try Matrix(operation.table))
    let occurrences = operation.occurrences
    let (rows, starts) = (try Integers(occurrences.rows), try Integers(occurrences.starts))
    let positions = try Integers(occurrences.positions)
    let average = dy.rows / max(occurrences.count, 1) + 1
    eachRow(occurrences.count, average * dy.columns) { place in
      let row = table.row(Int(rows[place]))
      for position in starts[place]..<starts[place + 1] {
        kernels.copy(dy.row(Int(positions[Int(position)])), row, dy.columns, 1)
      }
    }
  }

  /// Turns indices into numbers.
  public func encode(_ operation: Encode) throws {
    let out = try Matrix(operation.output)
    let indices = try Integers(operation.indices)
    eachRow(out.rows, out.columns) { row in
      switch operation.encoding {
      case .integer:
        out.row(row).pointee = Float(indices[row])
      case .oneHot:
        out.row(row).update(repeating: 0, count: out.columns)
        let index = Int(indices[row])
        if index >= 0 && index < out.columns { out.row(row)[index] = 1 }
      }
    }
  }
}
