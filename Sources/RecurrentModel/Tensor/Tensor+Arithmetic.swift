extension Tensor {
  /// The sum, element by element; a vector `[C]` on the right is added to every row of `[…, C]`.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public static func + (a: Tensor, b: Tensor) throws -> Tensor {
    a.shape != b.shape && b.shape == [a.shape.columns] ? try a.addingRow(b) : try combine(.add, a, b)
  }

  /// The difference, element by element.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public static func - (a: Tensor, b: Tensor) throws -> Tensor { try combine(.subtract, a, b) }

  /// The product, element by element.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public static func * (a: Tensor, b: Tensor) throws -> Tensor { try combine(.multiply, a, b) }

  /// The product with a number.
  public static func * (a: Tensor, factor: Float) throws -> Tensor { try a.scaled(by: factor) }

  /// The product with a number.
  public static func * (factor: Float, a: Tensor) throws -> Tensor { try a.scaled(by: factor) }

  /// The hyperbolic tangent of each element.
  public func tanh() throws -> Tensor { try activated(.tanh) }

  /// `1 / (1 + exp(−x))` of each element.
  public func sigmoid() throws -> Tensor { try activated(.sigmoid) }

  /// `max(x, 0)` of each element.
  public func relu() throws -> Tensor { try activated(.relu) }

  /// The activation of each element.
  public func activated(_ activation: Activation) throws -> Tensor {
    let y = try tape.allocate(rows: region.rows, columns: region.columns)
    try tape.backend.activate(Activate(activation, region, into: .set(y)))
    return try tape.recordWriting(y, shape: shape, from: [self]) { tape, dy, outputs in
      guard let output = outputs[0] else { return }
      try tape.backend.activateBackward(ActivateBackward(activation, y: y, dy: dy, into: output))
    }
  }

  /// The product with a number.
  public func scaled(by factor: Float) throws -> Tensor {
    let y = try tape.allocate(rows: region.rows, columns: region.columns)
    try tape.backend.scale(Scale(region, by: factor, into: .set(y)))
    return try tape.recordWriting(y, shape: shape, from: [self]) { tape, dy, outputs in
      guard let output = outputs[0] else { return }
      try tape.backend.scale(Scale(dy, by: factor, into: output))
    }
  }

  /// Drops elements with this probability and scales the rest by `1 / (1 − probability)`, in training mode; the mask is
  /// drawn from the tape's seed and step, the same on every device. In evaluation mode: the tensor itself.
  /// - Throws: `RecurrentError.invalidArgument` if the probability is not in `0 ..< 1`.
  public func dropout(_ probability: Float) throws -> Tensor {
    guard tape.mode == .training, probability != 0 else { return self }
    let key = tape.nextRandomKey()
    let y = try tape.allocate(rows: region.rows, columns: region.columns)
    try tape.backend.dropout(ApplyDropout(region, probability: probability, key: key, into: .set(y)))
    return try tape.recordWriting(y, shape: shape, from: [self]) { tape, dy, outputs in
      guard let output = outputs[0] else { return }
      try tape.backend.dropout(ApplyDropout(dy, probability: probability, key: key, into: output))
    }
  }

  /// A softmax along the last axis, over the elements that the mask keeps.
  /// - Parameter mask: `count` values, false where an element gets 0; nil keeps all.
  /// - Throws: `RecurrentError.shapeMismatch` if the mask has not `count` values.
  public func softmax(mask: [Bool]? = nil) throws -> Tensor {
    if let mask { try shape.require(count: mask.count, of: "values of a mask", at: "softmax") }
    let y = try tape.allocate(rows: region.rows, columns: region.columns)
    let indices = try mask.map { try tape.upload($0.map { $0 ? 1 : 0 }) }
    try tape.backend.softmax(Softmax(region, mask: indices, into: y))
    return try tape.recordWriting(y, shape: shape, from: [self]) { tape, dy, outputs in
      guard let output = outputs[0] else { return }
      try tape.backend.softmaxBackward(SoftmaxBackward(y: y, dy: dy, into: output))
    }
  }

  private func addingRow(_ row: Tensor) throws -> Tensor {
    let y = try tape.allocate(rows: region.rows, columns: region.columns)
    try tape.backend.addBias(AddBias(region, row.region, into: .set(y)))
    return try tape.recordWriting(y, shape: shape, from: [self, row]) { tape, dy, outputs in
      if let output = outputs[0] { try tape.backend.copy(Copy(dy, into: output)) }
      if let output = outputs[1] { try tape.backend.reduce(Reduce(over: .rows, dy, into: output)) }
    }
  }

  private static func combine(_ function: Combine.Function, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    guard a.shape == b.shape else {
      throw RecurrentError(.shapeMismatch, "\(function) of shapes \(a.shape) and \(b.shape)", at: "tensor")
    }
    let y = try a.tape.allocate(rows: a.region.rows, columns: a.region.columns)
    try a.tape.backend.combine(Combine(function, a.region, b.region, into: .set(y)))
    let (left, right) = (a.region, b.region)
    return try a.tape.recordWriting(y, shape: a.shape, from: [a, b]) { tape, dy, outputs in
      let slopes: [(Output?, Region, Float)] = [
        (outputs[0], right, 1), (outputs[1], left, function == .subtract ? -1 : 1),
      ]
      for (output, other, sign) in slopes {
        guard let output else { continue }
        if function == .multiply {
          try tape.backend.combine(Combine(.multiply, dy, other, into: output))
        } else {
          try tape.backend.scale(Scale(dy, by: sign, into: output))
        }
      }
    }
  }
}
