extension BenchmarkFamily {
  /// The LSTM, from a layer that fits the first-level cache to one that fits none, and batch size 1.
  static let lstm = BenchmarkFamily(name: "lstm") { small in
    let shapes =
      small
      ? CellShape.small
      : [
        CellShape(steps: 100, batch: 32, input: 64, hidden: 64, layers: 1),
        CellShape(steps: 50, batch: 50, input: 128, hidden: 128, layers: 2),
        CellShape(steps: 64, batch: 64, input: 512, hidden: 512, layers: 1),
        CellShape(steps: 35, batch: 20, input: 650, hidden: 650, layers: 2),
        CellShape(steps: 256, batch: 1, input: 128, hidden: 256, layers: 1),
      ]
    return shapes.map { $0.work(.lstm, named: "lstm") }
  }
}
