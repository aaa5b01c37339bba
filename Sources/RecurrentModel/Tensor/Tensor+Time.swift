import RecurrentCore

extension Tensor {
  /// The maximum over time, `[T, N, H] → [N, H]`, over the valid steps of each row.
  ///
  /// The gradient goes to the step of the maximum, the first of ties. A row of length 0 gives 0 and no gradient. A NaN
  /// exceeds any number, as in PyTorch.
  /// - Parameter lengths: One length per row, from 0 to T; nil if all steps are valid.
  /// - Throws: `RecurrentError.shapeMismatch` unless this is a sequence of at least one step with matching lengths.
  public func maxOverTime(lengths: Lengths? = nil) throws -> Tensor {
    guard shape.count == 3, shape[0] > 0 else {
      throw RecurrentError(
        .shapeMismatch, "the tensor has shape \(shape)", at: "max over time",
        remedy: "give a sequence [steps, rows, columns]")
    }
    try tape.check([self])
    let (steps, rows, columns) = (shape[0], shape[1], shape[2])
    try lengths?.check(steps: steps, batchSize: rows, on: tape, at: "max over time")
    let y = try tape.allocate(rows: rows, columns: columns)
    let winners = try tape.allocateIndices(rows * columns)
    try tape.backend.maxOverTime(MaxOverTime(region, lengths: lengths?.indices, into: y, winners: winners))
    return try tape.recordWriting(y, shape: [rows, columns], from: [self]) { tape, dy, outputs in
      guard let output = outputs[0] else { return }
      try tape.backend.maxOverTimeBackward(MaxOverTimeBackward(dy: dy, winners: winners, into: output))
    }
  }

  /// The mean over the valid steps of each row: `[T, N, F] → [N, F]`; a row of length 0 gives 0. Values past a row's
  /// length must be finite: they are multiplied by 0.
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

  /// Throws unless this is a sequence `[T, N, F]` with matching lengths.
  func requireSequence(_ lengths: Lengths?, at location: String) throws {
    guard shape.count == 3 else {
      throw RecurrentError(.shapeMismatch, "the tensor has shape \(shape), not [T, N, F]", at: location)
    }
    try lengths?.check(steps: shape[0], batchSize: shape[1], on: tape, at: location)
  }
}
