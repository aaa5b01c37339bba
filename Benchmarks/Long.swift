extension BenchmarkFamily {
  /// An LSTM over a thousand steps and over ten thousand: the time should grow as the steps do. Needs some 2 GB, so it runs
  /// only when asked for.
  static let long = BenchmarkFamily(name: "long", isDefault: false) { small in
    let shapes =
      small
      ? CellShape.small
      : [1_000, 10_000].map { CellShape(steps: $0, batch: 32, input: 128, hidden: 128, layers: 1) }
    return shapes.map { $0.work(.lstm, named: "long", parts: ["training"]) }
  }
}
