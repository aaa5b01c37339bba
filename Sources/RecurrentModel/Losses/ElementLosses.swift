import RecurrentCore

// Elementwise losses. Predictions and targets have the same shape.

/// The mean squared error. PyTorch: `mse_loss`.
/// - Parameters:
///   - predictions: `[…, C]`.
///   - targets: `[…, C]`; without a gradient.
///   - weights: One factor per row (all elements along the last axis), or per element; the mean divides by their sum.
///   - reduction: `.none` gives the loss of each element, `[…, C]`.
/// - Throws: `RecurrentError.shapeMismatch`.
public func meanSquaredError(
  _ predictions: Tensor, _ targets: Tensor, weights: [Float]? = nil, reduction: Reduction = .mean
) throws -> Tensor {
  try ElementLoss(.squaredError, "mean squared error")(predictions, targets, weights, reduction)
}

/// The mean absolute error `|prediction − target|`; the gradient of an exact prediction is 0. PyTorch: `l1_loss`.
/// - Parameters:
///   - predictions: `[…, C]`.
///   - targets: `[…, C]`; without a gradient.
///   - weights: One factor per row (all elements along the last axis), or per element; the mean divides by their sum.
///   - reduction: `.none` gives the loss of each element, `[…, C]`.
/// - Throws: `RecurrentError.shapeMismatch`.
public func meanAbsoluteError(
  _ predictions: Tensor, _ targets: Tensor, weights: [Float]? = nil, reduction: Reduction = .mean
) throws -> Tensor {
  try ElementLoss(.absoluteError, "mean absolute error")(predictions, targets, weights, reduction)
}

/// Huber's loss (1964): `d²/2` where `d = |prediction − target|` is at most `delta`, else `delta · (d − delta/2)`; less
/// sensitive to outliers. PyTorch: `huber_loss`.
/// - Parameters:
///   - predictions: `[…, C]`.
///   - targets: `[…, C]`; without a gradient.
///   - delta: The threshold above 0 beyond which the loss is linear, in the units of the targets.
///   - weights: One factor per row (all elements along the last axis), or per element; the mean divides by their sum.
///   - reduction: `.none` gives the loss of each element, `[…, C]`.
/// - Throws: `RecurrentError.shapeMismatch`; `.invalidArgument` if `delta` is not above 0.
public func huberLoss(
  _ predictions: Tensor, _ targets: Tensor, delta: Float = 1, weights: [Float]? = nil, reduction: Reduction = .mean
) throws -> Tensor {
  guard delta > 0, delta.isFinite else {
    throw RecurrentError(.invalidArgument, "delta is \(delta)", at: "Huber loss", remedy: "use a value above 0")
  }
  return try ElementLoss(.huber, "Huber loss", delta: delta)(predictions, targets, weights, reduction)
}

/// The binary cross-entropy of logits and targets in `0 ... 1`, in nats. PyTorch: `binary_cross_entropy_with_logits`.
/// - Parameters:
///   - logits: `[…, C]`, before any sigmoid.
///   - targets: `[…, C]`; without a gradient.
///   - weights: One factor per row (all elements along the last axis), or per element; the mean divides by their sum.
///   - positiveWeight: A factor on the loss of a target of 1, one per column or one for all (PyTorch's `pos_weight`):
///     above 1 for a rare class. The mean does not divide by it.
///   - reduction: `.none` gives the loss of each element, `[…, C]`.
/// - Throws: `RecurrentError.shapeMismatch`; `.invalidArgument` if a positive weight is negative or not finite.
public func binaryCrossEntropyWithLogits(
  _ logits: Tensor, _ targets: Tensor, weights: [Float]? = nil, positiveWeight: [Float]? = nil,
  reduction: Reduction = .mean
) throws -> Tensor {
  try ElementLoss(.binaryCrossEntropy, "binary cross-entropy")(
    logits, targets, weights, reduction, positiveWeight: positiveWeight)
}

/// A loss for which backends have a kernel.
private struct ElementLoss {
  let function: ElementwiseLoss.Function
  let location: String
  let delta: Float

  init(_ function: ElementwiseLoss.Function, _ location: String, delta: Float = 1) {
    self.function = function
    self.location = location
    self.delta = delta
  }

  func callAsFunction(
    _ predictions: Tensor, _ targets: Tensor, _ weights: [Float]?, _ reduction: Reduction,
    positiveWeight: [Float]? = nil
  ) throws -> Tensor {
    let (tape, shape) = (predictions.tape, predictions.shape)
    try requireSameShape(predictions, targets, at: location)
    try tape.check([predictions, targets])
    let (rows, columns) = (shape.rows, shape.columns)
    let isByElement = LossWeights.areByElement(weights, shape)
    guard isByElement || positiveWeight != nil || reduction == .none else {
      let weighting = try LossWeights(weights, rows: rows, columns: columns, reduction, on: tape, at: location)
      return try weighting.loss(
        [LossPart(function, targets.region, delta: delta)], of: predictions, shape: [])
    }
    // Kernels sum over rows: so each element becomes a row.
    let weights = isByElement ? weights : try weights?.repeated(columns, rows: rows, at: location)
    let flat = try predictions.reshaped([rows * columns, 1])
    let goals = try targets.reshaped([rows * columns, 1]).region
    let weighting = try LossWeights(weights, rows: rows * columns, reduction, on: tape, at: location)
    let parts =
      try positiveWeight.map { try PositiveWeight($0, columns: columns).parts(goals, rows: rows, on: tape) }
      ?? [LossPart(function, goals, delta: delta)]
    return try weighting.loss(parts, of: flat, shape: shape)
  }
}

/// Throws unless predictions and targets have the same shape.
func requireSameShape(_ predictions: Tensor, _ targets: Tensor, at location: String) throws {
  guard predictions.shape == targets.shape else {
    throw RecurrentError(
      .shapeMismatch, "predictions of shape \(predictions.shape) and targets of shape \(targets.shape)", at: location,
      remedy: "give both the same shape: reshaped(_:) or swappingLeadingAxes()")
  }
}
