import RecurrentCore

extension OpenCLBackend {
  /// A sum.
  package func reduce(_ operation: Reduce) throws {
    let squares = operation.function == .sumOfSquares
    switch operation.axis {
    case .rows: try sumRows(operation.x, squares: squares, scale: operation.scale, into: operation.output)
    case .columns: try sumColumns(operation.x, squares: squares, scale: operation.scale, into: operation.output)
    case .all: try sumAll(operation.x, squares: squares, scale: operation.scale, into: operation.output)
    }
  }

  /// `[R, C] → [1, C]`, in blocks of rows, level by level.
  func sumRows(_ x: Region, squares: Bool = false, scale: Float = 1, into output: Output, level: Int = 0) throws {
    let block = 128
    let blocks = max(1, (x.rows + block - 1) / block)
    let isLast = blocks == 1
    let sums =
      isLast
      ? output
      : .set(
        try Region(scratch(.sums(level), blocks * x.columns), rows: blocks, columns: x.columns))
    try launchBlocks(
      "reduce", "sumRows", blocks: blocks, columns: x.columns,
      [x, sums.region, x.rows, x.columns, block, squares, isLast ? scale : Float(1), sums.adds])
    if !isLast { try sumRows(sums.region, scale: scale, into: output, level: level + 1) }
  }

  /// `[R, C] → [R, 1]`, in blocks of columns, level by level.
  private func sumColumns(_ x: Region, squares: Bool, scale: Float, into output: Output, level: Int = 0) throws {
    let block = 4096
    let blocks = max(1, (x.columns + block - 1) / block)
    let isLast = blocks == 1
    let sums =
      isLast
      ? output : .set(try Region(scratch(.sums(level), x.rows * blocks), rows: x.rows, columns: blocks))
    try launchRows(
      "reduce", "sumColumns", rows: x.rows, columns: x.columns, blocks: blocks,
      [x, sums.region, x.columns, block, squares, isLast ? scale : Float(1), sums.adds])
    if !isLast {
      try sumColumns(sums.region, squares: false, scale: scale, into: output, level: level + 1)
    }
  }

  /// `[R, C] → [1, 1]`.
  private func sumAll(_ x: Region, squares: Bool, scale: Float, into output: Output) throws {
    if x.isContiguous && x.count <= largestCount {
      return try sumColumns(
        x.reshaped(rows: 1, columns: x.count), squares: squares, scale: scale, into: output)
    }
    let rows = try Region(scratch(.norm, x.rows), rows: x.rows, columns: 1)
    try sumColumns(x, squares: squares, scale: 1, into: .set(rows))
    try sumColumns(rows.reshaped(rows: 1, columns: x.rows), squares: false, scale: scale, into: output)
  }

  /// The maxima over time.
  package func maxOverTime(_ operation: MaxOverTime) throws {
    let (x, y) = (operation.x, operation.output)
    try vectorwise(
      "maxOverTime", of: "reduce", rows: y.rows, columns: y.columns,
      [
        x, operation.lengths ?? Absent.indices, y, operation.winners, y.columns, operation.steps, y.rows,
        operation.lengths != nil,
      ])
  }

  /// The gradient of the maxima over time.
  package func maxOverTimeBackward(_ operation: MaxOverTimeBackward) throws {
    let (dy, dx) = (operation.dy, operation.output.region)
    try vectorwise(
      "maxOverTimeBackward", of: "reduce", rows: dx.rows, columns: dx.columns,
      [dy, operation.winners, dx, dx.columns, dy.rows, operation.output.adds])
  }

  /// Checks for non-finite values.
  package func flagNonFinite(_ operation: FlagNonFinite) throws {
    let x = try flat([operation.x])[0]
    try elementwise("flagNonFinite", rows: x.rows, columns: x.columns, [x, operation.flag, x.columns])
  }

  /// Clips by the global norm. Squares are summed in `Float`: a norm from about 10¹⁹ on is found infinite, and then nothing
  /// is scaled.
  package func clipByNorm(_ operation: ClipByNorm) throws {
    let parts = try operation.gradients.map { try $0.reshaped(rows: 1, columns: $0.count) }
    let sum = try Region(scratch(.norm, 1), columns: 1)
    for (place, part) in parts.enumerated() {
      try sumColumns(part, squares: true, scale: 1, into: place == 0 ? .set(sum) : .add(sum))
    }
    try launch("reduce", "norm", [1], [sum, operation.norm])
    guard operation.maximum < .infinity else { return }
    for part in parts {
      try elementwise(
        "clipByNorm", of: "reduce", rows: 1, columns: part.columns,
        [part, operation.norm, part.columns, operation.maximum])
    }
  }
}
