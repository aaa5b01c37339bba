import RecurrentCore
import Testing

@testable import RecurrentOpenCL

/// Plans of persistent launches, and tiles, for GPUs that are not here.
@Suite struct PersistentPlanTests {
  private static let h200 = KernelStyle(.simt, units: 132, maximumGroup: 1024, localMemory: 49_152, vendor: .nvidia)
  private static let radeon = KernelStyle(
    .simt, units: 48, maximumGroup: 256, localMemory: 65_536, vendor: .amd, lanes: 32)
  private static let instinct = KernelStyle(
    .simt, units: 104, maximumGroup: 256, localMemory: 65_536, vendor: .amd, lanes: 64)
  private static let arc = KernelStyle(.simt, units: 512, maximumGroup: 1024, localMemory: 65_536, vendor: .intel)
  private static let irisXe = KernelStyle(.simt, units: 96, maximumGroup: 512, localMemory: 65_536, vendor: .intel)
  private static let integrated = KernelStyle(.simt, units: 8, maximumGroup: 256, localMemory: 32_768)
  private static let small = KernelStyle(.simt, units: 4, maximumGroup: 128, localMemory: 32_768)
  private static let devices = [h200, radeon, instinct, arc, irisXe, integrated, small]
  private static let cells = [CellKind.elman(.tanh), .lstm, .gru(.resetAfter), .gru(.resetBefore)].map(CellKernels.init)

  private func plan(
    _ style: KernelStyle, _ cell: CellKernels = CellKernels(.lstm), _ direction: CellPass.Direction = .forward,
    hidden: Int, batch: Int = 64, choice: CellChoice? = nil, allows: (CellPlan) -> Bool = { _ in true }
  ) -> CellPlan? {
    style.persistentPlan(
      cell, direction, hidden: hidden, batch: batch, choice: choice, groups: style.cores, allows: allows)
  }

  /// Every plan holds all of U and all rows, within the limits of the device.
  @Test func plansFit() throws {
    for style in Self.devices {
      for cell in Self.cells {
        for direction in CellPass.Direction.allCases {
          for hidden in [1, 33, 64, 128, 256, 512, 650, 1024, 1500] {
            for batch in [1, 3, 16, 64, 200] {
              guard let plan = plan(style, cell, direction, hidden: hidden, batch: batch) else { continue }
              let (tile, grid) = (plan.tile, plan.grid)
              let size = try #require(ResidentSize(cell, direction, hidden: hidden, tile, gates: grid.gates))
              let what: Comment = "\(style.units) units, \(cell.file) H\(hidden) N\(batch): \(plan)"
              #expect(tile.x * tile.y <= style.maximumGroup, what)
              #expect(size.float4s <= style.mostResident, what)
              #expect(size.localMemory(splitRows: grid.splitRows) <= style.localMemory, what)
              #expect(grid.columns == size.panels && grid.panels == 1, what)
              let gridRows = batch.tiles(of: plan.groupRows)
              #expect(grid.columns * gridRows <= 4 * style.cores, what)
              #expect(grid.rowsAtOnce <= max(2, plan.groupRows), what)
            }
          }
        }
      }
    }
  }

  /// 64 groups of 8 units do not fit on 48 compute units, 32 of 16 do.
  @Test func aWiderTileWhereNarrowOnesDoNotFit() {
    for direction in CellPass.Direction.allCases {
      let plan = plan(Self.radeon, CellKernels(.lstm), direction, hidden: 512, batch: 1)
      #expect(plan?.grid.columns == 32)
    }
    #expect(plan(Self.radeon, hidden: 512)?.tile == Tile(rows: 1, x: 16, y: 16))
  }

  /// Three groups of 200 registers fit on a compute unit of RDNA 3, and on none of NVIDIA's.
  @Test func severalGroupsPerCore() {
    #expect(plan(Self.radeon, hidden: 1024).map { $0.grid.columns > 96 } == true)
    #expect(plan(Self.instinct, hidden: 1024) == nil || plan(Self.instinct, hidden: 1024)!.grid.columns <= 208)
    let volta = KernelStyle(.simt, units: 40, maximumGroup: 1024, localMemory: 49_152, vendor: .nvidia)
    #expect(plan(volta, hidden: 1024) == nil)
    // A tuned number of groups is taken, and rows are divided among them.
    let choice = CellChoice(tier: .persistent, tile: Tile(rows: 1, x: 8, y: 32), groups: 2)
    #expect(plan(Self.h200, hidden: 256)?.groupRows == 16)
    #expect(plan(Self.h200, hidden: 256, choice: choice)?.groupRows == 8)
    // Two of H512 would need more registers than a core has.
    #expect(plan(Self.h200, hidden: 512, choice: choice)?.groupRows == 32)
  }

