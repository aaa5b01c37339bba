/// The cross-entropy of logits `[…, C]` and classes, in nats: the mean over the rows that count, as PyTorch's.
///
/// A row counts nothing where its target is negative, or its weight 0. Where no row counts, the loss and its gradient are 0.
/// - Parameters:
///   - logits: `[…, C]`, before any softmax.
///   - targets: One class a row, of the logits' shape without its last axis.
///   - weights: A factor on each row; the mean divides by their sum.
///   - smoothing: ε in `0 ..< 1`: the target is 1 − ε of the class and ε spread evenly over all of them (PyTorch's
///     `label_smoothing`).
/// - Throws: `RecurrentError` if the shapes do not fit, a class is not below C, or the smoothing is out of its range.
public func crossEntropy(
  _ logits: Tensor, _ targets: Tokens, weights: [Float]? = nil, smoothing: Float = 0
) throws -> Tensor {
  let (tape, x) = (logits.tape, logits.region)
  // Equal counts alone would pair [T, N] logits with [N, T] targets.
  guard !logits.shape.isEmpty, targets.shape == Array(logits.shape.dropLast()) else {
    throw RecurrentError(
      .shapeMismatch, "targets of shape \(targets.shape) for logits of shape \(logits.shape)", at: "cross-entropy",
      remedy: logits.shape.isEmpty
        ? "give logits with an axis of classes"
        : "give targets of shape \(logits.shape.dropLast()): tape.labels(values, shape: …)")
  }
  try tape.check([logits])
  try targets.check(
    below: logits.shape.columns, on: tape, at: "cross-entropy",
    remedy: "make the logits as wide as there are classes, and targets from 0")
  let classes = try targets.values()
  let weighting = try RowWeights(weights, rows: x.rows, on: tape) { classes[$0] >= 0 }
  let losses = try tape.allocate(rows: x.rows, columns: 1)
  let logSums = try tape.allocate(rows: x.rows, columns: 1)
  let indices = targets.indices
  try tape.backend.crossEntropy(
    CrossEntropy(
      logits: x, targets: indices, weights: weighting.region, smoothing: smoothing, losses: losses, logSums: logSums))
  let scale = weighting.scale
  let mean = try weighting.mean(losses, on: tape)
  return try tape.recordWriting(mean, shape: [], from: [logits]) { tape, upstream, outputs in
    guard let output = outputs[0] else { return }
    try tape.backend.crossEntropyBackward(
      CrossEntropyBackward(
        logits: x, targets: indices, weights: weighting.region, smoothing: smoothing, logSums: logSums,
        upstream: upstream, scale: scale, into: output))
  }
}

/// The binary cross-entropy of logits and targets in `0 ... 1`, of the same shape: the mean over all elements.
/// - Parameter weights: A factor on each row; the mean divides by their sum.
/// - Throws: `RecurrentError.shapeMismatch`.
public func binaryCrossEntropyWithLogits(_ logits: Tensor, _ targets: Tensor, weights: [Float]? = nil) throws -> Tensor
{
  try compare(.binaryCrossEntropy, logits, targets, weights)
}

/// The mean of the squared differences of two tensors of the same shape.
/// - Parameter weights: A factor on each row; the mean divides by their sum.
/// - Throws: `RecurrentError.shapeMismatch`.
public func meanSquaredError(_ predictions: Tensor, _ targets: Tensor, weights: [Float]? = nil) throws -> Tensor {
  try compare(.squaredError, predictions, targets, weights)
}

/// An elementwise loss. Targets get no gradient.
private func compare(_ loss: ElementwiseLoss.Function, _ predictions: Tensor, _ targets: Tensor, _ weights: [Float]?)
  throws
  -> Tensor
{
  let (tape, x, y) = (predictions.tape, predictions.region, targets.region)
  guard predictions.shape == targets.shape else {
    throw RecurrentError(
      .shapeMismatch, "predictions of shape \(predictions.shape) and targets of shape \(targets.shape)",
      at: loss == .squaredError ? "mean squared error" : "binary cross-entropy",
      remedy: "give both the same shape: reshaped(_:) or swappingLeadingAxes()")
  }
  try tape.check([predictions, targets])
  let weighting = try RowWeights(weights, rows: x.rows, on: tape, columns: x.columns)
  let losses = try tape.allocate(rows: x.rows, columns: 1)
  try tape.backend.elementwiseLoss(ElementwiseLoss(loss, x, y, weights: weighting.region, losses: losses))
  let scale = weighting.scale
  let mean = try weighting.mean(losses, on: tape)
  return try tape.recordWriting(mean, shape: [], from: [predictions]) { tape, upstream, outputs in
    guard let output = outputs[0] else { return }
    try tape.backend.elementwiseLossBackward(
      ElementwiseLossBackward(
        loss, x, y, weights: weighting.region, upstream: upstream, scale: scale, into: output))
  }
}

/// The factors on the rows of a loss, and what turns the sum of the rows' losses into their mean.
private struct RowWeights {
  let region: Region?
  let scale: Float

  init(_ weights: [Float]?, rows: Int, on tape: Tape, columns: Int = 1, counts: (Int) -> Bool = { _ in true }) throws {
    if let weights, weights.count != rows {
      throw RecurrentError(.shapeMismatch, "\(weights.count) weights for \(rows) rows", at: "loss")
    }
    let total = (0..<rows).reduce(0.0) { counts($1) ? $0 + Double(weights?[$1] ?? 1) : $0 }
    scale = total > 0 ? Float(1 / (total * Double(columns))) : 0
    region = try weights.map { try tape.tensor($0, shape: [rows, 1]).region }
  }

  func mean(_ losses: Region, on tape: Tape) throws -> Region {
    let mean = try tape.allocate(columns: 1)
    try tape.backend.reduce(Reduce(over: .all, losses, scale: scale, into: .set(mean)))
    return mean
  }
}
