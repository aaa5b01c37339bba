extension Tensor {
  /// The largest number of each column over time, `[T, N, H] → [N, H]`, over the steps of each row that count.
  ///
  /// The gradient goes to the step that won, the first of equal ones. A row of length 0 gives 0 and has no gradient. A NaN is
  /// larger than any number, as PyTorch has it.
  /// - Parameter lengths: One length a row from 0 to T; nil counts all steps.
  /// - Throws: `RecurrentError.shapeMismatch` if this is no sequence of at least one step, or the lengths do not fit.
  public func maxOverTime(lengths: Lengths? = nil) throws -> Tensor {
    guard shape.count == 3, shape[0] > 0 else {
      throw RecurrentError(
        .shapeMismatch, "a tensor of shape \(shape)", at: "max over time", remedy: "give one of [steps, rows, columns]")
    }
    try tape.check([self])
    let (steps, rows, columns) = (shape[0], shape[1], shape[2])
    try lengths?.check(steps: steps, rows: rows, on: tape, at: "max over time")
    let y = try tape.allocate(rows: rows, columns: columns)
    let winners = try tape.allocateIndices(rows * columns)
    try tape.backend.maxOverTime(MaxOverTime(region, lengths: lengths?.indices, into: y, winners: winners))
    return try tape.recordWriting(y, shape: [rows, columns], from: [self]) { tape, dy, outputs in
      guard let output = outputs[0] else { return }
      try tape.backend.maxOverTimeBackward(MaxOverTimeBackward(dy: dy, winners: winners, into: output))
    }
  }

  /// The mean over each row's steps: `[T, N, F] → [N, F]`; a row of length 0 gives 0.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func meanOverTime(lengths: Lengths? = nil) throws -> Tensor {
    let counts = try steps(within: lengths, at: "mean over time")
    let (steps, rows) = (shape[0], shape[1])
    let shares = (0..<rows).map { row in 1 / Float(Swift.max(lengths.map { Int($0.host[row]) } ?? steps, 1)) }
    let weights = (0..<rows * steps).map { counts[$0] ? shares[$0 / steps] : 0 }
    return try weightedMean(tape.tensor(weights, shape: [rows, 1, steps]))
  }

  /// `Σ wₜ xₜ` with weights `[N, 1, T]`: `[T, N, F] → [N, F]`.
  func weightedMean(_ weights: Tensor) throws -> Tensor {
    try weights.batchedMatmul(self, axes: (.first, .middle, .middle)).step(0)
  }

  /// Which steps of a sequence `[T, N, F]` count: N·T marks, a row's steps one after another.
  func steps(within lengths: Lengths?, at place: String) throws -> [Bool] {
    guard shape.count == 3 else {
      throw RecurrentError(.shapeMismatch, "a tensor of shape \(shape) where [T, N, F] is due", at: place)
    }
    let (steps, rows) = (shape[0], shape[1])
    try lengths?.check(steps: steps, rows: rows, on: tape, at: place)
    return (0..<rows * steps).map { place in lengths.map { place % steps < $0.host[place / steps] } ?? true }
  }
}
