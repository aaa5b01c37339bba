extension BenchmarkFamily {
  /// An LSTM over a thousand steps and over ten thousand: the time should grow as the steps do. Needs some 2 GB, so it runs
  /// only when asked for.
  static let long = BenchmarkFamily(name: "long", isDefault: false) { device, small in
    let shapes =
      small
      ? CellShape.small
      : [1_000, 10_000].map { CellShape(steps: $0, batch: 32, input: 128, hidden: 128, layers: 1) }
    return try shapes.flatMap { try $0.benchmarks(.lstm, named: "long", on: device) }.filter { $0.part == "training" }
  }
}
