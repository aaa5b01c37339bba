import COpenCL
import RecurrentCore

/// What multiplies where factors are rounded; see `mma.cl`.
package enum TensorCores: String, CaseIterable, Sendable {
  /// Tensor cores, by inline PTX.
  case ptx
  /// Plain C with the same roundings, slow, on any device: for tests.
  case standIn = "stand-in"
}

/// Products whose factors are rounded.
struct RoundedProducts {
  let precision: Precision
  let cores: TensorCores
  /// Whether products of any size are rounded, as for tests, or those that are large enough to be worth it.
  var takesAll: Bool

  /// Whether a product's factors are rounded.
  func take(_ operation: Matmul) -> Bool {
    let (m, n, k) = (operation.m, operation.n, operation.k)
    return takesAll || min(m, n, k) >= 16 && m * n * k * (operation.batch?.count ?? 1) >= 1 << 20
  }

  /// The macros of the program for a product.
  func options(_ operation: Matmul, _ tile: Tile) -> String {
    let layout = (left: operation.transposesA ? 0 : 1, right: operation.transposesB ? 1 : 0)
    return "-cl-std=CL1.2 -DWIDTH=1 -D\(precision.rawValue.uppercased())" + (cores == .ptx ? " -DPTX" : "")
      + " -DLEFT_BY_K=\(layout.left) -DRIGHT_BY_K=\(layout.right)"
      + " -DROWS=\(tile.rows) -DCOLUMNS=\(tile.columns) -DLANES_X=\(tile.x) -DLANES_Y=\(tile.y)"
  }

  /// The bytes of local memory of a work-group, at most.
  func localMemory(_ tile: Tile) -> Int {
    let step = (precision == .bf16 ? 16 : 32) + 4  // a row's words and their gap
    return 4 * ((tile.mmaHeight + tile.mmaBreadth) * step + (cores == .standIn ? tile.x * tile.y * 24 * 8 : 0))
  }
}

extension Tile {
  /// The rows and columns of a work-group's tile in `mma.cl`, whose `rows` and `columns` are blocks and `x` and `y` warps.
  fileprivate var mmaHeight: Int { 16 * rows * y }
  fileprivate var mmaBreadth: Int { 8 * columns * x }

  /// 16 × 8, for devices that take no more.
  static let smallestMMA = Tile(rows: 1, columns: 1)
}

/// Products with rounded factors that take the same tiles. A tile's `rows` and `columns` are a warp's blocks, its `x` and `y` a
/// work-group's warps.
enum RoundedClass: String, CaseIterable {
  /// Too few tiles of 128 × 128 for all compute units.
  case small
  case large

  /// The name of its choice: `product tf32 large`.
  func name(_ precision: Precision) -> String { "\(precision) \(self)" }

  /// What there is to choose from, the best guess first: 64 × 64 twice and 64 × 32, 128 × 128 twice and 128 × 64.
  var candidates: [Tile] {
    switch self {
    case .small:
      [
        Tile(rows: 2, columns: 4, x: 2, y: 2), Tile(rows: 2, columns: 2, x: 4, y: 2),
        Tile(rows: 2, columns: 2, x: 2, y: 2),
      ]
    case .large:
      [
        Tile(rows: 4, columns: 4, x: 4, y: 2), Tile(rows: 2, columns: 4, x: 4, y: 4),
        Tile(rows: 2, columns: 4, x: 2, y: 4),
      ]
    }
  }
}

extension OpenCLBackend {
  /// Rounds the factors of large products from now on, if tensor cores compute the right thing with them.
  /// - Returns: Why they do not, where they do not: then nothing is rounded.
  /// - Throws: `RecurrentError.invalidArgument` for a word in `RECUR_TENSOR_CORES` that names nothing.
  public func use(_ precision: Precision) throws -> String? {
    try use(precision, cores: Self.choice("RECUR_TENSOR_CORES") ?? .ptx)
  }

