import RecurrentCore

/// Products by warps, see `warp.cl`: those of the SIMT style, and those with rounded factors.
package struct WarpProducts {
  package let precision: Precision
  /// The multiplication of rounded factors; nil for float32.
  var cores: TensorCores?
  /// Whether products of any size are rounded, for tests, or only large ones.
  var takesAll = false

  /// Products of the SIMT style without rounding.
  package static let float32 = WarpProducts(precision: .float32)

  package init(precision: Precision, cores: TensorCores? = nil, takesAll: Bool = false) {
    (self.precision, self.cores, self.takesAll) = (precision, cores, takesAll)
  }

  /// Whether a product's factors are rounded.
  func take(_ operation: Matmul) -> Bool {
    let (m, n, k) = (operation.m, operation.n, operation.k)
    return takesAll || min(m, n, k) >= 16 && m * n * k * (operation.batch?.count ?? 1) >= 1 << 20
  }

  /// The number of terms up to which float32 sums are not taken in blocks.
  package static let shortSum = 1024

  /// The macros of the program for a product, or for its splits of `depth` terms.
  package func options(_ operation: Matmul, _ tile: Tile, depth: Int) -> String {
    let layout = (left: operation.transposesA ? 0 : 1, right: operation.transposesB ? 1 : 0)
    return "-cl-std=CL1.2 -DWIDTH=1 -D\(precision.rawValue.uppercased())" + (cores == .ptx ? " -DPTX" : "")
      + (precision == .float32 && depth > Self.shortSum ? " -DLONG_SUMS" : "")
      + " -DLEFT_K_MAJOR=\(layout.left) -DRIGHT_K_MAJOR=\(layout.right)"
      + " -DROWS=\(tile.rows) -DCOLUMNS=\(tile.columns) -DLANES_X=\(tile.x) -DLANES_Y=\(tile.y)"
  }

  /// The maximum local memory of a work-group in bytes.
  func localMemory(_ tile: Tile) -> Int {
    // As in the kernel: words of k, the larger layout with its gaps, and what float32 stores while it multiplies.
    if precision == .float32 { return 4 * 2 * 16 * (tile.blockM + 4 + tile.blockN + 4) }
    let words = precision == .bf16 ? 16 : 32
    let exchange = cores == .standIn ? tile.x * tile.y * 24 * 8 : 0
    return 4 * [tile.blockM, tile.blockN].reduce(exchange) { $0 + max($1 * (words + 4), words * ($1 + 8)) }
  }
}

extension Tile {
  /// The rows of a work-group's tile in `warp.cl`: `rows` and `columns` are blocks, `x` and `y` warps.
  var blockM: Int { 16 * rows * y }
  var blockN: Int { 8 * columns * x }

  /// 32 × 16, one warp: for devices with small work-groups.
  static let smallestWarp = Tile(rows: 2, columns: 2)
}

/// Classes of products by warps with the same tile. `rows` and `columns` of a tile are a warp's blocks of 16 × 8, `x`
/// and `y` a work-group's warps.
package enum WarpClass: String, CaseIterable {
  /// Too few tiles of 128 × 128 for all compute units.
  case small
  case large

  /// The name of its choice: `product tf32 large`.
  func name(_ precision: Precision) -> String { "\(precision) \(self)" }

  /// The candidates, the default first: 64 × 64 twice and 64 × 32; 128 × 128 twice and 128 × 64. In float32 one more,
  /// of fewer warps with as many sums each, for which others lack registers. Float32 needs an even number of blocks.
  func candidates(_ precision: Precision) -> [Tile] {
    switch self {
    case .small:
      [
        Tile(rows: 2, columns: 4, x: 2, y: 2), Tile(rows: 2, columns: 2, x: 4, y: 2),
        Tile(rows: 2, columns: 2, x: 2, y: 2),
      ] + (precision == .float32 ? [Tile(rows: 4, columns: 4, x: 2, y: 1)] : [])
    case .large:
      [
        Tile(rows: 4, columns: 4, x: 4, y: 2), Tile(rows: 2, columns: 4, x: 4, y: 4),
        Tile(rows: 2, columns: 4, x: 2, y: 4),
      ] + (precision == .float32 ? [Tile(rows: 4, columns: 4, x: 2, y: 2)] : [])
    }
  }
}

