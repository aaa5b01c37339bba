import RecurrentCPU
import RecurrentCheck
import RecurrentCore
import TestSupport
import Testing

@Suite struct MatmulTests {
  @Test(arguments: parityCases("matmul"), TestDevice.bothStyles)
  func parity(parityCase: ParityCase, device: TestDevice) throws {
    try expectParity(parityCase, on: device)
  }

  /// Nothing to multiply, or nothing to sum, gives nothing, or 0, however threads would share it.
  @Test(arguments: [(0, 3, 5), (3, 0, 3_000), (6, 0, 5), (3, 6, 0)], [1, 2])
  func emptyOperands(size: (m: Int, n: Int, k: Int), threads: Int) throws {
    let backend = try CPUBackend(threads: threads)
    let a = try backend.allocate(rows: size.k, columns: size.m)
    let b = try backend.allocate(rows: size.k, columns: size.n)
    let c = try backend.allocate(rows: size.m, columns: size.n)
    try backend.fill(c, with: 1)
    try backend.matmul(Matmul(a, b, transposesA: true, into: .set(c)))
    #expect(try backend.download(c).allSatisfy { $0 == 0 })
  }
}
