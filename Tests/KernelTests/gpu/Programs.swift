import RecurrentCore
import RecurrentOpenCL

/// A program that a GPU builds.
struct DeviceProgram {
  /// A short name: `lstm step 2×2 by 16×8`.
  var name: String
  /// The kernel file.
  var file: String
  var options: String
  /// The work-items of a work-group along columns and rows; nil where the kernels do not declare it.
  var group: (x: Int, y: Int)?
  /// The kernels that are launched; empty for all of the file.
  var kernels: [String] = []
  /// The work-groups of a persistent launch per core, all of which must run at the same time.
  var groupsPerCore: Int?
}

/// The programs that a GPU with these properties builds, tuned or not.
struct DevicePrograms {
  let style: KernelStyle
  /// The form of the barrier across work-groups, with its language.
  let barrier: String
  /// Whether the device has tensor cores that take inline PTX.
  let hasTensorCores: Bool

  private static let kinds = [CellKind.elman(.tanh), .lstm, .gru(.resetAfter), .gru(.resetBefore)]
  private static let files = [
    "attention", "crf", "elementwise", "embedding", "fold", "layernorm", "loss", "map", "maxima", "optimizer", "peak",
    "random", "reduce", "scan", "softmax",
  ]

  func all() throws -> [DeviceProgram] {
    try cells() + Self.kinds.flatMap(persistent) + products() + others()
  }

  // MARK: Cells

  /// A launch per step or per sequence, in each tile, and the fallback launch after a persistent one.
  private func cells() -> [DeviceProgram] {
    ["elman", "lstm", "gru"].flatMap { file in
      let kind = Self.kinds.first { CellKernels($0).file == file } ?? .lstm
      let cell = CellClass(CellKernels(kind), .forward, batch: 64, hidden: 512)
      var tiles: [Tile] = []
      for choice in style.candidates(cell) where !tiles.contains(choice.tile) { tiles.append(choice.tile) }
      func program(_ name: String, _ tile: Tile, _ form: CellForm) -> DeviceProgram {
        DeviceProgram(
          name: "\(file) \(name) \(tile)", file: file, options: style.options(tile, form), group: (tile.x, tile.y))
      }
      return tiles.map { program("step", $0, .usual) } + [program("fallback", tiles[0], .fallback)]
    }
  }

  /// Persistent launches of a cell, where its weights fit: a batch, and one row.
  private func persistent(_ kind: CellKind) -> [DeviceProgram] {
    let cell = CellKernels(kind)
    return [256, 512, 650, 1024].flatMap { hidden in
      CellPass.Direction.allCases.flatMap { direction in
        (hidden == 512 ? [64, 1] : [64]).compactMap { batch -> DeviceProgram? in
          guard
            let plan = style.persistentPlan(cell, direction, hidden: hidden, batch: batch, groups: style.cores)
          else { return nil }
          let kernel = cell.name(direction)
          let groups = plan.grid.columns * ((batch + plan.groupRows - 1) / plan.groupRows)
          let form = CellForm.persistent(language: barrier, kernel: kernel, units: hidden, grid: plan.grid)
          return DeviceProgram(
            name: "persistent H\(hidden) N\(batch) \(plan.tile)", file: cell.file,
            options: style.options(plan.tile, form), group: (plan.tile.x, plan.tile.y), kernels: [kernel],
            groupsPerCore: (groups + style.cores - 1) / style.cores)
        }
      }
    }
  }

  // MARK: Products

  /// Products of few rows, and those by warps in the layouts of training, with short and long sums.
  private func products() throws -> [DeviceProgram] {
    let few = style.candidates(ProductClass.few).map {
      DeviceProgram(name: "matmul \($0)", file: "matmul", options: style.options($0), group: ($0.x, $0.y))
    }
    let kinds =
      [WarpProducts.float32]
      + (hasTensorCores ? [Precision.tf32, .bf16].map { WarpProducts(precision: $0, cores: .ptx) } : [])
    var programs: [DeviceProgram] = []
    for products in kinds {
      var tiles: [Tile] = []
      for product in WarpClass.allCases {
        for tile in style.candidates(product, products) where !tiles.contains(tile) { tiles.append(tile) }
      }
      for tile in tiles {
        for (transposesA, transposesB) in [(false, true), (false, false), (true, false)] {
          for depth in [512, 4096] {
            let options = try products.options(product(depth, transposesA, transposesB), tile, depth: depth)
            guard !programs.contains(where: { $0.options == options }) else { continue }
            let layout = (transposesA ? "ᵀ" : "") + "·" + (transposesB ? "ᵀ" : "")
            programs.append(
              DeviceProgram(
                name: "warp \(products.precision) \(layout) k \(depth) \(tile)", file: "warp", options: options,
                group: (32, tile.x * tile.y), kernels: ["matmulWarps"]))
          }
        }
      }
    }
    return few + programs
  }

  private func product(_ depth: Int, _ transposesA: Bool, _ transposesB: Bool) throws -> Matmul {
    let size = 64
    func region(_ transposes: Bool) throws -> Region {
      let (rows, columns) = transposes ? (depth, size) : (size, depth)
      return try Region(NoMemory(count: rows * columns), rows: rows, columns: columns)
    }
    let c = try Region(NoMemory(count: size * size), rows: size, columns: size)
    return try Matmul(
      region(transposesA), region(!transposesB), transposesA: transposesA, transposesB: transposesB, into: .set(c))
  }

  /// A shape without values.
  private final class NoMemory: Buffer {
    let count: Int
    init(count: Int) { self.count = count }
  }

  // MARK: Others

  private func others() -> [DeviceProgram] {
    Self.files.map { DeviceProgram(name: $0, file: $0, options: style.options(nil)) } + [
      DeviceProgram(
        name: "probe of the barrier", file: "probe", options: "-cl-std=\(barrier) -DPROBE_GRID_BARRIER -DSPINS=1048576")
    ]
  }
}