  /// Where the groups would read more than caches deliver, they divide the gates; where more groups fail to start, there
  /// are fewer.
  @Test func dividedGates() throws {
    let divided = try #require(plan(Self.h200, CellKernels(.lstm), .backward, hidden: 1024))
    #expect(divided.grid.gates == 4 && divided.grid.columns == 128 && divided.tile == Tile(rows: 1, x: 16, y: 16))
    #expect(plan(Self.h200, CellKernels(.gru(.resetAfter)), .backward, hidden: 1024)?.grid.gates == 3)
    for (kind, direction, hidden, batch) in [
      (CellKind.lstm, CellPass.Direction.forward, 1024, 64), (.lstm, .backward, 512, 64), (.lstm, .backward, 1024, 1),
      (.gru(.resetBefore), .backward, 1024, 64), (.elman(.tanh), .backward, 1024, 64),
    ] {
      #expect(plan(Self.h200, CellKernels(kind), direction, hidden: hidden, batch: batch)?.grid.gates ?? 0 == 0)
    }
    let fewer = plan(Self.h200, hidden: 256) { $0.grid.columns * 64.tiles(of: $0.groupRows) < 64 }
    #expect(fewer?.groupRows == 64 && fewer?.tile == Tile(rows: 1, x: 8, y: 32))
  }

  /// Sums of 4 rows instead of 8 take half the local memory.
  @Test func smallLocalMemory() {
    for direction in CellPass.Direction.allCases {
      let plan = plan(Self.integrated, CellKernels(.lstm), direction, hidden: 128)
      #expect(plan?.grid.splitRows == 4)
    }
    #expect(plan(Self.h200, hidden: 512)?.grid.splitRows == 8)
    #expect(plan(Self.small, hidden: 128) == nil)
  }

  /// A grid that failed to start is not tried again; another one may be.
  @Test func failedGrids() throws {
    let first = try #require(plan(Self.radeon, hidden: 512))
    let second = try #require(plan(Self.radeon, hidden: 512) { $0 != first })
    #expect(second != first)
    #expect(plan(Self.radeon, hidden: 512) { _ in false } == nil)
  }

  /// Intel's drivers count execution units, 16 per core, and its compilers spill where others do not.
  @Test func intel() {
    #expect(Self.arc.cores == 32 && Self.irisXe.cores == 6)
    #expect(plan(Self.arc, hidden: 512) != nil)
    #expect(plan(Self.arc, hidden: 1024) == nil)
    for product in WarpClass.allCases {
      for tile in Self.arc.candidates(product, .float32) { #expect(tile.rows * tile.columns <= 4) }
    }
    // Intel's runtime on a processor.
    let processor = KernelStyle(
      .simt, units: 32, maximumGroup: 8192, localMemory: 32_768, isProcessor: true, vendor: .intel)
    #expect(processor.vendor == nil && processor.cores == 32 && !processor.prefersPersistent)
    #expect(processor.candidates(.small, .float32)[0] == WarpClass.small.candidates(.float32)[0])
  }

  /// The variant differs wherever sums have another order, and only there.
  @Test func variants() {
    let tile = Tile(rows: 1, x: 8, y: 32)
    let tuned = { (tier: Tier) in Choices(cells: ["lstmForward B64 H512": CellChoice(tier: tier, tile: tile)]) }
    func order(_ choices: Choices, _ tier: Tier? = nil, prefersPersistent: Bool, failed: Set<GridBarrier.Grid> = [])
      -> String
    {
      choices.order(Self.h200, tier, prefersPersistent: prefersPersistent, failed: failed)
    }
    #expect(order(Choices(), prefersPersistent: true) == " persistent")
    #expect(order(Choices(), .persistent, prefersPersistent: false) == " persistent")
    for tier in [Tier.step, .sequence] {
      #expect(order(Choices(), tier, prefersPersistent: true).isEmpty)
      #expect(order(tuned(tier), prefersPersistent: false).isEmpty)
      #expect(order(tuned(.persistent), tier, prefersPersistent: true).isEmpty)
    }
    #expect(order(tuned(.step), prefersPersistent: true) == order(tuned(.sequence), prefersPersistent: true))
    let others = [
      order(Choices(), prefersPersistent: true), order(tuned(.step), prefersPersistent: true),
      order(tuned(.persistent), prefersPersistent: true),
      order(Choices(), prefersPersistent: true, failed: [.init(cell: "lstmForward B64 H512", groups: 64)]),
    ]
    #expect(Set(others).count == others.count)
  }

  /// Tiles of products fit the local memory of the device.
  @Test func productsFit() {
    for style in Self.devices {
      for product in WarpClass.allCases {
        for tile in style.candidates(product, .float32) {
          #expect(WarpProducts.float32.localMemory(tile) <= style.localMemory)
          #expect(32 * tile.x * tile.y <= style.maximumGroup)
        }
      }
    }
  }
}
