import RecurrentCore

extension OpenCLBackend {
  /// `op(a) · op(b)`.
  public func matmul(_ operation: Matmul) throws {
    guard operation.m > 0, operation.n > 0, operation.batch?.count != 0 else { return }
    switch style.kind {
    case .simt: try multiplyDirectly(operation)
    case .wide where isDots(operation): try multiplyDots(operation)
    case .wide: try multiplyPanels(operation, pack(operation) { try scratch(.panels, $0) })
    }
  }

  /// Packs the right operand once.
  public func prepare(_ operation: Matmul) throws -> () throws -> Void {
    let isPacked = style.kind == .wide && !isDots(operation) && operation.n > 0 && operation.batch?.count != 0
    guard isPacked else { return { try self.matmul(operation) } }
    let panels = try pack(operation) { try OpenCLBuffer(context, count: $0) }
    return { if operation.m > 0 { try self.multiplyPanels(operation, panels) } }
  }

  // MARK: SIMT

  private func multiplyDirectly(_ operation: Matmul) throws {
    let tile = productTile(operation)
    let batch = operation.batch ?? .single
    let width = tile.columns * style.lanes(tile)
    let (items, group) = style.range(
      tile, rows: operation.m.tiles(of: tile.height), columns: operation.n.tiles(of: width), batch: batch.count)
    try launch(
      "matmul", "matmul", items, group: group, tile: tile, flops: operation.flops,
      [
        Steps(operation.a, transposed: operation.transposesA), Int64(batch.strideA),
        Steps(operation.b, transposed: !operation.transposesB), Int64(batch.strideB), operation.output.region,
        Int64(batch.strideC), operation.m, operation.n, operation.k, operation.scale, operation.output.adds,
      ])
  }

  // MARK: Wide

  /// Whether each element is taken as a dot product of two rows: there is so little of one operand that packing costs more.
  private func isDots(_ operation: Matmul) -> Bool {
    !operation.transposesA && operation.transposesB && min(operation.m, operation.n) <= 4
  }

  private func multiplyDots(_ operation: Matmul) throws {
    let batch = operation.batch ?? .single
    let c = operation.output.region
    var (left, right) = (
      (operation.a, operation.m, batch.strideA, c.stride), (operation.b, operation.n, batch.strideB, 1)
    )
    if operation.m > operation.n { swap(&left, &right) }
    try launch(
      "dots", "matmulDots", [right.1.tiles(of: 4), batch.count], flops: operation.flops,
      [
        left.0, Int64(left.2), right.0, Int64(right.2), Run(c), Int64(left.3), Int64(right.3), Int64(batch.strideC),
        left.1,
        right.1, operation.k, operation.scale, operation.output.adds,
      ])
  }

  /// A product whose right operand is in panels.
  private func multiplyPanels(_ operation: Matmul, _ panels: OpenCLBuffer) throws {
    let tile = productTile(operation)
    let batch = operation.batch ?? .single
    let (m, n, k) = (operation.m, operation.n, operation.k)
    let lanes = tile.columns * style.width
    var left: [any KernelArgument] = [operation.a, Int64(batch.strideA)]
    if operation.transposesA {
      let rows = m.tiles(of: style.width) * style.width * k
      let packed = try scratch(.tiles, rows * (batch.strideA == 0 ? 1 : batch.count))
      try pack(
        operation.a, transposes: false, lanes: style.width, into: packed,
        count: batch.strideA == 0 ? 1 : batch.count,
        batchStep: batch.strideA)
      left = [packed, Int64(batch.strideA == 0 ? 0 : rows)]
    }
    try launch(
      "matmul", operation.transposesA ? "matmulPacked" : "matmul",
      [m.tiles(of: tile.rows), n.tiles(of: lanes), batch.count],
      tile: tile, flops: operation.flops,
      left + [
        panels, Int64(batch.strideB == 0 ? 0 : n.tiles(of: lanes) * k * lanes), operation.output.region,
        Int64(batch.strideC), m, n, k, operation.scale, operation.output.adds,
      ])
  }

  /// Packs the right operand of a product into panels as wide as its tiles.
  private func pack(_ operation: Matmul, _ memory: (Int) throws -> OpenCLBuffer) throws -> OpenCLBuffer {
    let tile = productTile(operation)
    let batch = operation.batch ?? .single
    let lanes = tile.columns * style.width
    let count = batch.strideB == 0 ? 1 : batch.count
    let panels = try memory(operation.n.tiles(of: lanes) * operation.k * lanes * count)
    try pack(
      operation.b, transposes: operation.transposesB, lanes: lanes, into: panels, count: count,
      batchStep: batch.strideB)
    return panels
  }

  /// Packs `[K, N]`, or `[N, K]` used transposed, into panels of `lanes` columns; or, where the N columns are `parts` gates
  /// of N/parts units each, into panels of `lanes` units with all of their gates.
  func pack(
    _ x: Region, transposes: Bool, parts: Int = 1, lanes: Int, into panels: OpenCLBuffer, count: Int = 1,
    batchStep: Int = 0
  ) throws {
    let (columns, depth) = transposes ? (x.rows / parts, x.columns) : (x.columns / parts, x.rows)
    try launch(
      "pack", "packPanels", [columns.tiles(of: lanes) * parts, depth.tiles(of: 64), count],
      [
        Run(x), Int64(transposes ? x.stride : 1), Int64(transposes ? 1 : x.stride), Int64(batchStep), panels, parts,
        lanes,
        columns, columns, depth,
      ])
  }
}

extension Matmul.Batch {
  /// One product.
  fileprivate static var single: Self { .init(count: 1, strideA: 0, strideB: 0, strideC: 0) }
}

/// An operand of a product: where it starts, and how far rows and columns (transposed: columns and rows) are apart.
private struct Steps: KernelArgument {
  let region: Region
  let transposed: Bool

  init(_ region: Region, transposed: Bool) {
    self.region = region
    self.transposed = transposed
  }

  var bytes: Int { region.bytes }

  func set(_ setter: inout ArgumentSetter) throws {
    try Run(region).set(&setter)
    try setter.set(Int64(transposed ? 1 : region.stride))
    try setter.set(Int64(transposed ? region.stride : 1))
  }
}

extension Int {
  /// How many tiles of some size cover so much.
  func tiles(of size: Int) -> Int { (self + size - 1) / size }
}
