import RecurrentCore

/// A part of a workload that is timed repeatedly on a device.
package struct Benchmark {
  /// The name of the part: `forward`, `training`, `product`, `character`, `copy`.
  package let part: String
  /// The floating-point operations of the matrix products of one run; 0 if there are none.
  package var flops = 0
  /// The bytes that one run reads and writes; 0 unless memory is timed.
  package var bytes = 0
  /// Runs it once; only enqueues.
  package let run: () throws -> Void
}

/// A workload: a network or a product of some shape.
package struct Work: Sendable {
  /// The name, starting with the family's: `lstm T50 B50 I128 H128 L2`.
  package let name: String
  /// Sets the workload up on a device.
  package let benchmarks: @Sendable (Device) throws -> [Benchmark]
}

/// A family of workloads, one file each.
package struct BenchmarkFamily: Sendable {
  /// The name of the family and of its file.
  package let name: String
  /// Whether it runs if no family is named.
  package var isDefault = true
  /// Its workloads; `small` gives tiny shapes, to test the program.
  package let works: @Sendable (_ small: Bool) -> [Work]

  /// All families, in the order of the report.
  package static let all: [BenchmarkFamily] = [
    .matmul, .elman, .lstm, .gru, .crf, .characterModel, .notebook, .translator, .generate, .long, .elementwise,
    .device, .gpu,
  ]
}
