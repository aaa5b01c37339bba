import RecurrentCore

extension OpenCLBackend {
  /// `op(a) · op(b)`.
  package func matmul(_ operation: Matmul) throws {
    guard !operation.isEmpty else { return }
    try requireLoops(operation.k)
    if let rounded, rounded.take(operation) { return try multiply(operation, rounded) }
    switch style.kind {
    case .simt where isDirect(operation): try launch(directLaunch(operation))
    case .simt: try multiply(operation, .float32)
    case .wide where isDots(operation): try launch(dotsLaunch(operation))
    case .wide: try launch(panelsLaunch(operation, panels(operation) { try scratch(.panels, $0) }))
    }
  }

  /// Packs the right operand once, and binds products of a single launch.
  package func prepare(_ operations: [Matmul]) throws -> [() throws -> Void] {
    var last: (operation: Matmul, right: Panels)?
    return try operations.map { operation in
      guard !operation.isEmpty else { return {} }
      try requireLoops(operation.k)
      guard rounded?.take(operation) != true else { return { try self.matmul(operation) } }
      switch style.kind {
      case .simt where isDirect(operation): return try bound(directLaunch(operation))
      case .simt: return { try self.matmul(operation) }
      case .wide where isDots(operation): return try bound(dotsLaunch(operation))
      case .wide:
        let shared = last.flatMap { operation.sharesRight(with: $0.operation) ? $0.right : nil }
        let right = try shared ?? panels(operation) { try OpenCLBuffer(context, count: $0) }
        last = (operation, right)
        // What is packed of the left operand lies in scratch memory.
        guard operation.transposesA else { return try bound(panelsLaunch(operation, right)) }
        return { try self.launch(self.panelsLaunch(operation, right)) }
      }
    }
  }

  /// Rejects a sum that the driver would not complete.
  private func requireLoops(_ terms: Int) throws {
    guard terms <= 1 << 15 || runsLongLoops else {
      throw RecurrentError(
        .device, "a sum of \(terms) terms, but the driver ends loops after at most 65,535 iterations",
        at: device.identifier,
        remedy: "use a smaller batch, shorter sequences or another device")
    }
  }

  // MARK: SIMT

  /// Whether a product does not use warps: the left operand is so small that reading the right one dominates, or the
  /// device's work-groups are smaller than a warp.
  private func isDirect(_ operation: Matmul) -> Bool {
    ProductClass(operation) == .few || style.maximumGroup < 32
  }

  private func directLaunch(_ operation: Matmul) -> Launch {
    let tile = productTile(operation)
    let batch = operation.batch ?? .single
    let width = tile.columns * style.lanes(tile)
    let (items, group) = style.range(
      tile, rows: operation.m.tiles(of: tile.height), columns: operation.n.tiles(of: width), batch: batch.count)
    return Launch(
      "matmul", "matmul", items, group: group, tile: tile, flops: operation.flops,
      [
        Steps(operation.a, transposed: operation.transposesA), Int64(batch.strideA),
        Steps(operation.b, transposed: !operation.transposesB), Int64(batch.strideB), operation.output.region,
        Int64(batch.strideC), operation.m, operation.n, operation.k, operation.scale, operation.output.adds,
      ])
  }

  // MARK: Wide

  /// Whether each element is computed as a dot product of two rows, as one operand is so small that packing costs more.
  private func isDots(_ operation: Matmul) -> Bool {
    !operation.transposesA && operation.transposesB && min(operation.m, operation.n) <= 4
  }

  private func dotsLaunch(_ operation: Matmul) -> Launch {
    let batch = operation.batch ?? .single
    let c = operation.output.region
    var left = (rows: operation.a, count: operation.m, batch: batch.strideA, step: c.stride)
    var right = (rows: operation.b, count: operation.n, batch: batch.strideB, step: 1)
    if operation.m > operation.n { swap(&left, &right) }
    let columns = 4  // `DOTS` of the kernel
    return Launch(
      "dots", "matmulDots", [right.count.tiles(of: columns), batch.count], flops: operation.flops,
      [
        left.rows, Int64(left.batch), right.rows, Int64(right.batch), Run(c), Int64(left.step), Int64(right.step),
        Int64(batch.strideC), left.count, right.count, operation.k, operation.scale, operation.output.adds,
      ])
  }

