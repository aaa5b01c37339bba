import RecurrentCPU
import RecurrentCore

/// A measured benchmark on a device.
package struct Measurement: Codable, Sendable {
  /// The device's identifier.
  package let device: String
  /// The workload.
  package let name: String
  /// The part of the workload.
  package let part: String
  /// The median over the rounds, in milliseconds.
  package let milliseconds: Double
  /// The fastest round, in milliseconds.
  package let fastest: Double
  /// Billions of floating-point operations per second, at the median; nil if there are none.
  package let gigaflops: Double?
  /// Billions of bytes per second, at the median; nil unless memory is timed.
  package let gigabytes: Double?
  /// The FMA peak measured between the rounds, in billions of operations per second: the processor's with its widest
  /// instruction set, or a GPU's.
  package let peak: Double
  /// The fraction of the peak; nil without floating-point operations.
  package let shareOfPeak: Double?
  /// The fraction of the bandwidth of a large copy, measured between the rounds; nil unless memory is timed.
  package let shareOfCopy: Double?
  /// The kernel launches per run; nil if the backend does not report them.
  package let launches: Int?
  /// The precision of the factors of large products.
  package let precision: String
  /// The peak device memory in bytes since the setup of the workload, with all its parts; nil if the backend does not
  /// report it.
  package let peakBytes: Int?

  /// Times a part of a workload in `rounds` rounds of at least `seconds` each, with a measurement of the peak, or of a
  /// copy, before every round.
  package static func of(
    _ benchmark: Benchmark, of work: Work, on device: Device, rounds: Int = 7, seconds: Double = 0.1
  ) throws -> Measurement {
    let clock = ContinuousClock()
    let time = { (count: Int) throws -> Double in
      let start = clock.now
      for _ in 0..<count { try benchmark.run() }
      try device.backend.synchronize()
      return (clock.now - start).seconds / Double(count)
    }
    let once = try min(time(1), time(1))
    let count = max(1, Int(seconds / once))
    // The peak of an OpenCL driver's own code may be below the processor's.
    let processor = device.description.kind == .cpu ? try FMAPeak(threads: device.description.computeUnits) : nil
    var times: [Double] = []
    var peaks: [Double] = []
    var copies: [Double] = []
    for _ in 0..<rounds {
      try peaks.append(processor?.measure() ?? device.backend.measurePeak(seconds: 0.02))
      if benchmark.bytes > 0 { try copies.append(device.backend.measureBandwidth(seconds: 0.02)) }
      times.append(try time(count))
    }
    let seconds = times.median
    let rate = { (count: Int) in count > 0 ? Double(count) / seconds / 1e9 : nil }
    let (gigaflops, gigabytes) = (rate(benchmark.flops), rate(benchmark.bytes))
    return try Measurement(
      device: device.description.identifier, name: work.name, part: benchmark.part, milliseconds: seconds * 1e3,
      fastest: (times.min() ?? 0) * 1e3, gigaflops: gigaflops, gigabytes: gigabytes,
      peak: peaks.median, shareOfPeak: gigaflops.map { $0 / peaks.median },
      shareOfCopy: gigabytes.map { $0 / copies.median },
      launches: launches(of: benchmark, on: device.backend), precision: device.description.precision.rawValue,
      peakBytes: (device.backend as? any MemoryMeter)?.peakMemory)
  }

  private static func launches(of benchmark: Benchmark, on backend: any Backend) throws -> Int? {
    guard let profiler = backend as? any Profiler else { return nil }
    try profiler.startProfile()
    try benchmark.run()
    return try profiler.finishProfile().launches
  }
}

extension [Double] {
  /// The median; of an even count, the mean of the middle two.
  var median: Double {
    let sorted = sorted()
    guard let last = sorted.indices.last else { return .nan }
    return (sorted[last / 2] + sorted[(last + 1) / 2]) / 2
  }
}
