/// Softmax and cross-entropy in one, in nats:
/// `loss[r] = weight[r] · (log Σ exp(logits[r]) − (1 − ε) · logits[r, target[r]] − ε · mean(logits[r]))`.
///
/// The probabilities are never stored: the gradient recomputes them from the saved log-sum.
public struct CrossEntropy {
  /// `[R, C]`.
  package let logits: Region
  /// R classes; a negative one excludes its row from the loss (PyTorch's `ignore_index`).
  package let targets: Indices
  /// `[R, 1]`, a factor on each row's loss; nil for 1. A row of weight 0 gives 0, whatever its logits.
  package let weights: Region?
  /// ε in `0 ..< 1`, the label smoothing (PyTorch's `label_smoothing`).
  package let smoothing: Float
  /// `[R, 1]`, the result.
  package let losses: Region
  /// `[R, 1]`, saved for the gradient.
  package let logSums: Region

  /// A cross-entropy for each row.
  /// - Throws: `RecurrentError` if the shapes do not match or the smoothing is not in `0 ..< 1`.
  public init(
    logits: Region, targets: Indices, weights: Region? = nil, smoothing: Float = 0, losses: Region, logSums: Region
  ) throws {
    try requireSmoothing(smoothing)
    try require(
      targets.count == logits.rows && [losses, logSums, weights ?? losses].allSatisfy { $0.isColumn(logits.rows) },
      "cross-entropy", "logits \(logits.shape), \(targets.count) targets, losses \(losses.shape)")
    self.logits = logits
    self.targets = targets
    self.weights = weights
    self.smoothing = smoothing
    self.losses = losses
    self.logSums = logSums
  }
}

/// `output[r, c] = upstream · scale · weight[r] · (softmax(logits[r])[c] − (1 − ε) · [c = target[r]] − ε / C)`.
public struct CrossEntropyBackward {
  /// `[R, C]`.
  package let logits: Region
  /// R classes; negative ones are ignored.
  package let targets: Indices
  /// `[R, 1]`, or nil for 1.
  package let weights: Region?
  /// ε in `0 ..< 1`, as in the forward pass.
  package let smoothing: Float
  /// `[R, 1]`, saved by the forward pass.
  package let logSums: Region
  /// `[1, 1]`, the gradient of the scalar loss.
  package let upstream: Region
  /// The factor from the sum of the row losses to the scalar loss: 1 / count for a mean.
  package let scale: Float
  /// `[R, C]`.
  package let output: Output

  /// The gradient of a cross-entropy.
  /// - Throws: `RecurrentError` if the shapes do not match or the smoothing is not in `0 ..< 1`.
  public init(
    logits: Region, targets: Indices, weights: Region? = nil, smoothing: Float = 0, logSums: Region, upstream: Region,
    scale: Float, into output: Output
  ) throws {
    try requireSmoothing(smoothing)
    try require(
      targets.count == logits.rows && [logSums, weights ?? logSums].allSatisfy { $0.isColumn(logits.rows) }
        && upstream.count == 1 && logits.hasShape(output.region),
      "cross-entropy backward", "logits \(logits.shape), \(targets.count) targets, into \(output.region.shape)")
    self.logits = logits
    self.targets = targets
    self.weights = weights
    self.smoothing = smoothing
    self.logSums = logSums
    self.upstream = upstream
    self.scale = scale
    self.output = output
  }
}

private func requireSmoothing(_ smoothing: Float) throws {
  guard smoothing >= 0, smoothing < 1 else {
    throw RecurrentError(
      .invalidArgument, "the label smoothing is \(smoothing)", at: "cross-entropy",
      remedy: "use a value from 0 to below 1")
  }
}

/// `losses[r] = weight[r] · Σ loss(prediction[r, c], target[r, c])`, the sum over each row.
public struct ElementwiseLoss {
  /// An elementwise loss function.
  public enum Function: Int32, Sendable, CaseIterable {
    /// `(prediction − target)²`
    case squaredError
    /// `max(x, 0) − x·target + log(1 + exp(−|x|))`, the prediction x a logit.
    case binaryCrossEntropy
    /// `|d|` with `d = prediction − target`; its derivative at 0 is 0.
    case absoluteError
    /// `d²/2` where `|d| ≤ delta`, else `delta · (|d| − delta/2)` (Huber 1964).
    case huber
  }

  /// The loss function.
  package let function: Function
  /// `[R, C]`.
  package let predictions: Region
  /// `[R, C]`.
  package let targets: Region
  /// `[R, 1]`, or nil for 1.
  package let weights: Region?
  /// `[R, 1]`, the result.
  package let losses: Region
  /// The threshold above 0 at which Huber's loss becomes linear; unused by the others.
  package let delta: Float

  /// The loss of each row.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(
    _ function: Function, _ predictions: Region, _ targets: Region, weights: Region? = nil, delta: Float = 1,
    losses: Region
  ) throws {
    try require(
      predictions.hasShape(targets) && delta > 0
        && [losses, weights ?? losses].allSatisfy { $0.isColumn(predictions.rows) },
      "loss", "predictions \(predictions.shape), targets \(targets.shape), losses \(losses.shape)")
    self.function = function
    self.predictions = predictions
    self.targets = targets
    self.weights = weights
    self.delta = delta
    self.losses = losses
  }
}

/// `output = upstream · scale · weight[r] · loss′`: the gradient with respect to the predictions.
public struct ElementwiseLossBackward {
  /// The loss function.
  package let function: ElementwiseLoss.Function
  /// `[R, C]`.
  package let predictions: Region
  /// `[R, C]`.
  package let targets: Region
  /// `[R, 1]`, or nil for 1.
  package let weights: Region?
  /// `[1, 1]`, the gradient of the scalar loss.
  package let upstream: Region
  /// The factor from the sum of the row losses to the scalar loss.
  package let scale: Float
  /// The threshold of Huber's loss, as in the forward pass.
  package let delta: Float
  /// `[R, C]`.
  package let output: Output

  /// The gradient of an elementwise loss.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(
    _ function: ElementwiseLoss.Function, _ predictions: Region, _ targets: Region, weights: Region? = nil,
    delta: Float = 1, upstream: Region, scale: Float, into output: Output
  ) throws {
    try require(
      predictions.hasShape(targets) && predictions.hasShape(output.region) && upstream.count == 1 && delta > 0
        && weights.map { $0.isColumn(predictions.rows) } ?? true,
      "loss backward", "predictions \(predictions.shape), targets \(targets.shape), into \(output.region.shape)")
    self.function = function
    self.predictions = predictions
    self.targets = targets
    self.weights = weights
    self.delta = delta
    self.upstream = upstream
    self.scale = scale
    self.output = output
  }
}

extension Region {
  func isColumn(_ rows: Int) -> Bool { self.rows == rows && columns == 1 }
}
