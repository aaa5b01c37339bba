import RecurrentCore

/// The launch tier of a cell's pass.
package enum Tier: String, CaseIterable, Codable, Sendable {
  /// One launch per step, or two (reset-before GRU).
  case step
  /// One launch for all steps; every work-group owns rows of the batch.
  case sequence
  /// One launch for all steps; every work-group owns hidden units, keeps their part of U, and synchronizes with the
  /// others after each step. For GPUs, in the SIMT style only.
  case persistent
}

/// Classes of products with the same tile. In the SIMT style only products of few rows have one; see `WarpClass`.
package enum ProductClass: String, CaseIterable, Codable {
  /// Up to 16 rows.
  case few
  /// Up to 128 rows: a step of a batch.
  case some
  /// All steps of a batch.
  case many
  /// The left operand is transposed: gradients of weights.
  case gradient

  init(_ operation: Matmul) {
    self = operation.transposesA ? .gradient : operation.m <= 16 ? .few : operation.m <= 128 ? .some : .many
  }
}

/// A class of cell passes with the same tier and tiles: the same kernels, and similar batch and hidden sizes.
package struct CellClass: Hashable {
  let cell: CellKernels
  let direction: CellPass.Direction
  /// The representative batch size: 1, 16 or 64.
  let batch: Int
  /// The representative hidden size: 64, 256, 512 or 1,024.
  let hidden: Int

  /// The classes of a cell.
  static func all(_ cell: CellKernels) -> [CellClass] {
    CellPass.Direction.allCases.flatMap { direction in
      [64, 256, 512, 1024].flatMap { hidden in
        [1, 16, 64].map { CellClass(cell, direction, batch: $0, hidden: hidden) }
      }
    }
  }

  init(_ sequence: CellSequence, _ direction: CellPass.Direction) {
    self.init(CellKernels(sequence.cell.kind), direction, batch: sequence.batch, hidden: sequence.cell.hiddenSize)
  }

  package init(_ cell: CellKernels, _ direction: CellPass.Direction, batch: Int, hidden: Int) {
    self.cell = cell
    self.direction = direction
    self.batch = batch <= 4 ? 1 : batch <= 32 ? 16 : 64
    self.hidden = hidden <= 96 ? 64 : hidden <= 384 ? 256 : hidden <= 768 ? 512 : 1024
  }

  /// The maximum number of vectors of a tile over all phases.
  var vectors: Int { cell.products(direction).map(\.vectors).max() ?? 2 }

  /// The name of its choice: `lstmForward B16 H256`.
  var name: String { "\(cell.name(direction)) B\(batch) H\(hidden)" }
}

/// A tier and the shape of tiles. In the wide style the rows are a maximum; the number that wastes the fewest is used.
package struct CellChoice: Hashable, Codable, CustomStringConvertible {
  var tier: Tier
  package var tile: Tile
  /// The number of work-groups per compute unit, for a whole sequence in the wide style, or for a persistent launch.
  var groups = 1

  package var description: String {
    let launch = tier == .persistent ? "a persistent launch" : "a launch per \(tier)"
    return "\(launch), \(tile)" + (groups > 1 ? ", \(groups) groups per unit" : "")
  }
}

/// The choices among variants. Except for persistent launches, they give the same bits: every sum has the same terms in
/// the same order.
struct Choices: Hashable, Codable {
  /// By `ProductClass`, or by `WarpClass.name`.
  var products: [String: Tile] = [:]
  /// By `CellClass.name`.
  var cells: [String: CellChoice] = [:]

  /// Resets the persistent launches of these classes of cells to the untuned defaults.
  mutating func forgetPersistent(of classes: Set<String>) {
    cells = cells.filter { $0.value.tier != .persistent || !classes.contains($0.key) }
  }

  /// The order of sums in the launches of cells, as a part of the device's variant; empty if none is persistent.
  /// - Parameter tier: The tier of all cells; nil for the choices.
  /// - Parameter prefersPersistent: Whether cells without a choice use persistent launches.
  /// - Parameter failed: The grids that are not used since their groups do not start together.
  func order(
    _ style: KernelStyle, _ tier: Tier?, prefersPersistent: Bool, failed: Set<GridBarrier.Grid> = []
  ) -> String {
    guard style.kind == .simt else { return "" }
    let isDefault = tier == nil && prefersPersistent
    let deciding = cells.filter { $0.value.tier == .persistent || isDefault }
    guard tier == .persistent || isDefault || (tier == nil && !deciding.isEmpty) else { return "" }
    // All launches that are not persistent have the same order.
    let lines = deciding.map { "\($0.key) \($0.value.tier == .persistent ? "\($0.value)" : "in order")\n" }
    let text = (lines + failed.map { "\($0.cell) not \($0.groups) groups\n" }).sorted().joined()
    return " persistent" + (text.isEmpty ? "" : " " + String(fnv1a(text.utf8), radix: 16))
  }
}

