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

  /// The mean over each row's steps: `[T, N, F] → [N, F]`; a row of length 0 gives 0. What lies past a row's length must be finite:
  /// it is multiplied by 0.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func meanOverTime(lengths: Lengths? = nil) throws -> Tensor {
    try requireSequence(lengths, at: "mean over time")
    guard let lengths else { return try mean(axis: 0) }
    let (steps, rows) = (shape[0], shape[1])
    let counts = try lengths.asNumbers().clamped(to: 1...).reshaped([rows, 1])
    let weights = try tape.mask(lengths, steps: steps) / counts
    return try weightedMean(weights.reshaped([rows, 1, steps]))
  }

  /// `Σ wₜ xₜ` with weights `[N, 1, T]`: `[T, N, F] → [N, F]`.
  func weightedMean(_ weights: Tensor) throws -> Tensor {
    try weights.batchedMatmul(self, axes: (.first, .middle, .middle)).step(0)
  }

  /// Throws unless this is a sequence `[T, N, F]` that the lengths fit.
  func requireSequence(_ lengths: Lengths?, at place: String) throws {
    guard shape.count == 3 else {
      throw RecurrentError(.shapeMismatch, "a tensor of shape \(shape) where [T, N, F] is due", at: place)
    }
    try lengths?.check(steps: shape[0], rows: shape[1], on: tape, at: place)
  }
}
