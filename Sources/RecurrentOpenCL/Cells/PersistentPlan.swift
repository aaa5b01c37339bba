import RecurrentCore

/// What a persistent launch takes: as many work-groups as run at once at most, each with as much of U as it can keep.
extension OpenCLBackend {
  /// Numbers of U that a work-item keeps at most, in fours: `KEPT_MOST` of `kept.cl`. A GPU's work-item has 255 registers where
  /// its group has 256 work-items.
  private static let mostKept = 40
  /// What a group keeps at most where that is memory: on processors.
  private static let mostBytes = 1 << 20

  /// Tiles of persistent launches, the best guess first.
  static func persistentTiles(_ style: KernelStyle, isCPU: Bool) -> [Tile] {
    // On a processor each work-item is a turn of a loop.
    if isCPU { return [Tile(rows: 1, x: 4, y: min(8, max(1, style.maximumGroup / 4)))] }
    return style.fitting([Tile(rows: 1, x: 8, y: 32), Tile(rows: 1, x: 4, y: 64), Tile(rows: 1, x: 16, y: 16)])
  }

  /// The choices of a class of passes with persistent ones, where the device takes those.
  func candidates(_ cell: CellClass) -> [CellChoice] {
    guard style.kind == .simt, !context.device.isCPU, meeting.language != nil else { return style.candidates(cell) }
    return style.candidates(cell)
      + Self.persistentTiles(style, isCPU: false).map { CellChoice(tier: .persistent, tile: $0) }
  }

  /// The plan of a persistent pass; nil where the device does not take it, or where it was tuned for shapes that keep U and
  /// this one does not.
  func persistentPlan(_ sequence: CellSequence, _ direction: CellPass.Direction, _ choice: CellChoice) -> CellPlan? {
    guard style.kind == .simt, !meeting.hasFailed, runsLongLoops, meeting.language != nil else { return nil }
    let isChosen = choice.tier == .persistent
    let wanted = isChosen ? choice.tile : Self.persistentTiles(style, isCPU: context.device.isCPU)[0]
    let kernels = CellKernels(sequence.cell.kind)
    let (hidden, batch) = (sequence.cell.hiddenSize, sequence.batch)
    for tile in meeting.keeps ? wanted.narrower : [] {
      guard let (columns, panels) = kept(kernels, direction, hidden, tile) else { continue }
      let rows = batch.tiles(of: max(1, min(meeting.groups / columns, batch)))
      return CellPlan(
        tier: .persistent, tile: tile, groupRows: rows,
        grid: (columns: columns, rows: batch.tiles(of: rows), panels: panels))
    }
    guard tier == .persistent else { return nil }
    let tile = style.candidates(CellClass(sequence, direction))[0].tile
    let vectors = kernels.phases.indices.map { kernels.unitVectors($0, direction) }.min() ?? 1
    let columns = min(meeting.groups, hidden.tiles(of: vectors * tile.x))
    let tiles = batch.tiles(of: tile.height)
    let rows = tiles.tiles(of: max(1, min(meeting.groups / columns, tiles))) * tile.height
    return CellPlan(
      tier: .persistent, tile: tile, groupRows: rows, grid: (columns: columns, rows: batch.tiles(of: rows), panels: 0))
  }

  /// The groups side by side that keep all of U, and the panels of each; nil if it is too large for them.
  private func kept(_ kernels: CellKernels, _ direction: CellPass.Direction, _ hidden: Int, _ tile: Tile)
    -> (columns: Int, panels: Int)?
  {
    let items = tile.x * tile.y
    var (fours, panels, local) = (0, 1, 0)
    for product in kernels.products(direction) {
      let columns = product.vectors * tile.x
      guard columns % 4 == 0, columns / 4 <= items else { return nil }
      let splits = items / (columns / 4)
      let depth = (product.depth * hidden).tiles(of: splits)
      guard depth <= Self.mostKept else { return nil }
      fours += depth
      panels = max(panels, hidden.tiles(of: product.unitVectors * tile.x))
      local = max(local, 4 * columns * (8 * (splits + 1) + tile.height))
    }
    let columns = min(panels, meeting.groups)
    guard local + 64 <= context.device.localMemory else { return nil }
    if context.device.isCPU {
      // Room for all, so that one program serves any number of groups.
      guard fours * panels * 16 * items <= Self.mostBytes else { return nil }
      return (columns, panels)
    }
    return panels == columns && fours <= Self.mostKept ? (columns, 1) : nil
  }
}

extension Tile {
  /// The tile, and those that have as many work-items but fewer of them side by side.
  fileprivate var narrower: [Tile] {
    var tiles = [self]
    while let last = tiles.last, last.x > 4, last.x % 2 == 0 {
      tiles.append(Tile(rows: last.rows, columns: last.columns, x: last.x / 2, y: last.y * 2))
    }
    return tiles
  }
}

extension CellKernels {
  /// A product of a step: the vectors of its tile, those of them that are units of one gate, and the depth by the number of units.
  typealias Product = (vectors: Int, unitVectors: Int, depth: Int)

  /// The vectors of units in a tile of a phase.
  func unitVectors(_ phase: Int, _ direction: CellPass.Direction) -> Int {
    direction == .forward && phases[phase].count > 1 ? 1 : 2
  }

  /// The products whose right operands a persistent pass keeps.
  func products(_ direction: CellPass.Direction) -> [Product] {
    phases.indices.flatMap { phase -> [Product] in
      let (gates, vectors) = (phases[phase].count, unitVectors(phase, direction))
      if direction == .forward { return [(max(gates, 2), vectors, 1)] }
      // Of a reset-after GRU, what takes the gradients of r and z, and what takes that of slot 3.
      return gates == 3 ? [(2, 2, 2), (2, 2, 1)] : [(2, 2, gates)]
    }
  }
}
