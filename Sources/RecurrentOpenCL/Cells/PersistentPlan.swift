import RecurrentCore

/// The grid of a persistent launch.
package struct PersistentGrid: Hashable {
  /// The number of work-groups along units.
  package var columns = 1
  /// The panels of U of each work-group; more than one only on processors.
  package var panels = 1
  /// The rows multiplied at a time.
  package var rowsAtOnce = 1
  /// The rows whose partial sums are in local memory at a time.
  package var splitRows = 8
  /// The waves of a SIMD of AMD's GPUs if several work-groups of a core must run concurrently; else 0.
  package var waves = 0
  /// The gates among which the groups divide the depth of a backward product; 0 if every group takes all.
  package var gates = 0
}

/// Persistent launches: at most as many work-groups as run concurrently, each with a part of U in registers. Plans are
/// functions of the device's properties and of shapes.
extension KernelStyle {
  /// The values of `PersistentGrid.splitRows`, the fastest first.
  private static let splitRows = [8, 4]
  /// The registers of a work-item besides its part of U, as compilers report them.
  private static let otherRegisters = 96
  /// The maximum number of work-groups per core, and the local memory that each GPU's core has in bytes.
  private static let (mostPerCore, coreMemory) = (4, 65_536)
  /// The maximum size of a group's part of U on processors, where it is in memory.
  private static let mostBytes = 1 << 20
  /// The bytes that the groups read in a backward step from which they divide the gates: as many as a GPU's caches deliver
  /// in some 6 µs, while the additional barrier costs one or two.
  static let gateBytes = 1 << 25

  /// The maximum number of `float4` values of a work-item, with which compilers spill no registers: that of
  /// `resident.cl`, of a GPU's 255 registers in a group of 256; Intel's have half as many.
  var mostResident: Int { vendor == .intel ? 16 : ResidentSize.most }

  /// Whether cells use persistent launches without tuning, where they fit.
  var prefersPersistent: Bool { kind == .simt && !isProcessor }

  /// Tiles of persistent launches, the best guess first.
  package var persistentTiles: [Tile] {
    // On a processor each work-item is a turn of a loop.
    if isProcessor { return [Tile(rows: 1, x: 4, y: min(8, max(1, maximumGroup / 4)))] }
    return [(8, 32), (4, 64), (16, 16), (32, 8)].map { Tile(rows: 1, x: $0, y: $1) }.filter {
      $0.x * $0.y <= maximumGroup
    }
  }

  /// The plan of a persistent pass; nil if U does not fit.
  ///
  /// The tile of `choice` is tried first, then all others; several work-groups per core only if one is not enough: whether
  /// they run concurrently is an estimate, and the start of a launch decides.
  /// - Parameter groups: The maximum number of work-groups, one per core.
  /// - Parameter gateBytes: The bytes that the groups read in a backward step from which they divide the gates.
  /// - Parameter allows: Whether a plan may be taken; false if its groups have failed to start.
  package func persistentPlan(
    _ cell: CellKernels, _ direction: CellPass.Direction, hidden: Int, batch: Int, choice: CellChoice? = nil,
    groups: Int, gateBytes: Int = KernelStyle.gateBytes, allows: (CellPlan) -> Bool = { _ in true }
  ) -> CellPlan? {
    func plan(gates: Int, _ allows: (CellPlan) -> Bool) -> CellPlan? {
      persistentPlan(cell, direction, hidden, batch, choice, gates: gates, groups: groups, allows)
    }
    let gates = cell.dividedGates(direction)
    if gates > 0 {
      let tile = plan(gates: 0) { _ in true }?.tile
      let readBytes = tile.map { cell.gradientBytes(hidden: hidden, batch: batch, $0) } ?? .max
      if readBytes >= gateBytes, let divided = plan(gates: gates, allows) { return divided }
    }
    return plan(gates: 0, allows)
  }

