import RecurrentCore

extension Tensor {
  /// tanh, elementwise. PyTorch: `torch.tanh`.
  public func tanh() throws -> Tensor { try activated(.tanh) }

  /// `1 / (1 + exp(−x))`, elementwise. PyTorch: `torch.sigmoid`.
  public func sigmoid() throws -> Tensor { try activated(.sigmoid) }

  /// `max(x, 0)`, elementwise. PyTorch: `torch.relu`.
  public func relu() throws -> Tensor { try activated(.relu) }

  /// An activation, elementwise.
  public func activated(_ activation: Activation) throws -> Tensor {
    let y = try tape.allocate(rows: region.rows, columns: region.columns)
    try tape.backend.activate(Activate(activation, region, into: .set(y)))
    return try tape.recordWriting(y, shape: shape, from: [self]) { tape, dy, outputs in
      guard let output = outputs[0] else { return }
      try tape.backend.activateBackward(ActivateBackward(activation, y: y, dy: dy, into: output))
    }
  }

  /// The product of each element with a constant: `x * factor`.
  public func scaled(by factor: Float) throws -> Tensor {
    let y = try tape.allocate(rows: region.rows, columns: region.columns)
    try tape.backend.scale(Scale(region, by: factor, into: .set(y)))
    return try tape.recordWriting(y, shape: shape, from: [self]) { tape, dy, outputs in
      guard let output = outputs[0] else { return }
      try tape.backend.scale(Scale(dy, by: factor, into: output))
    }
  }

  /// Dropout: in training mode, sets elements to 0 with this probability and scales the others by `1 / (1 −
  /// probability)`; the mask is drawn from the tape's seed and step, the same on every device. In evaluation mode, the
  /// tensor itself.
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

  /// A softmax along the last axis over the valid elements: those below the row's length whose mask is not 0. All
  /// others are 0, as is a row without valid elements. PyTorch: `softmax` after `masked_fill` with −∞.
  /// - Parameters:
  ///   - mask: A tensor that broadcasts to this shape, 0 for masked elements (a NaN is not 0); nil masks none. It gets
  ///     no gradient.
  ///   - lengths: For a tensor `[N, …, T]`, the number of valid elements along the last axis for each of its N rows,
  ///     from 0 to T. Elements beyond are not read.
  /// - Throws: `RecurrentError.shapeMismatch` if the mask does not broadcast or the lengths do not match.
  public func softmax(mask: Tensor? = nil, lengths: Lengths? = nil) throws -> Tensor {
    try tape.check([self] + (mask.map { [$0] } ?? []))
    let y = try tape.allocate(rows: region.rows, columns: region.columns)
    if let lengths {
      guard shape.count > 1 else {
        throw RecurrentError(
          .shapeMismatch, "the lengths do not match a tensor of shape \(shape)", at: "softmax",
          remedy: "give a tensor [N, …, T], one length for each of its N rows")
      }
      try lengths.check(steps: shape.columns, batchSize: shape[0], on: tape, at: "softmax")
    }
    let keeps = try mask.map { mask in
      guard mask.shape != shape else { return mask }
      guard (try? [mask.shape, shape].broadcast(at: "softmax")) == shape else {
        throw RecurrentError(
          .shapeMismatch, "a mask of shape \(mask.shape) does not broadcast to a tensor of shape \(shape)",
          at: "softmax",
          remedy: "axes are compared from the last, and must be equal, 1 or missing")
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
  /// - Throws: `RecurrentError.shapeMismatch` if the axis is out of range.
  public func softmax(axis: Int) throws -> Tensor {
    guard try axesFromStart([axis], at: "softmax")[0] < shape.count - 1 else { return try softmax() }
    return try transposed(axis, -1).softmax().transposed(axis, -1)
  }
}
