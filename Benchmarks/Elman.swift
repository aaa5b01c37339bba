extension BenchmarkFamily {
  /// The Elman cell in the size of an introductory course's sentiment model.
  static let elman = BenchmarkFamily(name: "elman") { small in
    let shapes =
      small
      ? CellShape.small
      : [
        CellShape(steps: 100, batch: 32, input: 2, hidden: 32, layers: 1)
      ]
    return shapes.map { $0.work(.elman(.tanh), named: "elman") }
  }
}
