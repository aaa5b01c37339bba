extension Tensor {
  /// The hyperbolic tangent of each element. PyTorch: `torch.tanh`.
  public func tanh() throws -> Tensor { try activated(.tanh) }

  /// `1 / (1 + exp(−x))` of each element. PyTorch: `torch.sigmoid`.
  public func sigmoid() throws -> Tensor { try activated(.sigmoid) }

  /// `max(x, 0)` of each element. PyTorch: `torch.relu`.
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

  /// The product of each element with a number: `x * factor`.
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

  /// A softmax along the last axis, over the elements that count: those below the row's length whose mask is not 0. The others
  /// get 0, and so does a row of which none counts. PyTorch: `softmax` of what `masked_fill` set to −∞.
  /// - Parameters:
  ///   - mask: A tensor that broadcasts to this one's shape, 0 where an element gets 0 (a NaN is not 0); nil keeps all. It
  ///     gets no gradient.
  ///   - lengths: For a tensor `[N, …, T]` one length for each of its N rows, from 0 to T: how many elements along the last
  ///     axis count. What lies beyond is not read.
  /// - Throws: `RecurrentError.shapeMismatch` if the mask does not broadcast or the lengths do not fit.
  public func softmax(mask: Tensor? = nil, lengths: Lengths? = nil) throws -> Tensor {
    try tape.check([self] + (mask.map { [$0] } ?? []))
    let y = try tape.allocate(rows: region.rows, columns: region.columns)
    if let lengths {
      guard shape.count > 1 else {
        throw RecurrentError(
          .shapeMismatch, "lengths for a tensor of shape \(shape)", at: "softmax",
          remedy: "give a tensor [N, …, T], whose first axis counts the rows")
      }
      try lengths.check(steps: shape.columns, rows: shape[0], on: tape, at: "softmax")
    }
    let keeps = try mask.map { mask in
      guard mask.shape != shape else { return mask }
      guard (try? [mask.shape, shape].broadcast(at: "softmax")) == shape else {
        throw RecurrentError(
          .shapeMismatch, "a mask of shape \(mask.shape) for a tensor of shape \(shape)", at: "softmax",
          remedy: "give one that broadcasts to it: axes are compared from the last, and are equal, 1 or not there")
      }
      return try mask.expanded(to: shape)
    }
    try tape.backend.softmax(Softmax(region, mask: keeps?.region, lengths: lengths?.indices, into: y))
    return try tape.recordWriting(y, shape: shape, from: [self]) { tape, dy, outputs in
      guard let output = outputs[0] else { return }
      try tape.backend.softmaxBackward(SoftmaxBackward(y: y, dy: dy, into: output))
    }
  }

  /// A softmax along an axis. PyTorch: `softmax(x, axis)`.
  /// - Throws: `RecurrentError.shapeMismatch` if the axis is not there.
  public func softmax(axis: Int) throws -> Tensor {
    guard try axesFromStart([axis], at: "softmax")[0] < shape.count - 1 else { return try softmax() }
    return try transposed(axis, -1).softmax().transposed(axis, -1)
  }
}
