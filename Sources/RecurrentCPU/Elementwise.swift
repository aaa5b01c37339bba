import Kernels
import RecurrentCore

extension CPUBackend {
  /// The minimum number of values per thread for which synchronization is worth its cost: some 2 µs of copying, or 4
  /// if cores share no cache.
  var grain: Int { pool.isFarApart ? 16_384 : 8_192 }

  /// Calls `body` with runs that are contiguous in every matrix: `(row, column, length)`.
  ///
  /// Where no matrix has gaps, everything is one row, and threads share it by columns; otherwise they share the rows.
  func eachRun(_ matrices: [Matrix], _ body: (_ row: Int, _ column: Int, _ count: Int) -> Void) {
    let (rows, columns) = (matrices[0].rows, matrices[0].columns)
    if matrices.allSatisfy(\.isContiguous) {
      pool.split(rows * columns, grain: grain) { part in
        if !part.isEmpty { body(0, part.lowerBound, part.count) }
      }
    } else {
      eachRow(rows, columns) { body($0, 0, columns) }
    }
  }

  /// Calls `body` with each row, in parallel.
  func eachRow(_ rows: Int, _ columns: Int, _ body: (Int) -> Void) {
    pool.split(rows, grain: max(1, grain / max(columns, 1))) { $0.forEach(body) }
  }

  /// Copies a region.
  package func copy(_ operation: Copy) throws {
    let (x, out) = (try Matrix(operation.source), try Matrix(operation.output.region))
    let adds = operation.output.flag
    eachRun([x, out]) { row, column, count in
      kernels.copy(x.row(row) + column, out.row(row) + column, count, adds)
    }
  }

  /// Copies row by row.
  package func swapAxes(_ operation: SwapAxes) throws {
    let (x, out) = (try Matrix(operation.source), try Matrix(operation.output.region))
    let (outer, inner, adds) = (operation.outer, operation.inner, operation.output.flag)
    eachRow(x.rows, x.columns) { row in
      kernels.copy(x.row(row), out.row(row % inner * outer + row / inner), x.columns, adds)
    }
  }

  /// Sets rows to 0.
  package func maskRows(_ operation: MaskRows) throws {
    let (x, out) = (try Matrix(operation.x), try Matrix(operation.output.region))
    let (mask, lengths) = (try Integers(operation.mask), try operation.lengths.map(Integers.init))
    let adds = operation.output.adds
    eachRow(x.rows, x.columns) { row in
      if mask[row] == 0 || lengths.map({ operation.step >= $0[row] }) ?? false {
        kernels.copy(x.row(row), out.row(row), x.columns, adds ? 1 : 0)
      } else if !adds {
        out.row(row).update(repeating: 0, count: x.columns)
      }
    }
  }

  /// Adds a row to every row.
  package func addBias(_ operation: AddBias) throws {
    let (x, out) = (try Matrix(operation.x), try Matrix(operation.output.region))
    let bias = try Matrix(operation.bias)
    let adds = operation.output.flag
    eachRow(x.rows, x.columns) { row in
      kernels.combine(Combine.Function.add.rawValue, x.row(row), bias.data, out.row(row), x.columns, adds)
    }
  }

  /// A binary function of two matrices.
  package func combine(_ operation: Combine) throws {
    let (a, b, out) = (try Matrix(operation.a), try Matrix(operation.b), try Matrix(operation.output.region))
    let (function, adds) = (operation.function.rawValue, operation.output.flag)
    eachRun([a, b, out]) { row, column, count in
      kernels.combine(function, a.row(row) + column, b.row(row) + column, out.row(row) + column, count, adds)
    }
  }

  /// Scales a matrix.
  package func scale(_ operation: Scale) throws {
    let (x, out) = (try Matrix(operation.x), try Matrix(operation.output.region))
    let factor = operation.factor * (try operation.deviceFactor.map { try Matrix($0).data[0] } ?? 1)
    let adds = operation.output.flag
    eachRun([x, out]) { row, column, count in
      kernels.scale(x.row(row) + column, factor, out.row(row) + column, count, adds)
    }
  }

  /// Applies an activation.
  package func activate(_ operation: Activate) throws {
    let (x, out) = (try Matrix(operation.x), try Matrix(operation.output.region))
    let (activation, adds) = (operation.activation.rawValue, operation.output.flag)
    eachRun([x, out]) { row, column, count in
      kernels.activate(activation, x.row(row) + column, out.row(row) + column, count, adds)
    }
  }

  /// The gradient of an activation.
  package func activateBackward(_ operation: ActivateBackward) throws {
    let (y, dy, out) = (try Matrix(operation.y), try Matrix(operation.dy), try Matrix(operation.output.region))
    let (activation, adds) = (operation.activation.rawValue, operation.output.flag)
    eachRun([y, dy, out]) { row, column, count in
      kernels.activateBackward(
        activation, y.row(row) + column, dy.row(row) + column, out.row(row) + column, count, adds)
    }
  }

  /// Applies dropout.
  package func dropout(_ operation: ApplyDropout) throws {
    let (x, out) = (try Matrix(operation.x), try Matrix(operation.output.region))
    let (key, threshold, adds) = (operation.key, operation.threshold, operation.output.flag)
    let scale = 1 / (1 - operation.probability)
    eachRun([x, out]) { row, column, count in
      kernels.dropout(
        x.row(row) + column, out.row(row) + column, count, adds, UInt64(row * x.columns + column), key.seed, key.layer,
        key.step, threshold, scale)
    }
  }

  /// Clips every element by value.
  package func clipByValue(_ operation: ClipByValue) throws {
    let x = try Matrix(operation.x)
    eachRun([x]) { row, column, count in kernels.clip(x.row(row) + column, operation.limit, count) }
  }
}

extension Output {
  /// `adds`, in the form of the kernels.
  var flag: Int32 { adds ? 1 : 0 }
}
