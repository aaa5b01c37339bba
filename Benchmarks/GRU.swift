extension BenchmarkFamily {
  /// The GRU in PyTorch's form (reset after).
  static let gru = BenchmarkFamily(name: "gru") { small in
    let shapes =
      small
      ? CellShape.small
      : [
        CellShape(steps: 50, batch: 50, input: 128, hidden: 128, layers: 2),
        CellShape(steps: 64, batch: 64, input: 512, hidden: 512, layers: 1),
      ]
    return shapes.map { $0.work(.gru(.resetAfter), named: "gru") }
  }
}
