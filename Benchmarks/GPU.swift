import RecurrentCore

extension BenchmarkFamily {
  /// The GPU benchmarks: a large product, every cell over hidden sizes and batch sizes, for short and long sequences,
  /// and a large character model. Timed by `gpu.sh`.
  static let gpu = BenchmarkFamily(name: "gpu", isDefault: false) { small in
    let cells: [(name: String, kind: CellKind)] = [
      ("lstm", .lstm), ("gru", .gru(.resetAfter)), ("elman", .elman(.tanh)),
    ]
    let layers = cells.flatMap { cell in
      (small ? CellShape.small : grid).map { $0.work(cell.kind, named: cell.name) }
    }
    return small
      ? [product(33, 33, 33)] + layers + [characterModel(batchSize: 3, steps: 4, hidden: 9)]
      : [product(4096, 4096, 4096)] + layers + [characterModel(batchSize: 64, steps: 64, hidden: 512)]
  }

  private static let grid: [CellShape] = {
    let shape = { (steps: Int, hidden: Int) in
      [1, 16, 64].map { CellShape(steps: steps, batch: $0, input: hidden, hidden: hidden, layers: 1) }
    }
    return shape(64, 256) + shape(64, 512) + shape(64, 1024) + shape(512, 512)
  }()
}
