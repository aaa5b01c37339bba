import RecurrentCore

/// One piece of work that is timed again and again on a device.
public struct Benchmark {
  /// Names the work: `lstm T50 B50 I128 H128 L2`.
  public let name: String
  /// Names the part: `forward`, `training`, `product`.
  public let part: String
  /// Floating-point operations of the matrix products of one run.
  public let flops: Int
  /// Does the work once; enqueues only.
  public let run: () throws -> Void
}

/// A family of benchmarks: one file each beside this one.
public struct BenchmarkFamily: Sendable {
  /// The family's name, and its file's.
  public let name: String
  /// Whether it is timed where no family is named.
  public var isDefault = true
  /// Sets the work up on a device. `small` takes shapes that end at once, to try the program.
  public let benchmarks: @Sendable (_ device: Device, _ small: Bool) throws -> [Benchmark]

  /// All of them, in the order in which they are printed.
  public static let all: [BenchmarkFamily] = [
    .matmul, .elman, .lstm, .gru, .characterModel, .notebook, .generate, .long,
  ]
}
