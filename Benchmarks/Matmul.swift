import RecurrentCore

extension BenchmarkFamily {
  /// `A · Bᵀ` in the shapes of recurrent networks, and square ones.
  static let matmul = BenchmarkFamily(name: "matmul") { small in
    let shapes =
      small
      ? [(3, 33, 17)]
      : [(1, 2048, 512), (32, 2048, 512), (64, 2048, 512), (1024, 1024, 1024), (4096, 2048, 512)]
    return shapes.map(product)
  }

  /// `A · Bᵀ` of one shape: with B packed during the measurement, and packed beforehand.
  static func product(_ m: Int, _ n: Int, _ k: Int) -> Work {
    Work(name: "matmul \(m)×\(n)×\(k)") { device in
      let backend = device.backend
      let product = try Matmul(
        backend.noise(rows: m, columns: k, seed: 1), backend.noise(rows: n, columns: k, seed: 2), transposesB: true,
        into: .set(backend.allocate(rows: m, columns: n)))
      return try [
        Benchmark(part: "product", flops: product.flops) { try backend.matmul(product) },
        Benchmark(part: "packed", flops: product.flops, run: backend.prepare(product)),
      ]
    }
  }
}

extension Backend {
  /// A matrix uniform in ±`scale`.
  func noise(rows: Int = 1, columns: Int, seed: UInt64, scale: Float = 1) throws -> Region {
    let random = Philox(key: seed)
    var words = SIMD4<UInt32>()
    let values = (0..<rows * columns).map { index in
      if index % 4 == 0 { words = random(SIMD4(UInt32(index / 4), 0, 0, 0)) }
      return (Float(words[index % 4] >> 8) / Float(1 << 23) - 1) * scale
    }
    return try upload(values, rows: rows, columns: columns)
  }
}
