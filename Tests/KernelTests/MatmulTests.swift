import RecurrentCPU
import RecurrentCore
import RecurrentReference
import Testing

/// Products at the edges of tiles, panels and blocks of the sum.
struct MatmulTests {
  static let levels = CPULevel.allCases.filter(\.isSupported)

  @Test(arguments: levels, [(false, false), (true, false), (false, true), (true, true)])
  func agreesWithTheOracle(level: CPULevel, transposes: (a: Bool, b: Bool)) throws {
    let backend = try CPUBackend(level: level, threads: 2)
    for (m, n, k) in [
      (1, 1, 1), (2, 3, 5), (5, 63, 7), (6, 64, 16), (7, 65, 17), (13, 31, 255), (12, 33, 256), (3, 17, 257),
      (64, 130, 513), (1, 200, 300),
    ] {
      let (found, expected) = (
        try product(backend, m, n, k, transposes.a, transposes.b),
        try product(ReferenceBackend(), m, n, k, transposes.a, transposes.b)
      )
      let error = squaredError(found, expected)
      #expect(error <= 1e-12, "[\(m), \(k)] · [\(k), \(n)]: \(error)")
    }
  }

  @Test(arguments: levels)
  func givesTheSameBitsOnAnyNumberOfThreads(level: CPULevel) throws {
    let one = try product(CPUBackend(level: level, threads: 1), 130, 200, 600, true, false)
    for threads in [1, 2, 3, 5] {
      let backend = try CPUBackend(level: level, threads: threads)
      for _ in 0..<3 { #expect(try product(backend, 130, 200, 600, true, false) == one) }
    }
  }

  /// The whole buffer of the result, gaps included: `0.5 · op(a) · op(b)` is added into columns 2 ..< 2 + n.
  private func product(
    _ backend: any Backend, _ m: Int, _ n: Int, _ k: Int, _ transposesA: Bool, _ transposesB: Bool
  ) throws -> [Float] {
    var random = Seeded(seed: 3)
    let operand = { (rows: Int, columns: Int) in
      try backend.upload(random.values(rows * (columns + 3)), rows: rows, columns: columns + 3).columns(1..<columns + 1)
    }
    let a = try transposesA ? operand(k, m) : operand(m, k)
    let b = try transposesB ? operand(n, k) : operand(k, n)
    let c = try backend.upload(random.values(m * (n + 5)), rows: m, columns: n + 5)
    try backend.matmul(
      Matmul(
        a, b, transposesA: transposesA, transposesB: transposesB, into: .add(c.columns(2..<2 + n)), scale: 0.5))
    return try backend.download(c)
  }
}
