import RecurrentCore

/// Which of the variants that give the same bits a launch takes: the shapes of tiles, and the tier of a cell's pass.
extension OpenCLBackend {
  /// The tile of a product.
  func productTile(_ operation: Matmul) -> Tile {
    switch style.kind {
    case .wide:
      // Packed rows are cut evenly.
      return Tile(rows: operation.transposesA ? style.width / 2 : style.tileRows(operation.m, vectors: 2))
    case .simt:
      return operation.m <= 16
        ? Tile(rows: 4, columns: 2, lanes: .init(x: 32, y: 4)) : Tile(rows: 4, columns: 4, lanes: .init(x: 16, y: 16))
    }
  }

  /// The shape of a cell's pass.
  func cellPlan(_ sequence: CellSequence, _ direction: CellPass.Direction) -> CellPlan {
    let batch = sequence.batch
    let vectors = CellPass.vectors(CellKernels(sequence.cell.kind), direction)
    switch style.kind {
    case .wide:
      // A group of rows for each compute unit, unless that leaves some without work and U is large.
      let size = sequence.weights.weightHH.count * 4
      let tier = tier ?? (batch >= 4 * style.units || size <= 1 << 20 ? .sequence : .step)
      let rows = batch.tiles(of: style.units)
      let tile = Tile(rows: style.tileRows(tier == .sequence ? rows : batch, vectors: vectors))
      return CellPlan(tier: tier, tile: tile, groupRows: tier == .sequence ? rows : tile.rows)
    case .simt:
      let tile = Tile(rows: 2, lanes: .init(x: 16, y: 8))
      return CellPlan(tier: tier ?? .step, tile: tile, groupRows: tile.height)
    }
  }
}

/// How a cell's pass is launched.
package enum Tier: String, CaseIterable, Sendable {
  /// T0: a launch for each step, or two (reset-before GRU).
  case step
  /// T1: one launch for all steps; every work-group owns rows of the batch.
  case sequence
}

/// A tier, the shape of the tiles, and the rows of a work-group.
struct CellPlan: Hashable {
  var tier: Tier
  var tile: Tile
  var groupRows: Int
}