  /// The same with tensor cores or what stands in for them.
  package func use(_ precision: Precision, cores: TensorCores) -> String? {
    round(nil)
    guard precision != .float32 else { return nil }
    if cores == .ptx, let problem = context.device.tensorCoreProblem { return problem }
    round(RoundedProducts(precision: precision, cores: cores, takesAll: cores == .standIn))
    do {
      if try multipliesRightly(precision) { return nil }
      round(nil)
      return "its tensor cores give wrong numbers"
    } catch {
      round(nil)
      return "its driver does not take inline PTX for them: \(error)"
    }
  }

  /// Rounds the factors of small products, too, if it rounds any: for checks.
  public func roundAllProducts() { rounded?.takesAll = true }

  /// Takes products with rounded factors, or none; the device's variant says which.
  private func round(_ products: RoundedProducts?) {
    rounded = products
    device.precision = products?.precision ?? .float32
    device.variant = variant + (products.map { " \($0.precision)" + ($0.cores == .standIn ? " stand-in" : "") } ?? "")
  }

  // MARK: Multiplying

  /// The values of k that are a part at least, and the work-groups that a product should have.
  private static let (leastShare, wantedGroups) = (256, 128)

  /// A product with rounded factors. Where few tiles have long sums, parts of the sums have tiles of their own and are added
  /// in order. The shape alone decides where they are cut, so that any tile gives the same bits.
  func multiply(_ operation: Matmul, _ products: RoundedProducts) throws {
    let (m, n, k) = (operation.m, operation.n, operation.k)
    let batch = operation.batch ?? .init(count: 1, strideA: 0, strideB: 0, strideC: 0)
    let groups = m.tiles(of: 128) * n.tiles(of: 128) * batch.count
    let wanted = max(1, min(Self.wantedGroups / groups, k / Self.leastShare))
    let share = max(k, 1).tiles(of: wanted).tiles(of: 64) * 64
    let parts = max(k, 1).tiles(of: share)
    let c = operation.output.region
    guard parts > 1 else {
      return try launch(
        operation, products, batch, into: c, step: batch.strideC, parts: 1, share: share, scale: operation.scale,
        adds: operation.output.adds, groups: groups)
    }
    let memory = try scratch(.parts, batch.count * parts * m * n)
    let sums = try Region(memory, rows: batch.count * parts * m, columns: n)
    try launch(
      operation, products, batch, into: sums, step: m * n, parts: parts, share: share, scale: 1, adds: false,
      groups: groups * parts)
    try launch(
      "mma", "addParts", [n, m, batch.count], group: [style.group],
      options: products.options(operation, tile(products, groups: groups * parts)),
      [memory, c, Int64(batch.strideC), m, n, parts, operation.scale, operation.output.adds])
  }

  private func launch(
    _ operation: Matmul, _ products: RoundedProducts, _ batch: Matmul.Batch, into c: Region, step: Int, parts: Int,
    share: Int, scale: Float, adds: Bool, groups: Int
  ) throws {
    let tile = tile(products, groups: groups)
    let warps = tile.x * tile.y
    let isAligned = { (x: Region, step: Int) in x.offset % 4 == 0 && x.stride % 4 == 0 && step % 4 == 0 }
    let aligned =
      (isAligned(operation.a, batch.strideA) ? 1 : 0) + (isAligned(operation.b, batch.strideB) ? 2 : 0)
    try launch(
      "mma", "mmaProduct",
      [
        operation.n.tiles(of: tile.mmaBreadth) * 32, operation.m.tiles(of: tile.mmaHeight) * warps,
        batch.count * parts,
      ],
      group: [32, warps], options: products.options(operation, tile), flops: operation.flops,
      [
        operation.a, Int64(batch.strideA), operation.b, Int64(batch.strideB), c, Int64(step), operation.m, operation.n,
        operation.k, parts, share, scale, adds, aligned,
      ])
  }