// MARK: - What a launch takes

/// A tier, the shape of the tiles, and the rows of a work-group.
package struct CellPlan: Hashable {
  var tier: Tier
  package var tile: Tile
  package var groupRows: Int
  /// The grid of a persistent launch.
  package var grid = PersistentGrid()
}

extension OpenCLBackend {
  /// The tile of a product.
  func productTile(_ operation: Matmul) -> Tile {
    let product = ProductClass(operation)
    var tile = choices.products[product.rawValue] ?? style.candidates(product)[0]
    if style.kind == .wide && product != .gradient {
      tile.rows = style.tileRows(operation.m, vectors: tile.columns, most: tile.rows)
    }
    return tile
  }

  /// The plan of a cell's pass, in a given tier or the best one.
  func cellPlan(_ sequence: CellSequence, _ direction: CellPass.Direction, in given: Tier? = nil) -> CellPlan {
    let cell = CellClass(sequence, direction)
    let (tuned, first) = (choices.cells[cell.name], style.candidates(cell)[0])
    let usual = tuned?.tier ?? (style.prefersPersistent ? .persistent : first.tier)
    // One step has nothing to keep U for.
    let wanted = given ?? tier ?? (usual == .persistent && sequence.steps == 1 ? .step : usual)
    if wanted == .persistent, let plan = persistentPlan(sequence, direction, tuned) { return plan }
    let choice = tuned.flatMap { $0.tier == .persistent ? nil : $0 } ?? first
    let tier = wanted == .persistent || (wanted == .sequence && !runsLongLoops) ? .step : wanted
    guard style.kind == .wide else { return CellPlan(tier: tier, tile: choice.tile, groupRows: choice.tile.height) }
    // A group of few rows would read U for little.
    let share = max(sequence.batch.tiles(of: style.units * choice.groups), min(sequence.batch, 4))
    let rows = tier == .step ? sequence.batch : share
    let tile = Tile(rows: style.tileRows(rows, vectors: cell.vectors, most: choice.tile.rows))
    return CellPlan(tier: tier, tile: tile, groupRows: tier == .step ? tile.rows : rows)
  }
}

// MARK: - What there is to choose from, the best guess first

extension KernelStyle {
  package func candidates(_ product: ProductClass) -> [Tile] {
    switch (kind, product) {
    case (.wide, .gradient):
      // Packed rows are cut evenly.
      [Tile(rows: width / 2, columns: 2), Tile(rows: width / 4, columns: 4), Tile(rows: width / 2, columns: 3)]
    case (.wide, .many):
      [Tile(rows: 8, columns: 2), Tile(rows: 6, columns: 4), Tile(rows: 12, columns: 2), Tile(rows: 8, columns: 3)]
    case (.wide, _):
      [Tile(rows: 12, columns: 2), Tile(rows: 8, columns: 2), Tile(rows: 8, columns: 3), Tile(rows: 6, columns: 4)]
    case (.simt, _):
      fitting([
        Tile(rows: 4, columns: 2, x: 32, y: 4), Tile(rows: 2, columns: 1, x: 32, y: 8),
        Tile(rows: 4, columns: 1, x: 64, y: 4),
      ])
    }
  }

  package func candidates(_ cell: CellClass) -> [CellChoice] {
    switch kind {
    case .wide:
      // All steps at once, unless that leaves compute units without work and U is large.
      let size = cell.cell.phases.last.map { $0.upperBound * cell.hidden * cell.hidden * 4 } ?? 0
      let tiers: [Tier] = cell.batch >= 4 * units || size <= 1 << 20 ? [.sequence, .step] : [.step, .sequence]
      return tiers.map { CellChoice(tier: $0, tile: Tile(rows: 12)) } + [
        CellChoice(tier: .sequence, tile: Tile(rows: 12), groups: 2),
        CellChoice(tier: .sequence, tile: Tile(rows: 4)),
      ]
    case .simt:
      // With 4 rows of 32 columns each, Intel's compilers spill.
      let wide = vendor == .intel ? [] : [Tile(rows: 4, x: 32, y: 4)]
      let tiles = fitting(
        [Tile(rows: 2, x: 16, y: 8), Tile(rows: 1, x: 16, y: 16)] + wide + [Tile(rows: 4, x: 16, y: 16)])
      return [Tier.step, .sequence].flatMap { tier in tiles.map { CellChoice(tier: tier, tile: $0) } }
    }
  }

  /// The tiles whose work-groups the device supports; a small one if it supports none.
  func fitting(_ tiles: [Tile]) -> [Tile] {
    let fitting = tiles.filter { $0.x * $0.y <= maximumGroup }
    return fitting.isEmpty ? [Tile(rows: 4, x: min(8, maximumGroup), y: max(1, min(8, maximumGroup / 8)))] : fitting
  }
}
