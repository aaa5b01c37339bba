import RecurrentCore
import Testing

@testable import RecurrentCheck
@testable import RecurrentOpenCL

/// Products by warps, with factors as they are and rounded. That their numbers are right, the cases of `matmul` show.
@Suite struct WarpProductsTests {
  private static let precisions = [Precision.float32, .tf32, .bf16]

  /// Devices that multiply by warps, what stands in for tensor cores among them.
  private func backends(_ precision: Precision) throws -> [(backend: OpenCLBackend, products: WarpProducts)] {
    try OpenCLDevice.tested().map { device in
      let backend = try OpenCLBackend(device, cache: nil, style: .simt, tuned: false)
      #expect(backend.use(precision, cores: .standIn) == nil)
      return (backend, backend.rounded ?? .float32)
    }
  }

  /// Any tile gives the same bits, in every layout of the operands: the smallest, and one or two of the others, of which each
  /// has its turn. Sums are split, and end within a block.
  @Test(arguments: precisions) func tilesAgree(precision: Precision) throws {
    let others = WarpClass.allCases.flatMap { $0.candidates(precision) }
    let precisionPlace = precision == .bf16 ? 2 : 0
    for (backend, products) in try backends(precision) {
      for layout in 0..<4 {
        // Compilers for processors take long for what stands in for tensor cores.
        let some = precision == .float32 ? [others[layout], others[layout + 4]] : [others[layout + precisionPlace]]
        let results = try ([.smallestWarp] + some).compactMap { tile in
          guard products.localMemory(tile) <= backend.context.device.localMemory else { return nil as Stage? }
          for product in WarpClass.allCases { backend.choices.products[product.name(precision)] = tile }
          let stage = Stage(backend, seed: "tiles")
          // Half of them have neighbours that are moved one by one.
          stage.isPacked = layout == 0 || layout == 3
          let (m, n, k) = (140, stage.isPacked ? 132 : 133, stage.isPacked ? 532 : 530)
          let (transposesA, transposesB) = (layout & 1 != 0, layout & 2 != 0)
          let a = try stage.input(transposesA ? k : m, transposesA ? m : k)
          let b = try stage.input(transposesB ? n : k, transposesB ? k : n)
          let c = try stage.output(m, n, adds: transposesB)
          try backend.matmul(
            Matmul(a, b, transposesA: transposesA, transposesB: transposesB, into: c, scale: transposesA ? 0.75 : 1))
          return stage
        }
        var comparison = Comparison("tiles")
        for result in results.dropFirst() { try comparison.requireSameBits(results[0], result) }
        #expect(comparison.result.passed, "\(backend.device.variant), layout \(layout): \(comparison.result.detail)")
      }
    }
  }

  /// One launch; two where few tiles have a long sum.
  @Test func launches() throws {
    for (backend, _) in try backends(.float32) {
      for (k, splits) in [(300, 0), (600, 1)] {
        let a = try backend.allocate(rows: 20, columns: k)
        let b = try backend.allocate(rows: 24, columns: k)
        try backend.startProfile()
        try backend.matmul(Matmul(a, b, transposesB: true, into: .set(backend.allocate(rows: 20, columns: 24))))
        let calls = try backend.finishProfile().calls.filter { $0.kind == .kernel }
        #expect(calls.map(\.name) == ["matmulWarps"] + Array(repeating: "addSplits", count: splits))
      }
    }
  }

  /// What is no number stays in its row, wherever it lies in a tile.
  @Test func onlyItsRowIsNoNumber() throws {
    let (m, n, k) = (70, 40, 530)
    for (backend, _) in try backends(.float32) {
      var values = [Float](repeating: 1, count: m * k)
      values[37 * k + k - 1] = .nan
      let a = try backend.upload(values, rows: m, columns: k)
      let b = try backend.upload([Float](repeating: 1, count: n * k), rows: n, columns: k)
      let c = try backend.allocate(rows: m, columns: n)
      try backend.matmul(Matmul(a, b, transposesB: true, into: .set(c)))
      let found = try backend.download(c)
      #expect(found.indices.allSatisfy { $0 / n == 37 ? found[$0].isNaN : found[$0] == Float(k) })
    }
  }

  /// Every candidate fits into the 48 KiB of local memory that NVIDIA's devices have for OpenCL.
  @Test func localMemory() {
    for precision in Self.precisions {
      let products = WarpProducts(precision: precision, cores: precision == .float32 ? nil : .ptx)
      for tile in WarpClass.allCases.flatMap({ $0.candidates(precision) }) {
        #expect(products.localMemory(tile) <= 48 << 10, "\(precision), \(tile)")
        #expect(tile.rows % 2 == 0 && tile.columns % 2 == 0)
        // Each work-item moves whole chunks.
        let depth = precision == .float32 ? 16 : 32, chunk = precision == .bf16 ? 8 : 4
        for extent in [tile.blockM, tile.blockN] { #expect(extent * depth % (chunk * 32 * tile.x * tile.y) == 0) }
      }
    }
  }
}
