/// Measured peak rates of a device, to which a kernel's rate is compared.
package struct DeviceLimits: Hashable, Sendable {
  /// Peak billions of floating-point operations per second, operands in registers; a multiply-add counts as two.
  package let gigaflops: Double
  /// Peak billions of bytes per second read from or written to device memory.
  package let gigabytesPerSecond: Double

  /// Known limits.
  package init(gigaflops: Double, gigabytesPerSecond: Double) {
    self.gigaflops = gigaflops
    self.gigabytesPerSecond = gigabytesPerSecond
  }

  /// Measures a device: the best of several tries, since other work on it can only slow it down. Takes about 0.5 s and
  /// up to 256 MiB of device memory.
  /// - Throws: What the backend throws, `RecurrentError.outOfMemory` for example.
  package static func measure(on device: Device) throws -> DeviceLimits {
    let backend = device.backend
    let peaks = try (0..<8).map { _ in try backend.measurePeak(seconds: 0.01) }
    return try DeviceLimits(
      gigaflops: peaks.max() ?? 0, gigabytesPerSecond: backend.measureBandwidth(seconds: 0.1))
  }

  /// The fraction of the binding limit that is reached, of arithmetic or of memory bandwidth, whichever is larger (the
  /// roofline model of Williams, Waterman and Patterson, 2009). Exceeds 1 if operands stay in a cache, whose bandwidth
  /// is not measured.
  package func share(flops: Int, bytes: Int, seconds: Double) -> Double {
    seconds > 0 ? max(Double(flops) / gigaflops, Double(bytes) / gigabytesPerSecond) / seconds / 1e9 : 0
  }
}

extension Backend {
  /// The rate of a matrix product in gigaflops, as an estimate of the peak.
  package func measurePeak(seconds: Double) throws -> Double {
    let size = 128
    let matrices = try (0..<3).map { _ in try allocate(rows: size, columns: size) }
    let product = try Matmul(matrices[0], matrices[1], into: .set(matrices[2]))
    return try Double(2 * size * size * size) / shortest(seconds) { try matmul(product) } / 1e9
  }

  /// The rate of a copy larger than any cache, in gigabytes per second.
  package func measureBandwidth(seconds: Double) throws -> Double {
    let (source, target) = try bandwidthOperands()
    let copied = try Copy(source, into: .set(target))
    return try Double(8 * source.count) / shortest(seconds) { try copy(copied) } / 1e9
  }

  /// Two rows of 128 MiB, or as long as the device allows.
  package func bandwidthOperands() throws -> (Region, Region) {
    let count = min(128 << 20, max(device.maximumAllocation, 4 << 20)) / 4
    return try (allocate(columns: count), allocate(columns: count))
  }

  /// The duration in seconds of the fastest run of `work` within about `seconds`, after one warm-up run: slower runs
  /// were disturbed.
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
