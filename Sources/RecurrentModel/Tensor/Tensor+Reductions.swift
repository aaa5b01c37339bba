import RecurrentCore

// Sums, means and maxima over axes. Negative axes count from the end: −1 is the last.

extension Tensor {
  /// The sum of all elements, a scalar. PyTorch: `x.sum()`.
  public func sum() throws -> Tensor { try folded(Array(shape.indices), keepsAxes: false, isMean: false) }

  /// The sum over axes, which are removed, or kept with length 1. PyTorch: `x.sum(axes, keepdim=…)`.
  /// - Throws: `RecurrentError.shapeMismatch` if an axis is out of range or repeated.
  public func sum(axes: [Int], keepsAxes: Bool = false) throws -> Tensor {
    try folded(axesFromStart(axes, at: "sum"), keepsAxes: keepsAxes, isMean: false)
  }

  /// The sum over an axis, which is removed, or kept with length 1. PyTorch: `x.sum(axis, keepdim=…)`.
  /// - Throws: `RecurrentError.shapeMismatch` if the axis is out of range.
  public func sum(axis: Int, keepsAxes: Bool = false) throws -> Tensor { try sum(axes: [axis], keepsAxes: keepsAxes) }

  /// The mean of all elements, a scalar; 0 for an empty tensor. PyTorch: `x.mean()`.
  public func mean() throws -> Tensor { try folded(Array(shape.indices), keepsAxes: false, isMean: true) }

