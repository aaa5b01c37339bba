extension Tensor {
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
}