  /// The plan of a pass whose groups divide this number of gates, or none.
  private func persistentPlan(
    _ cell: CellKernels, _ direction: CellPass.Direction, _ hidden: Int, _ batch: Int, _ choice: CellChoice?,
    gates: Int, groups: Int, _ allows: (CellPlan) -> Bool
  ) -> CellPlan? {
    let wanted = choice.flatMap { $0.tier == .persistent ? $0 : nil }
    let tiles = (wanted.map { [$0.tile] } ?? []) + persistentTiles.filter { $0 != wanted?.tile }
    for perCore in [wanted?.groups ?? 1] + (isProcessor ? [] : Array(1...Self.mostPerCore)) {
      for tile in tiles {
        guard
          var grid = grid(cell, direction, hidden, tile, gates: gates, groups: groups, perCore: perCore)
        else { continue }
        // Fewer groups if more have failed to start.
        var gridRows = max(1, min(groups * perCore / grid.columns, batch))
        while gridRows > 0 {
          let rows = batch.tiles(of: gridRows)
          // On processors always as many, so that there are fewer programs to compile.
          grid.rowsAtOnce = isProcessor ? 2 : rows < 4 ? min(rows, 2) : 4
          let plan = CellPlan(tier: .persistent, tile: tile, groupRows: rows, grid: grid)
          if allows(plan) { return plan }
          gridRows /= 2
        }
      }
    }
    return nil
  }

  /// The grid whose groups hold all of U; nil if U is too large.
  private func grid(
    _ cell: CellKernels, _ direction: CellPass.Direction, _ hidden: Int, _ tile: Tile, gates: Int, groups: Int,
    perCore: Int
  ) -> PersistentGrid? {
    let most = groups * perCore
    guard let size = ResidentSize(cell, direction, hidden: hidden, tile, gates: gates) else { return nil }
    let memory = perCore > 1 ? min(localMemory, Self.coreMemory / perCore) : localMemory
    guard let splitRows = Self.splitRows.first(where: { size.localMemory(splitRows: $0) <= memory }) else { return nil }
    var grid = PersistentGrid(columns: min(size.panels, most), splitRows: splitRows, gates: gates)
    let items = tile.x * tile.y
    // A core of AMD's GPUs has 4 SIMDs.
    if perCore > 1 && waveSize > 0 { grid.waves = perCore * (items / waveSize).tiles(of: 4) }
    if isProcessor {
      // Room for all, so that one program serves any number of groups.
      guard size.float4s * size.panels * 16 * items <= Self.mostBytes else { return nil }
      grid.panels = size.panels
      return grid
    }
    let registers = items * min(4 * size.float4s + Self.otherRegisters, vendor == .intel ? 128 : 256)
    guard size.panels <= most, size.float4s <= mostResident, perCore == 1 || registers * perCore <= coreRegisters else {
      return nil
    }
    return grid
  }
}

/// What a work-group of a persistent pass holds; see `resident.cl`.
struct ResidentSize {
  /// The limits of `resident.cl`: the `float4` values of a work-item, and its columns.
  static let (most, columns) = (40, 4)

  /// The panels of units of a tile; one for each gate if the groups divide them.
  private(set) var panels = 1
  /// The `float4` values of a work-item's part of U.
  private(set) var float4s = 0
  /// The local memory in bytes: of a row of partial sums, and of sums.
  private var (splitBytes, totalBytes) = (0, 0)

  /// Nil if a work-item would have too many values, or the tile does not divide a panel's columns.
  init?(_ cell: CellKernels, _ direction: CellPass.Direction, hidden: Int, _ tile: Tile, gates: Int) {
    let items = tile.x * tile.y
    for product in gates > 0 ? [(vectors: 2, unitVectors: 2, depth: 1)] : cell.products(direction) {
      let columns = product.vectors * tile.x
      guard columns % Self.columns == 0, columns / Self.columns <= items else { return nil }
      let splits = items / (columns / Self.columns)
      let depth = (product.depth * hidden).tiles(of: splits)
      guard depth <= Self.most else { return nil }
      float4s += depth
      panels = max(panels, hidden.tiles(of: product.unitVectors * tile.x) * max(gates, 1))
      splitBytes = max(splitBytes, 4 * columns * (splits + 1))
      totalBytes = max(totalBytes, 4 * columns * tile.height)
    }
  }

