import RecurrentCore

extension OpenCLBackend {
  /// `op(a) · op(b)`.
  public func matmul(_ operation: Matmul) throws {
    let (m, n, k) = (operation.m, operation.n, operation.k)
    let batch = operation.batch ?? .init(count: 1, strideA: 0, strideB: 0, strideC: 0)
    guard m > 0, n > 0, batch.count > 0 else { return }
    let lanes = 2 * style.width
    let panels = (n + lanes - 1) / lanes
    let panelBatch = batch.strideB == 0 ? 0 : panels * k * lanes
    let packed = try scratch(.panels, max(panelBatch * batch.count, panels * k * lanes))
    try pack(
      operation.b, transposes: operation.transposesB, depth: k, columns: n, into: packed,
      count: batch.strideB == 0 ? 1 : batch.count, batchStep: batch.strideB)
    let rows = style.productRows
    try launch(
      "matmul", operation.transposesA ? "matmulTransposed" : "matmul",
      [(m + rows - 1) / rows, panels, batch.count],
      [
        operation.a, Int64(batch.strideA), packed, Int64(panelBatch), operation.output.region, Int64(batch.strideC), m,
        n, k, operation.scale, operation.output.adds,
      ])
  }

  /// Packs the right operand of a product into panels of `2 · width` columns.
  func pack(
    _ b: Region, transposes: Bool, depth: Int, columns: Int, into panels: OpenCLBuffer, count: Int = 1,
    batchStep: Int = 0
  ) throws {
    let lanes = 2 * style.width
    try launch(
      "matmul", "packPanels", [(columns + lanes - 1) / lanes, (depth + 63) / 64, count],
      [
        Run(b), Int64(transposes ? b.stride : 1), Int64(transposes ? 1 : b.stride), Int64(batchStep), panels, 1, lanes,
        0, columns, depth,
      ])
  }

  /// Packs the rows of a weight `[G·H, K]`, used transposed, into panels of `width` units × `gates` gates.
  func packGates(_ weight: Region, gates: Int, into panels: OpenCLBuffer) throws {
    let units = weight.rows / gates
    try launch(
      "matmul", "packPanels",
      [(units + style.width - 1) / style.width * gates, (weight.columns + 63) / 64, 1],
      [
        Run(weight), Int64(weight.stride), 1 as Int64, 0 as Int64, panels, gates, style.width, units, units,
        weight.columns,
      ])
  }
}