  /// The tile of a product that has so many of 128 × 128. For the stand-in the smallest, as compilers for processors take long
  /// for many barriers.
  private func tile(_ products: RoundedProducts, groups: Int) -> Tile {
    let product = groups >= Self.wantedGroups * 3 / 4 ? RoundedClass.large : .small
    let chosen = choices.products[product.name(products.precision)]
    return chosen ?? (products.cores == .ptx ? candidates(product, products)[0] : .smallestMMA)
  }

  /// The tiles of a class that the device takes.
  func candidates(_ product: RoundedClass, _ products: RoundedProducts) -> [Tile] {
    let fitting = product.candidates.filter {
      32 * $0.x * $0.y <= style.maximumGroup && products.localMemory($0) <= context.device.localMemory
    }
    return fitting.isEmpty ? [.smallestMMA] : fitting
  }

  // MARK: A known answer

  /// Whether products of small whole numbers, and of one that has to be rounded, are exact in the layouts that training takes.
  private func multipliesRightly(_ precision: Precision) throws -> Bool {
    let (m, n, k) = (40, 24, 50)
    // Half-way between two neighbours: away from 0, and to the even one above.
    let (halfway, rounded): (Float, Float) =
      precision == .tf32 ? (1 + 0x1p-11, 1 + 0x1p-10) : (1 + 0x3p-8, 1 + 0x1p-6)
    let left = { (i: Int, p: Int) in i + p == 0 ? halfway : Float((7 * i + 3 * p) % 9 - 4) }
    let right = { (p: Int, j: Int) in Float((5 * p + 2 * j + p * j) % 7 - 3) }
    let expected = (0..<m * n).map { place in
      (0..<k).reduce(0 as Float) { sum, p in
        sum + (place / n + p == 0 ? rounded : left(place / n, p)) * right(p, place % n)
      }
    }
    for (transposesA, transposesB) in [(false, true), (false, false), (true, false)] {
      let a = try upload(transposesA ? k : m, transposesA ? m : k) { transposesA ? left($1, $0) : left($0, $1) }
      let b = try upload(transposesB ? n : k, transposesB ? k : n) { transposesB ? right($1, $0) : right($0, $1) }
      let c = try allocate(rows: m, columns: n)
      guard let products = self.rounded else { return false }
      try multiply(Matmul(a, b, transposesA: transposesA, transposesB: transposesB, into: .set(c)), products)
      if try download(c) != expected { return false }
    }
    return true
  }

  private func upload(_ rows: Int, _ columns: Int, _ value: (Int, Int) -> Float) throws -> Region {
    try upload((0..<rows * columns).map { value($0 / columns, $0 % columns) }, rows: rows, columns: columns)
  }
}

extension OpenCLDevice {
  /// Why inline PTX for tensor cores is not even tried: some drivers' compilers crash on it.
  fileprivate var tensorCoreProblem: String? {
    guard extensions.contains("cl_nv_device_attribute_query") else { return "no tensor cores that OpenCL reaches" }
    // CL_DEVICE_COMPUTE_CAPABILITY_MAJOR_NV
    let generation: cl_uint = number(0x4000)
    return generation >= 8 ? nil : "tensor cores take it from compute capability 8 on, and it has \(generation)"
  }

  /// What came of trying tensor cores: `probed yes (tf32, bf16)`.
  func probedTensorCores() -> String {
    if let problem = tensorCoreProblem { return "not claimed; not probed (\(problem))" }
    do {
      let backend = try OpenCLBackend(self, cache: .standard())
      let problems = [Precision.tf32, .bf16].map { ($0, backend.use($0, cores: .ptx)) }
      let working = problems.filter { $0.1 == nil }.map { "\($0.0)" }
      return "claimed; probed "
        + (working.isEmpty ? "no (\(problems[0].1 ?? ""))" : "yes (\(working.joined(separator: ", ")))")
    } catch {
      return "claimed; probed no (\(error))"
    }
  }
}