  /// The weighted mean of all elements, a scalar: `Σ w x / Σ w`; 0 if the weights sum to 0. PyTorch:
  /// `(w * x).sum() / w.sum()`.
  ///
  /// A loss of each element, with a mask on the device as weights, leaves out missing targets:
  /// `meanAbsoluteError(x, y, reduction: .none).mean(weights: mask)`. An element with a weight of 0 must be finite.
  /// - Parameter weights: At least 0, without a gradient; the shape of this tensor, or one that broadcasts to it.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func mean(weights: Tensor) throws -> Tensor {
    guard try [shape, weights.shape].broadcast(at: "weighted mean") == shape else {
      throw RecurrentError(
        .shapeMismatch, "weights of shape \(weights.shape) for elements of shape \(shape)", at: "weighted mean",
        remedy: "give one weight per element, or a shape that broadcasts to the elements'")
    }
    try tape.check([self, weights])
    let factors = try Tensor(weights.region, shape: weights.shape, tape: tape, slot: nil, lease: weights.lease)
    let repeats = Float(count / Swift.max(weights.count, 1))
    let total = try factors.sum().scaled(by: repeats).maximum(.leastNormalMagnitude)
    return try (self * factors).sum() / total
  }

  /// The mean over axes, which are removed, or kept with length 1; 0 if there are no elements. PyTorch: `x.mean(axes,
  /// keepdim=…)`.
  /// - Throws: `RecurrentError.shapeMismatch` if an axis is out of range or repeated.
  public func mean(axes: [Int], keepsAxes: Bool = false) throws -> Tensor {
    try folded(axesFromStart(axes, at: "mean"), keepsAxes: keepsAxes, isMean: true)
  }

  /// The mean over an axis, which is removed, or kept with length 1. PyTorch: `x.mean(axis, keepdim=…)`.
  /// - Throws: `RecurrentError.shapeMismatch` if the axis is out of range.
  public func mean(axis: Int, keepsAxes: Bool = false) throws -> Tensor { try mean(axes: [axis], keepsAxes: keepsAxes) }

  /// The sum over every axis but the last: `[…, C] → [C]`; or over the last: `[…, C] → […, 1]`.
  package func sum(over axis: Reduce.Axis) throws -> Tensor {
    try folded(axes(axis), keepsAxes: axis == .columns, isMean: false)
  }

  /// The mean over every axis but the last: `[…, C] → [C]`; or over the last: `[…, C] → […, 1]`.
  package func mean(over axis: Reduce.Axis) throws -> Tensor {
    try folded(axes(axis), keepsAxes: axis == .columns, isMean: true)
  }

  /// The maximum over axes, which are removed, or kept with length 1. The gradient of ties goes to the first element; a
  /// NaN exceeds any number. PyTorch: `x.max(axis).values`.
  /// - Throws: `RecurrentError.shapeMismatch` if an axis is out of range, repeated or empty.
  public func max(axes: [Int], keepsAxes: Bool = false) throws -> Tensor {
    let axes = try axesFromStart(axes, at: "max")
    let (own, kept) = (shape, shape.replacing(axes))
    let (y, winners) = try maxima(axes, writes: true, at: "max")
    let result = keepsAxes ? kept : own.removing(axes)
    return try tape.recordWriting(y.flat(as: result), shape: result, from: [self]) { tape, dy, outputs in
      guard let output = outputs[0] else { return }
      if !output.adds { try tape.backend.fill(output.region, with: 0) }
      try tape.backend.maximaBackward(
        MaximaBackward(
          dy: StridedView(dy.flat(as: kept), shape: kept), winners: winners,
          addingTo: StridedView(output.region, shape: own)))
    }
  }

  /// The maximum over an axis, which is removed, or kept with length 1. PyTorch: `x.max(axis, keepdim=…).values`.
  /// - Throws: `RecurrentError.shapeMismatch` if the axis is out of range or empty.
  public func max(axis: Int, keepsAxes: Bool = false) throws -> Tensor { try max(axes: [axis], keepsAxes: keepsAxes) }

  /// The index of the maximum along an axis, on the device. Ties go to the first element; a NaN exceeds any number.
  /// PyTorch: `x.argmax(axis, keepdim=…)`.
  /// - Throws: `RecurrentError.shapeMismatch` if the axis is out of range or empty.
  public func argmax(axis: Int, keepsAxes: Bool = false) throws -> Tokens {
    let axes = try axesFromStart([axis], at: "argmax")
    let (_, winners) = try maxima(axes, writes: false, at: "argmax")
    return Tokens(winners, shape: keepsAxes ? shape.replacing(axes) : shape.removing(axes), tape: tape)
  }

  /// The index of the maximum along the last axis, `[…, C] → […]`: the predicted class of logits. Waits for the device.
  ///
  /// Ties go to the first element; a NaN exceeds any number, as in PyTorch.
  /// - Throws: `RecurrentError.shapeMismatch` if the last axis is empty.
  public func argmax() throws -> [Int32] {
    guard !shape.isEmpty else { return [0] }
    return try argmax(axis: -1).values()
  }

  /// Cumulative sums along an axis. PyTorch: `torch.cumsum(x, axis)`.
  /// - Throws: `RecurrentError.shapeMismatch` if the axis is out of range.
  public func cumsum(axis: Int) throws -> Tensor {
    let (axis, own) = (try axesFromStart([axis], at: "cumsum")[0], shape)
    try tape.check([self])
    let y = try tape.allocate(rows: region.rows, columns: region.columns)
    try tape.backend.scan(Scan(view(), axis: axis, into: StridedView(y, shape: own)))
    return try tape.recordWriting(y, shape: own, from: [self]) { tape, dy, outputs in
      guard let output = outputs[0] else { return }
      try tape.backend.scan(
        Scan(
          StridedView(dy, shape: own), axis: axis, isReversed: true, into: StridedView(output.region, shape: own),
          adds: output.adds))
    }
  }

  /// The log-softmax along an axis: `x − log Σ eˣ`. PyTorch: `torch.log_softmax`.
  /// - Throws: `RecurrentError.shapeMismatch` if the axis is out of range or empty.
  public func logSoftmax(axis: Int = -1) throws -> Tensor {
    let axes = try axesFromStart([axis], at: "log softmax")
    let own = shape
    let sums = try logSums(axes, at: "log softmax").view
    let y = try tape.allocate(rows: region.rows, columns: region.columns)
    let result = try StridedView(y, shape: own)
    try tape.backend.map(Map(.subtract, [.view(view()), .view(sums.broadcast(to: own))], into: result))
    return try tape.recordWriting(y, shape: own, from: [self]) { tape, dy, outputs in
      guard let output = outputs[0] else { return }
      let gradient = try StridedView(dy, shape: own)
      // The sums are no longer needed: their memory holds those of the gradient.
      try tape.backend.fold(Fold(.copy, [.view(gradient)], into: sums))
      let terms: [MapOperand] = [.view(gradient), .view(result), .view(try sums.broadcast(to: own))]
      try output.put(.logSoftmaxSlope, terms, shape: own, over: own, on: tape)
    }
  }

  /// The logarithm of the sum of exponentials over an axis, which is removed, or kept with length 1: `log Σ eˣ`,
  /// without overflow; −∞ where all elements are −∞. PyTorch: `torch.logsumexp`.
  /// - Throws: `RecurrentError.shapeMismatch` if the axis is out of range or empty.
  public func logSumExp(axis: Int = -1, keepsAxes: Bool = false) throws -> Tensor {
    let axes = try axesFromStart([axis], at: "log sum exp")
    let (own, x) = (shape, try view())
    let (y, sums) = try logSums(axes, at: "log sum exp")
    let (kept, result) = (own.replacing(axes), keepsAxes ? own.replacing(axes) : own.removing(axes))
    return try tape.recordWriting(y.flat(as: result), shape: result, from: [self]) { tape, dy, outputs in
      guard let output = outputs[0] else { return }
      let gradient = try StridedView(dy.flat(as: kept), shape: kept).broadcast(to: own)
      let terms: [MapOperand] = [.view(gradient), .view(x), .view(try sums.broadcast(to: own))]
      try output.put(.logSumExpSlope, terms, shape: own, over: own, on: tape)
    }
  }

  // MARK: Implementation

  /// The logarithms of sums of exponentials over axes, which keep length 1.
  private func logSums(_ axes: [Int], at location: String) throws -> (region: Region, view: StridedView) {
    let (own, kept) = (shape, shape.replacing(axes))
    let (largest, _) = try maxima(axes, writes: true, at: location)
    let (x, shift) = (try view(), try StridedView(largest.flat(as: kept), shape: kept))
    // An infinite maximum is clamped: ∞ − ∞ is NaN.
    try tape.backend.map(
      Map(.clamp, [.view(shift), .number(-.greatestFiniteMagnitude), .number(.greatestFiniteMagnitude)], into: shift))
    let region = try tape.allocate(rows: kept.rows, columns: kept.columns)
    let sums = try StridedView(region, shape: kept)
    try tape.backend.fold(Fold(.expDifference, [.view(x), .view(shift.broadcast(to: own))], into: sums))
    try tape.backend.map(Map(.log, [.view(sums)], into: sums))
    try tape.backend.map(Map(.add, [.view(sums), .view(shift)], into: sums))
    return (region, sums)
  }

  private func folded(_ axes: [Int], keepsAxes: Bool, isMean: Bool) throws -> Tensor {
    try tape.check([self])
    let (own, kept) = (shape, shape.replacing(axes))
    let scale = isMean ? 1 / Float(Swift.max(axes.map { own[$0] }.elementCount, 1)) : 1
    let result = keepsAxes ? kept : own.removing(axes)
    let y = try tape.allocate(rows: result.rows, columns: result.columns)
    try tape.backend.fold(
      Fold(.copy, [.view(view())], scale: scale, into: StridedView(y.flat(as: kept), shape: kept)))
    return try tape.recordWriting(y, shape: result, from: [self]) { tape, dy, outputs in
      guard let output = outputs[0] else { return }
      let gradient = try StridedView(dy.flat(as: kept), shape: kept).broadcast(to: own)
      try output.put(.multiply, [.view(gradient), .number(scale)], shape: own, over: own, on: tape)
    }
  }

  /// The maxima over axes, in a contiguous region, and their indices.
  private func maxima(_ axes: [Int], writes: Bool, at location: String) throws -> (Region, Indices) {
    try tape.check([self])
    guard axes.allSatisfy({ shape[$0] > 0 }) else {
      throw RecurrentError(
        .shapeMismatch, "maximum over empty axes \(axes) of shape \(shape)", at: location,
        remedy: "these axes must have at least one element")
    }
    let (kept, result) = (shape.replacing(axes), shape.removing(axes))
    let y = try tape.allocate(rows: result.rows, columns: writes ? result.columns : 0)
    let winners = try tape.allocateIndices(kept.elementCount)
    try tape.backend.maxima(
      Maxima(view(), lengths: kept, into: writes ? StridedView(y.flat(as: kept), shape: kept) : nil, winners: winners))
    return (y, winners)
  }

  /// The axes counted from the start, in ascending order.
  func axesFromStart(_ axes: [Int], at location: String) throws -> [Int] {
    let found = axes.map { $0 < 0 && $0 >= -shape.count ? $0 + shape.count : $0 }
    guard found.allSatisfy(shape.indices.contains), Set(found).count == found.count else {
      throw RecurrentError(
        .shapeMismatch, "invalid axes \(axes) of a tensor of shape \(shape)", at: location,
        remedy: shape.isEmpty
          ? "a scalar has no axes"
          : "name each axis at most once, from 0 to \(shape.count - 1), or from -1 for the last")
    }
    return found.sorted()
  }

  private func axes(_ axis: Reduce.Axis) -> [Int] {
    switch axis {
    case .rows: Array(shape.indices.dropLast())
    case .columns: Array(shape.indices.suffix(1))
    case .all: Array(shape.indices)
    }
  }
}

extension Region {
  /// A contiguous region as the matrix of a shape with the same number of elements.
  fileprivate func flat(as shape: [Int]) throws -> Region { try reshaped(rows: shape.rows, columns: shape.columns) }
}

extension [Int] {
  /// Lengths with 1 at these axes.
  fileprivate func replacing(_ axes: [Int]) -> [Int] { indices.map { axes.contains($0) ? 1 : self[$0] } }
  /// Lengths without these axes.
  fileprivate func removing(_ axes: [Int]) -> [Int] { indices.filter { !axes.contains($0) }.map { self[$0] } }
}
