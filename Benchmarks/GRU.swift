extension BenchmarkFamily {
  /// The GRU as PyTorch has it (reset after).
  static let gru = BenchmarkFamily(name: "gru") { device, small in
    let shapes =
      small
      ? CellShape.small
      : [
        CellShape(steps: 50, batch: 50, input: 128, hidden: 128, layers: 2),
        CellShape(steps: 64, batch: 64, input: 512, hidden: 512, layers: 1),
      ]
    return try shapes.flatMap { try $0.benchmarks(.gru(.resetAfter), named: "gru", on: device) }
  }
}
