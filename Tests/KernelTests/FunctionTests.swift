import Kernels
import RecurrentCPU
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// exp, tanh and sigmoid over the whole range of floats, against the C library in Double.
struct FunctionTests {
  /// Every 4,099th float of both signs, and what lies at the edges.
  static let arguments: [Float] = {
    let patterns = stride(from: UInt32(0), to: 0x7F80_0000, by: 4_099).map { Float(bitPattern: $0) }
    let edges: [Float] = [
      0, Float(sign: .plus, exponent: -133, significand: 1), 9, 10, 10.01, 87.3, 88.72, 88.73, 89, 88.29, 88.3, 88.31,
      103.9, 104, 1e30,
      .greatestFiniteMagnitude,
    ]
    return (patterns + edges + [.infinity]).flatMap { [$0, -$0] }
  }()

  @Test(arguments: CPULevel.allCases.filter(\.isSupported))
  func expIsWithin2Ulp(level: CPULevel) throws {
    let kernels = try #require(cpuKernels(level.rawValue)).pointee
    check(within: 2, apply { kernels.exponential($0, $1, $2) }) { exp($0) }
  }

  @Test(arguments: CPULevel.allCases.filter(\.isSupported))
  func tanhIsWithin3Ulp(level: CPULevel) throws {
    let kernels = try #require(cpuKernels(level.rawValue)).pointee
    let found = apply { kernels.activate(0, $0, $1, $2, 0) }
    check(within: 3, found) { tanh($0) }
    for (x, y) in zip(Self.arguments, found) where abs(x) >= 10 { #expect(y == (x < 0 ? -1 : 1)) }
    for (x, y) in zip(Self.arguments, found) { #expect(y.sign == x.sign && abs(y) <= 1) }
  }

  @Test(arguments: CPULevel.allCases.filter(\.isSupported))
  func sigmoidIsWithin3Ulp(level: CPULevel) throws {
    let kernels = try #require(cpuKernels(level.rawValue)).pointee
    let found = apply { kernels.activate(1, $0, $1, $2, 0) }
    // Below −88.3 the result stays what it is there, a denormal number.
    check(within: 3, found, absolute: 1e-38) { 1 / (1 + exp(-$0)) }
    for y in found { #expect(y >= 0 && y <= 1) }
  }

  @Test(arguments: CPULevel.allCases.filter(\.isSupported))
  func passNaNOn(level: CPULevel) throws {
    let kernels = try #require(cpuKernels(level.rawValue)).pointee
    let x = [Float](repeating: .nan, count: 19)
    for activation in Int32(0)...2 {
      var y = [Float](repeating: 0, count: x.count)
      kernels.activate(activation, x, &y, x.count, 0)
      #expect(y.allSatisfy { $0.isNaN }, "activation \(activation)")
    }
    var y = [Float](repeating: 0, count: x.count)
    kernels.exponential(x, &y, x.count)
    #expect(y.allSatisfy { $0.isNaN })
    kernels.clip(&y, 1, y.count)
    #expect(y.allSatisfy { $0.isNaN })
  }

  private func apply(_ body: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void) -> [Float] {
    [Float](unsafeUninitializedCapacity: Self.arguments.count) { out, count in
      if let base = out.baseAddress { body(Self.arguments, base, Self.arguments.count) }
      count = Self.arguments.count
    }
  }

  /// `absolute`: a difference that always passes, for results that are denormal.
  private func check(within ulps: Double, _ found: [Float], absolute: Double = 0, _ function: (Double) -> Double) {
    var worst = (error: 0.0, x: Float(0))
    for (x, y) in zip(Self.arguments, found) {
      let exact = function(Double(x))
      let rounded = Float(exact)
      if y == rounded || abs(Double(y) - exact) <= absolute { continue }
      let error = abs(Double(y) - exact) / Double(rounded.ulp)
      if !(error <= worst.error) { worst = (error.isNaN ? .infinity : error, x) }
    }
    #expect(worst.error <= ulps, "\(worst.error) ulp at \(worst.x)")
  }
}
