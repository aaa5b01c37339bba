import RecurrentCore

/// A part of some work, timed again and again on a device.
public struct Benchmark {
  /// Names the part: `forward`, `training`, `product`, `character`, `copy`.
  public let part: String
  /// Floating-point operations of the matrix products of one run; 0 where there are none.
  public var flops = 0
  /// Bytes that one run reads and writes; 0 where it is not memory that is timed.
  public var bytes = 0
  /// Does it once; enqueues only.
  public let run: () throws -> Void
}

/// What is timed: a network or a product of some shape.
public struct Work: Sendable {
  /// `lstm T50 B50 I128 H128 L2`: the family's name first.
  public let name: String
  /// Sets the work up on a device.
  public let benchmarks: @Sendable (Device) throws -> [Benchmark]
}

/// A family of works: one file each beside this one.
public struct BenchmarkFamily: Sendable {
  /// The family's name, and its file's.
  public let name: String
  /// Whether it is timed where no family is named.
  public var isDefault = true
  /// Its works; `small` takes shapes that end at once, to try the program.
  public let works: @Sendable (_ small: Bool) -> [Work]

  /// All of them, in the order in which they are printed.
  public static let all: [BenchmarkFamily] = [
    .matmul, .elman, .lstm, .gru, .crf, .characterModel, .notebook, .translator, .generate, .long, .elementwise,
    .device, .gpu,
  ]
}
