import RecurrentCore

/// The cross-entropy of logits `[…, C]` and classes, in nats: the mean over the rows that are not ignored, as in
/// PyTorch.
///
/// A row is ignored if its target is negative or its weight 0. If all rows are ignored, the loss and its gradient are
/// 0.
/// - Parameters:
///   - logits: `[…, C]`, before any softmax.
///   - targets: One class per row: the shape of the logits without the last axis.
///   - weights: One factor per row; the mean divides by their sum.
///   - smoothing: The label smoothing ε in `0 ..< 1`: the target is 1 − ε for the class plus ε spread evenly over all
///     classes (PyTorch's `label_smoothing`).
///   - reduction: `.none` gives the loss of each row, `[…]`, 0 for ignored rows.
/// - Throws: `RecurrentError` if the shapes do not match, a class is not below C, or the smoothing is out of range.
public func crossEntropy(
  _ logits: Tensor, _ targets: Tokens, weights: [Float]? = nil, smoothing: Float = 0, reduction: Reduction = .mean
) throws -> Tensor {
  let (tape, x) = (logits.tape, logits.region)
  // Comparing only the counts would pair [T, N] logits with [N, T] targets.
  guard !logits.shape.isEmpty, targets.shape == Array(logits.shape.dropLast()) else {
    throw RecurrentError(
      .shapeMismatch, "targets of shape \(targets.shape) for logits of shape \(logits.shape)", at: "cross-entropy",
      remedy: logits.shape.isEmpty
        ? "the last axis of the logits must be the classes"
        : "give targets of shape \(logits.shape.dropLast()): tape.labels(values, shape: …)")
  }
  try tape.check([logits])
  try targets.check(
    below: logits.shape.columns, on: tape, at: "cross-entropy",
    remedy: "the logits need a column per class, and targets start at 0")
  let classes = try targets.values()
  let weighting = try LossWeights(weights, rows: x.rows, reduction, on: tape, at: "cross-entropy") {
    classes[$0] >= 0
  }
  let losses = try tape.allocate(rows: x.rows, columns: 1)
  let logSums = try tape.allocate(rows: x.rows, columns: 1)
  let indices = targets.indices
  try tape.backend.crossEntropy(
    CrossEntropy(
      logits: x, targets: indices, weights: weighting.region, smoothing: smoothing, losses: losses, logSums: logSums))
  return try weighting.reduced(losses, shape: targets.shape, from: logits) { tape, factors, output in
    try tape.backend.crossEntropyBackward(
      CrossEntropyBackward(
        logits: x, targets: indices, weights: factors.weights, smoothing: smoothing, logSums: logSums,
        upstream: factors.upstream, scale: weighting.scale, into: output))
  }
}
