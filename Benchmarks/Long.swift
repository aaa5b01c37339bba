extension BenchmarkFamily {
  /// An LSTM over a thousand and ten thousand steps: the time should grow in proportion. Needs about 2 GB, so it runs
  /// only on request.
  static let long = BenchmarkFamily(name: "long", isDefault: false) { small in
    let shapes =
      small
      ? CellShape.small
      : [1_000, 10_000].map { CellShape(steps: $0, batch: 32, input: 128, hidden: 128, layers: 1) }
    return shapes.map { $0.work(.lstm, named: "long", parts: ["training"]) }
  }
}