  /// The local memory of a work-group in bytes, with what a kernel needs besides.
  func localMemory(splitRows: Int) -> Int { splitBytes * splitRows + totalBytes + 64 }
}

extension OpenCLBackend {
  /// The candidates of a class of passes, including persistent ones if the device supports them.
  func tuningCandidates(_ cell: CellClass) -> [CellChoice] {
    let usual = style.candidates(cell)
    guard style.prefersPersistent, runsPersistentLaunches else { return usual }
    let persistent = style.persistentTiles.map { CellChoice(tier: .persistent, tile: $0) }
    return usual + persistent + persistent.prefix(1).map { CellChoice(tier: .persistent, tile: $0.tile, groups: 2) }
  }

  /// Whether persistent launches work; probed at the first use.
  var runsPersistentLaunches: Bool { !gridBarrier.isBroken && gridBarrier.probed != nil && runsLongLoops }

  /// The plan of a persistent pass; nil if the device does not support it, or if U does not fit.
  func persistentPlan(_ sequence: CellSequence, _ direction: CellPass.Direction, _ choice: CellChoice?) -> CellPlan? {
    guard style.kind == .simt, runsPersistentLaunches, let groups = gridBarrier.probed?.groups else { return nil }
    return style.persistentPlan(
      CellKernels(sequence.cell.kind), direction, hidden: sequence.cell.hiddenSize, batch: sequence.batch,
      choice: choice, groups: groups, gateBytes: gateBytes
    ) { plan in
      let grid = GridBarrier.Grid(sequence, direction, plan)
      guard gridBarrier.isUsable(grid) else { return false }
      do {
        let kernel = try persistentKernel(CellKernels(sequence.cell.kind), direction, sequence.cell.hiddenSize, plan)
        if kernel.maximumGroup >= plan.tile.x * plan.tile.y { return true }
        disqualify(grid, "the driver has no work-groups of \(plan.tile.x * plan.tile.y) for it")
      } catch {
        disqualify(grid, "\(error)")
      }
      return false
    }
  }

  /// The kernel of a persistent plan.
  private func persistentKernel(
    _ cell: CellKernels, _ direction: CellPass.Direction, _ hidden: Int, _ plan: CellPlan
  ) throws -> Kernel {
    guard let form = persistentForm(cell, direction, hidden, plan) else { preconditionFailure("no barrier") }
    return try kernel(
      cell.file, KernelKey(name: cell.name(direction), tile: plan.tile, options: style.options(plan.tile, form)))
  }

  /// The form of a persistent plan's kernels; nil if the barrier does not work.
  func persistentForm(
    _ cell: CellKernels, _ direction: CellPass.Direction, _ hidden: Int, _ plan: CellPlan
  ) -> CellForm? {
    gridBarrier.probed.map {
      .persistent(
        language: $0.language, kernel: cell.name(direction), units: hidden, grid: plan.grid)
    }
  }
}

extension CellKernels {
  /// A product of a step: the vectors of its tile, those per gate, and the depth as a multiple of the number of units.
  typealias Product = (vectors: Int, unitVectors: Int, depth: Int)

  /// The gates that the groups may divide in a backward pass, 0 for none: those of cells with one phase of several gates.
  func dividedGates(_ direction: CellPass.Direction) -> Int {
    direction == .backward && phases.count == 1 && phases[0].count > 1 ? phases[0].count : 0
  }

  /// The gradients of gates that all groups together read in a backward step without dividing the gates, in bytes.
  func gradientBytes(hidden: Int, batch: Int, _ tile: Tile) -> Int {
    hidden.tiles(of: 2 * tile.x) * batch * hidden * phases.reduce(0) { $0 + $1.count } * 4
  }

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