extension OpenCLBackend {
  /// The minimum depth of a split, of which splits are multiples, and the number of work-groups that a product should
  /// have.
  private static let (leastSplit, wantedGroups) = (256, 128)

  /// A product by warps. If few tiles have long sums, the sums are split into separate tiles and added in order. The
  /// shape alone determines the splits, so any tile gives the same bits.
  func multiply(_ operation: Matmul, _ products: WarpProducts) throws {
    let (m, n, k) = (operation.m, operation.n, operation.k)
    let batch = operation.batch ?? .single
    let groups = m.tiles(of: 128) * n.tiles(of: 128) * batch.count
    let wanted = max(1, min(Self.wantedGroups / groups, k / Self.leastSplit))
    let splitDepth = max(k, 1).tiles(of: wanted).tiles(of: Self.leastSplit) * Self.leastSplit
    let splits = max(k, 1).tiles(of: splitDepth)
    let isSplit = splits > 1
    let (c, adds) = (operation.output.region, operation.output.adds)
    let sums = try isSplit ? scratch(.splits, batch.count * splits * m * n) : nothing
    let result = try isSplit ? Region(sums, rows: batch.count * splits * m, columns: n) : c
    let (resultStep, scale) = isSplit ? (m * n, 1) : (batch.strideC, operation.scale)

    let tile = tile(products, groups: groups * splits)
    let (options, warps) = (products.options(operation, tile, depth: min(k, splitDepth)), tile.x * tile.y)
    let operands = [(operation.a, batch.strideA), (operation.b, batch.strideB), (result, resultStep)]
    let aligned = operands.enumerated().reduce(0) { bits, operand in
      let (x, step) = operand.element
      return bits + (x.offset % 4 == 0 && x.stride % 4 == 0 && step % 4 == 0 ? 1 << operand.offset : 0)
    }
    try launch(
      "warp", "matmulWarps", [n.tiles(of: tile.blockN) * 32, m.tiles(of: tile.blockM) * warps, batch.count * splits],
      group: [32, warps], options: options, flops: operation.flops,
      operands.flatMap { [$0, Int64($1)] as [any KernelArgument] } + [
        m, n, k, splits, splitDepth, scale, !isSplit && adds, aligned,
      ])
    guard isSplit else { return }
    try launch(
      "warp", "addSplits", [n, m, batch.count], group: [style.group], options: options,
      [sums, c, Int64(batch.strideC), m, n, splits, operation.scale, adds])
  }

  /// The tile of a product, by its number of 128 × 128 tiles. The smallest for the stand-in, since compilers for
  /// processors are slow with many barriers.
  private func tile(_ products: WarpProducts, groups: Int) -> Tile {
    let product = groups >= Self.wantedGroups * 3 / 4 ? WarpClass.large : .small
    let chosen = choices.products[product.name(products.precision)]
    return chosen ?? (products.cores == .standIn ? .smallestWarp : style.candidates(product, products)[0])
  }
}

extension KernelStyle {
  /// The tiles of a class that the device supports.
  package func candidates(_ product: WarpClass, _ products: WarpProducts) -> [Tile] {
    // Intel's compilers keep the sums of more blocks in memory.
    let isIntel = vendor == .intel
    let tiles = (isIntel ? .small : product).candidates(products.precision).filter {
      !isIntel || $0.rows * $0.columns <= 4
    }
    let fitting = tiles.filter {
      32 * $0.x * $0.y <= maximumGroup && products.localMemory($0) <= localMemory
    }
    return fitting.isEmpty ? [.smallestWarp] : fitting
  }
}