  /// A product with its right operand in panels.
  private func panelsLaunch(_ operation: Matmul, _ right: Panels) throws -> Launch {
    let tile = productTile(operation)
    let batch = operation.batch ?? .single
    let (m, n, k) = (operation.m, operation.n, operation.k)
    var left: [any KernelArgument] = [operation.a, Int64(batch.strideA)]
    if operation.transposesA {
      left = [
        try panels(of: operation.a, transposes: false, lanes: style.width, batch.count, batch.strideA) {
          try scratch(.tiles, $0)
        }
      ]
    }
    return Launch(
      "matmul", operation.transposesA ? "matmulTransposed" : "matmul",
      [m.tiles(of: tile.rows), n.tiles(of: tile.columns * style.width), batch.count], tile: tile,
      flops: operation.flops,
      left + [
        right, operation.output.region, Int64(batch.strideC), m, n, k, operation.scale, operation.output.adds,
      ])
  }

  /// The right operand of a product, in panels of the width of its tiles.
  private func panels(_ operation: Matmul, _ memory: (Int) throws -> OpenCLBuffer) throws -> Panels {
    let batch = operation.batch ?? .single
    return try panels(
      of: operation.b, transposes: operation.transposesB, lanes: productTile(operation).columns * style.width,
      canStay: operation.transposesA, batch.count, batch.strideB, memory)
  }

  /// The maximum distance of rows of `lanes` columns that are read as fast as panels, in elements: a page then holds
  /// several of them.
  private static let nearRows = 512

  /// `[K, N]`, or `[N, K]` used transposed, in panels of `lanes` columns: packed, or unchanged.
  private func panels(
    of x: Region, transposes: Bool, lanes: Int, canStay: Bool = true, _ batch: Int, _ batchStep: Int,
    _ memory: (Int) throws -> OpenCLBuffer
  ) throws -> Panels {
    if canStay && !transposes && x.columns % lanes == 0 && x.stride <= Self.nearRows {
      return Panels(region: x, panel: lanes, step: x.stride, batch: batchStep)
    }
    let count = batchStep == 0 ? 1 : batch
    let (columns, depth) = transposes ? (x.rows, x.columns) : (x.columns, x.rows)
    let size = columns.tiles(of: lanes) * lanes * depth
    let packed = try memory(size * count)
    try pack(x, transposes: transposes, lanes: lanes, into: packed, count: count, batchStep: batchStep)
    return try Panels(
      region: Region(packed, columns: size * count), panel: lanes * depth, step: lanes, batch: batchStep == 0 ? 0 : size
    )
  }

  /// Packs `[K, N]`, or `[N, K]` used transposed, into panels of `lanes` columns; or, if the N columns are `parts`
  /// gates of N/parts units each, into panels of `lanes` units with all of their gates.
  func pack(
    _ x: Region, transposes: Bool, parts: Int = 1, lanes: Int, into panels: OpenCLBuffer, count: Int = 1,
    batchStep: Int = 0
  ) throws {
    let (columns, depth) = transposes ? (x.rows / parts, x.columns) : (x.columns / parts, x.rows)
    let block = 64  // `PACKED_STEPS` of the kernel
    try launch(
      "pack", "packPanels", [columns.tiles(of: lanes) * parts, depth.tiles(of: block), count],
      [
        Run(x), Int64(transposes ? x.stride : 1), Int64(transposes ? 1 : x.stride), Int64(batchStep), panels, parts,
        lanes, columns, columns, depth,
      ])
  }
}

extension Matmul {
  /// Whether the result is empty.
  fileprivate var isEmpty: Bool { m == 0 || n == 0 || batch?.count == 0 }
}

extension Matmul.Batch {
  /// One product.
  static var single: Self { .init(count: 1, strideA: 0, strideB: 0, strideC: 0) }
}

/// An operand of a product: its start, and the strides of rows and columns (transposed: columns and rows).
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

/// An operand in the layout of wide tiles: blocks of columns `panel` elements apart, with the values of k `step`
/// elements apart.
private struct Panels: KernelArgument {
  let region: Region
  let panel: Int
  let step: Int
  let batch: Int

  var bytes: Int { region.bytes }

  func set(_ setter: inout ArgumentSetter) throws {
    try Run(region).set(&setter)
    for number in [panel, step, batch] { try setter.set(Int64(number)) }
  }
}
