import RecurrentCore

/// Persistent launches: at most as many work-groups as run concurrently, each with a part of U in registers.
extension OpenCLBackend {
  /// The limits of `resident.cl`: the `float4` values of a work-item, its columns, and the rows summed at once. (A
  /// work-item of a GPU has 255 registers in a group of 256.)
  private static let (residentMost, residentColumns, splitRows) = (40, 4, 8)
  /// The maximum size of a group's part of U on processors, where it is in memory.
  private static let mostBytes = 1 << 20

  /// Tiles of persistent launches, the best guess first.
  private var persistentTiles: [Tile] {
    // On a processor each work-item is a turn of a loop.
    if context.device.isCPU { return [Tile(rows: 1, x: 4, y: min(8, max(1, style.maximumGroup / 4)))] }
    return style.fitting([Tile(rows: 1, x: 8, y: 32), Tile(rows: 1, x: 4, y: 64), Tile(rows: 1, x: 16, y: 16)])
  }

  /// The candidates of a class of passes, including persistent ones if the device supports them.
  func tuningCandidates(_ cell: CellClass) -> [CellChoice] {
    let usual = style.candidates(cell)
    guard style.kind == .simt, !context.device.isCPU, gridBarrier.probed != nil else { return usual }
    return usual + persistentTiles.map { CellChoice(tier: .persistent, tile: $0) }
  }

  /// The plan of a persistent pass; nil if the device does not support it, or if U does not fit.
  func persistentPlan(_ sequence: CellSequence, _ direction: CellPass.Direction, _ choice: CellChoice) -> CellPlan? {
    guard style.kind == .simt, !gridBarrier.isBroken, runsLongLoops, let groups = gridBarrier.probed?.groups else {
      return nil
    }
    let wanted = choice.tier == .persistent ? choice.tile : persistentTiles[0]
    let (hidden, batch) = (sequence.cell.hiddenSize, sequence.batch)
    for tile in wanted.narrower {
      guard let grid = grid(CellKernels(sequence.cell.kind), direction, hidden, tile, groups) else { continue }
      let rows = batch.tiles(of: max(1, min(groups / grid.columns, batch)))
      // On processors always as many, so that there are fewer programs to compile.
      let rowsAtOnce = context.device.isCPU ? 2 : rows < 4 ? min(rows, 2) : 4
      let plan = CellPlan(
        tier: .persistent, tile: tile, groupRows: rows, grid: (grid.columns, grid.panels, rowsAtOnce: rowsAtOnce))
      if gridBarrier.isUsable(GridBarrier.Grid(sequence, direction, plan)) { return plan }
    }
    return nil
  }

  /// The number of groups that hold all of U, and the panels of each; nil if U is too large.
  private func grid(
    _ kernels: CellKernels, _ direction: CellPass.Direction, _ hidden: Int, _ tile: Tile, _ groups: Int
  ) -> (columns: Int, panels: Int)? {
    let items = tile.x * tile.y
    var (float4s, panels, localBytes) = (0, 1, 0)
    for product in kernels.products(direction) {
      let columns = product.vectors * tile.x
      guard columns % Self.residentColumns == 0, columns / Self.residentColumns <= items else { return nil }
      let splits = items / (columns / Self.residentColumns)
      let depth = (product.depth * hidden).tiles(of: splits)
      guard depth <= Self.residentMost else { return nil }
      float4s += depth
      panels = max(panels, hidden.tiles(of: product.unitVectors * tile.x))
      localBytes = max(localBytes, 4 * columns * (Self.splitRows * (splits + 1) + tile.height))
    }
    let columns = min(panels, groups)
    guard localBytes + 64 <= style.localMemory else { return nil }
    if context.device.isCPU {
      // Room for all, so that one program serves any number of groups.
      guard float4s * panels * 16 * items <= Self.mostBytes else { return nil }
      return (columns, panels)
    }
    return panels == columns && float4s <= Self.residentMost ? (columns, 1) : nil
  }
}

extension Tile {
  /// The tile, and tiles with the same number of work-items but fewer columns.
  fileprivate var narrower: [Tile] {
    var tiles = [self]
    while let last = tiles.last, last.x > 4, last.x % 2 == 0 {
      tiles.append(Tile(rows: last.rows, columns: last.columns, x: last.x / 2, y: last.y * 2))
    }
    return tiles
  }
}

extension CellKernels {
  /// A product of a step: the vectors of its tile, those per gate, and the depth as a multiple of the number of units.
  typealias Product = (vectors: Int, unitVectors: Int, depth: Int)

  /// The vectors of units in a tile of a phase.
  func unitVectors(_ phase: Int, _ direction: CellPass.Direction) -> Int {
    direction == .forward && phases[phase].count > 1 ? 1 : 2
  }

  /// The products whose right operands stay in a persistent pass.
  func products(_ direction: CellPass.Direction) -> [Product] {
    phases.indices.flatMap { phase -> [Product] in
      let (gates, vectors) = (phases[phase].count, unitVectors(phase, direction))
      if direction == .forward { return [(max(gates, 2), vectors, 1)] }
      // Of a reset-after GRU, what takes the gradients of r and z, and what takes that of slot 3.
      return gates == 3 ? [(2, 2, 2), (2, 2, 1)] : [(2, 2, gates)]
    }
  }
}
