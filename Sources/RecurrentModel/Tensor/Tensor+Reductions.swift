extension Tensor {
  /// The sum of all elements, a scalar.
  public func sum() throws -> Tensor { try reduced(over: .all, scale: 1) }

  /// The mean of all elements, a scalar.
  public func mean() throws -> Tensor { try reduced(over: .all, scale: 1 / Float(max(count, 1))) }

  /// The sum over every axis but the last: `[…, C] → [C]`; or over the last: `[…, C] → […, 1]`.
  public func sum(over axis: Reduce.Axis) throws -> Tensor { try reduced(over: axis, scale: 1) }

  /// The mean over every axis but the last: `[…, C] → [C]`; or over the last: `[…, C] → […, 1]`.
  public func mean(over axis: Reduce.Axis) throws -> Tensor {
    let terms =
      switch axis {
      case .rows: region.rows
      case .columns: region.columns
      case .all: count
      }
    return try reduced(over: axis, scale: 1 / Float(max(terms, 1)))
  }

  /// Where the largest number along the last axis is, `[…, C] → […]`: the class that logits choose. Waits for the device.
  ///
  /// Of equal numbers the first counts; a NaN is larger than any number, as PyTorch has it.
  /// - Throws: `RecurrentError.shapeMismatch` if the last axis is empty.
  public func argmax() throws -> [Int32] {
    let columns = shape.columns
    guard columns > 0 else {
      throw RecurrentError(
        .shapeMismatch, "argmax() of a tensor of shape \(shape)", remedy: "give the last axis at least one element")
    }
    let values = try values()
    return stride(from: 0, to: values.count, by: columns).map { start in
      var best = start
      for place in start..<start + columns
      where values[place] > values[best] || values[place].isNaN && !values[best].isNaN { best = place }
      return Int32(best - start)
    }
  }

  private func reduced(over axis: Reduce.Axis, scale: Float) throws -> Tensor {
    let (rows, columns) = (region.rows, region.columns)
    let reducedShape: [Int] =
      switch axis {
      case .rows: [columns]
      case .columns: shape.dropLast() + [1]
      case .all: []
      }
    let y = try tape.allocate(rows: reducedShape.rows, columns: reducedShape.columns)
    try tape.backend.reduce(Reduce(over: axis, region, scale: scale, into: .set(y)))
    return try tape.recordWriting(y, shape: reducedShape, from: [self]) { tape, dy, outputs in
      guard let output = outputs[0] else { return }
      // Every term of a sum gets the sum's gradient: a product with ones spreads it.
      let backend = tape.backend
      switch axis {
      case .all:
        let ones = try tape.full([rows, columns], 1).region
        try backend.scale(Scale(ones, by: scale, and: dy, into: output))
      case .rows:
        let ones = try tape.full([rows, 1], 1).region
        try backend.matmul(Matmul(ones, dy, into: output, scale: scale))
      case .columns:
        let ones = try tape.full([1, columns], 1).region
        try backend.matmul(Matmul(dy, ones, into: output, scale: scale))
      }
    }
  }
}
