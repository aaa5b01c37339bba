/// What a device can do at most, as measured: what a kernel's rate is a share of.
public struct DeviceLimits: Hashable, Sendable {
  /// Billions of floating-point operations a second, on registers; a multiply-add counts two.
  public let gigaflops: Double
  /// Billions of bytes a second between the device's memory and itself, read or written.
  public let gigabytesPerSecond: Double

  /// Limits that are known.
  public init(gigaflops: Double, gigabytesPerSecond: Double) {
    self.gigaflops = gigaflops
    self.gigabytesPerSecond = gigabytesPerSecond
  }

  /// Measures a device: the best of a few tries, since whatever else runs on it only slows it. Takes some 0.5 s and up to
  /// 256 MiB of the device's memory.
  /// - Throws: What the backend throws, `RecurrentError.outOfMemory` for example.
  public static func measure(on device: Device) throws -> DeviceLimits {
    let backend = device.backend
    let peaks = try (0..<8).map { _ in try backend.measurePeak(seconds: 0.01) }
    return try DeviceLimits(
      gigaflops: peaks.max() ?? 0, gigabytesPerSecond: backend.measureBandwidth(seconds: 0.1))
  }

  /// The share of the limit that binds (the roofline of Williams, Waterman and Patterson, 2009): of the operations or of
  /// the memory's traffic, whichever is larger. Above 1 where operands lie in a cache, whose bandwidth is not measured.
  public func share(flops: Int, bytes: Int, seconds: Double) -> Double {
    seconds > 0 ? max(Double(flops) / gigaflops, Double(bytes) / gigabytesPerSecond) / seconds / 1e9 : 0
  }
}

extension Backend {
  /// The rate of a product, for want of anything better, in gigaflops.
  public func measurePeak(seconds: Double) throws -> Double {
    let size = 128
    let matrices = try (0..<3).map { _ in try allocate(rows: size, columns: size) }
    let product = try Matmul(matrices[0], matrices[1], into: .set(matrices[2]))
    return try Double(2 * size * size * size) / shortest(seconds) { try matmul(product) } / 1e9
  }

  /// The rate of a copy of more than any cache holds, in gigabytes a second.
  public func measureBandwidth(seconds: Double) throws -> Double {
    let (source, target) = try bandwidthOperands()
    let copied = try Copy(source, into: .set(target))
    return try Double(8 * source.count) / shortest(seconds) { try copy(copied) } / 1e9
  }

  /// Two rows of 128 MiB, or as long as the device allows.
  package func bandwidthOperands() throws -> (Region, Region) {
    let count = min(128 << 20, max(device.maximumAllocation, 4 << 20)) / 4
    return try (allocate(columns: count), allocate(columns: count))
  }

  /// The seconds of the fastest run of some work in about `seconds`, after one to warm up: any other was disturbed.
  package func shortest(_ seconds: Double, _ work: () throws -> Void) throws -> Double {
    let clock = ContinuousClock()
    func time() throws -> Double {
      let start = clock.now
      try work()
      try synchronize()
      return (clock.now - start).seconds
    }
    var (best, total) = (Double.infinity, 0.0)
    _ = try time()
    repeat {
      let next = try time()
      best = min(best, next)
      total += next
    } while total < seconds
    return best
  }
}
