import RecurrentCPU
import RecurrentCore

/// What a benchmark took on a device.
public struct Measurement: Codable, Sendable {
  /// The device's identifier.
  public let device: String
  /// What was timed.
  public let name: String
  /// Which part of it.
  public let part: String
  /// The median of the rounds, in milliseconds.
  public let milliseconds: Double
  /// The fastest round, in milliseconds.
  public let fastest: Double
  /// Billions of floating-point operations a second, at the median; nil where there are none.
  public let gigaflops: Double?
  /// Billions of bytes a second, at the median; nil where it is not memory that is timed.
  public let gigabytes: Double?
  /// The FMA peak that was measured between the same rounds, in billions of operations a second: the processor's at its
  /// widest instruction set, or a GPU's.
  public let peak: Double
  /// The share of the peak; nil where there are no operations.
  public let shareOfPeak: Double?
  /// The share of the bandwidth of a large copy that was measured between the same rounds; nil where it is not memory that is
  /// timed.
  public let shareOfCopy: Double?
  /// The kernels that one run launches; nil where the backend does not say.
  public let launches: Int?
  /// What the factors of large products were rounded to.
  public let precision: String
  /// The bytes that the device held at most since the work was set up, with all of its parts; nil where the backend does not
  /// say.
  public let peakBytes: Int?

  /// Times a part of a work in `rounds` rounds of at least `seconds` each, a measurement of the peak, or of a copy, before every round.
  public static func of(
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
    // An OpenCL driver's own code may not reach what the processor can.
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
  /// The middle one, or the mean of the two.
  var median: Double {
    let sorted = sorted()
    guard let last = sorted.indices.last else { return .nan }
    return (sorted[last / 2] + sorted[(last + 1) / 2]) / 2
  }
}
