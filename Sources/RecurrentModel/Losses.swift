/// How the losses of rows or elements are reduced, as PyTorch's `reduction`.
public enum Reduction: Hashable, Sendable {
  /// Their weighted mean, a scalar: divided by the sum of the weights.
  case mean
  /// Their weighted sum, a scalar.
  case sum
  /// Each of them, times its weight.
  case none
}

/// The cross-entropy of logits `[…, C]` and classes, in nats: the mean over the rows that count, as PyTorch's.
///
/// A row counts nothing where its target is negative, or its weight 0. Where no row counts, the loss and its gradient are 0.
/// - Parameters:
///   - logits: `[…, C]`, before any softmax.
///   - targets: One class a row, of the logits' shape without its last axis.
///   - weights: A factor on each row; the mean divides by their sum.
///   - smoothing: ε in `0 ..< 1`: the target is 1 − ε of the class and ε spread evenly over all of them (PyTorch's
///     `label_smoothing`).
///   - reduction: `.none` gives the loss of each row, `[…]`, 0 where a row counts nothing.
/// - Throws: `RecurrentError` if the shapes do not fit, a class is not below C, or the smoothing is out of its range.
public func crossEntropy(
  _ logits: Tensor, _ targets: Tokens, weights: [Float]? = nil, smoothing: Float = 0, reduction: Reduction = .mean
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

/// The binary cross-entropy of logits and targets in `0 ... 1`, of the same shape: the mean over all elements.
/// - Parameters:
///   - logits: `[…, C]`, before any sigmoid.
///   - targets: `[…, C]`; they get no gradient.
///   - weights: A factor on each row (all elements along the last axis), or on each element; the mean divides by their sum.
///   - positiveWeight: A factor on what a target of 1 costs, one for each of the C columns or one for all (PyTorch's
///     `pos_weight`): more than 1 for a class that is rare. The mean does not divide by it.
///   - reduction: `.none` gives the loss of each element, `[…, C]`.
/// - Throws: `RecurrentError.shapeMismatch`; `.invalidArgument` if a positive weight is negative or not finite.
public func binaryCrossEntropyWithLogits(
  _ logits: Tensor, _ targets: Tensor, weights: [Float]? = nil, positiveWeight: [Float]? = nil,
  reduction: Reduction = .mean
) throws -> Tensor {
  try compare(.binaryCrossEntropy, logits, targets, weights, positiveWeight, reduction)
}

/// The mean of the squared differences of two tensors of the same shape.
/// - Parameters:
///   - predictions: `[…, C]`.
///   - targets: `[…, C]`; they get no gradient.
///   - weights: A factor on each row (all elements along the last axis), or on each element; the mean divides by their sum.
///   - reduction: `.none` gives the loss of each element, `[…, C]`.
/// - Throws: `RecurrentError.shapeMismatch`.
public func meanSquaredError(
  _ predictions: Tensor, _ targets: Tensor, weights: [Float]? = nil, reduction: Reduction = .mean
) throws -> Tensor {
  try compare(.squaredError, predictions, targets, weights, nil, reduction)
}

/// An elementwise loss.
private func compare(
  _ loss: ElementwiseLoss.Function, _ predictions: Tensor, _ targets: Tensor, _ weights: [Float]?,
  _ positiveWeight: [Float]?, _ reduction: Reduction
) throws -> Tensor {
  let place = loss == .squaredError ? "mean squared error" : "binary cross-entropy"
  let (tape, shape) = (predictions.tape, predictions.shape)
  guard shape == targets.shape else {
    throw RecurrentError(
      .shapeMismatch, "predictions of shape \(shape) and targets of shape \(targets.shape)", at: place,
      remedy: "give both the same shape: reshaped(_:) or swappingLeadingAxes()")
  }
  try tape.check([predictions, targets])
  let (rows, columns) = (shape.rows, shape.columns)
  let isByElement = weights.map { $0.count != rows && $0.count == rows * columns } ?? false
  guard isByElement || positiveWeight != nil || reduction == .none else {
    let weighting = try LossWeights(weights, rows: rows, columns: columns, reduction, on: tape, at: place)
    return try weighting.loss([(loss, targets.region, nil)], of: predictions, shape: [])
  }
  // Kernels add rows up: so each element becomes a row.
  let weights = isByElement ? weights : try weights?.repeated(columns, rows: rows, at: place)
  let (flat, goals) = (
    try predictions.reshaped([rows * columns, 1]), try targets.reshaped([rows * columns, 1]).region
  )
  let weighting = try LossWeights(weights, rows: rows * columns, reduction, on: tape, at: place)
  guard let positiveWeight else { return try weighting.loss([(loss, goals, nil)], of: flat, shape: shape) }
  let shares = try PositiveWeight(positiveWeight, columns: columns).shares(goals, rows: rows, on: tape)
  return try weighting.loss(shares, of: flat, shape: shape)
}

/// The weights of a loss's rows, and how the rows' losses are reduced.
private struct LossWeights {
  /// `[R, 1]`, or nil for 1.
  let region: Region?
  /// What turns the sum of the rows' losses into the result.
  let scale: Float
  private let reduction: Reduction

  init(
    _ weights: [Float]?, rows: Int, columns: Int = 1, _ reduction: Reduction, on tape: Tape, at place: String,
    counts: (Int) -> Bool = { _ in true }
  ) throws {
    if let weights, weights.count != rows {
      let orElements = columns > 1 ? " of \(columns) elements" : ""
      throw RecurrentError(
        .shapeMismatch, "\(weights.count) weights for \(rows) rows\(orElements)", at: place,
        remedy: columns > 1 ? "give one for each row, or one for each element" : "give one for each row")
    }
    self.reduction = reduction
    if reduction == .mean {
      let total = (0..<rows).reduce(0.0) { counts($1) ? $0 + Double(weights?[$1] ?? 1) : $0 }
      scale = total > 0 ? Float(1 / (total * Double(columns))) : 0
    } else {
      scale = 1
    }
    region = try weights.map { try tape.tensor($0, shape: [rows, 1]).region }
  }

  /// What a backend's gradient of a loss takes: a factor for each row, and one for all.
  struct Factors {
    let weights: Region?
    let upstream: Region
  }

  /// The losses `[R, 1]` of rows, reduced, or as a tensor of a shape.
  /// - Parameter backward: Writes the gradient of `source`.
  func reduced(
    _ losses: Region, shape: [Int], from source: Tensor,
    backward: @escaping (_ tape: Tape, _ factors: Factors, _ output: Output) throws -> Void
  ) throws -> Tensor {
    let tape = source.tape
    guard reduction == .none else {
      let result = try tape.allocate(columns: 1)
      try tape.backend.reduce(Reduce(over: .all, losses, scale: scale, into: .set(result)))
      return try tape.recordWriting(result, shape: [], from: [source]) { [region] tape, upstream, outputs in
        guard let output = outputs[0] else { return }
        try backward(tape, Factors(weights: region, upstream: upstream), output)
      }
    }
    let result = try losses.reshaped(rows: shape.rows, columns: shape.columns)
    return try tape.recordWriting(result, shape: shape, from: [source]) { [region] tape, upstream, outputs in
      guard let output = outputs[0] else { return }
      // Each row's own gradient is one more factor on it.
      let gradient = try upstream.reshaped(rows: losses.rows, columns: 1)
      let weights = try region.map { try tape.product($0, gradient) } ?? gradient
      try backward(tape, Factors(weights: weights, upstream: tape.full([], 1).region), output)
    }
  }

  /// A sum of elementwise losses of the same predictions, each with a further factor on each row or nil for 1.
  func loss(
    _ parts: [(function: ElementwiseLoss.Function, targets: Region, share: Region?)], of predictions: Tensor,
    shape: [Int]
  ) throws -> Tensor {
    let (tape, x) = (predictions.tape, predictions.region)
    let all = try tape.allocate(rows: x.rows, columns: 1)
    for (index, part) in parts.enumerated() {
      let losses = index == 0 ? all : try tape.allocate(rows: x.rows, columns: 1)
      let weights = try tape.product(region, part.share)
      try tape.backend.elementwiseLoss(
        ElementwiseLoss(part.function, x, part.targets, weights: weights, losses: losses))
      if index > 0 { try tape.backend.scale(Scale(losses, by: 1, into: .add(all))) }
    }
    return try reduced(all, shape: shape, from: predictions) { [scale] tape, factors, output in
      for (index, part) in parts.enumerated() {
        try tape.backend.elementwiseLossBackward(
          ElementwiseLossBackward(
            part.function, x, part.targets, weights: tape.product(factors.weights, part.share),
            upstream: factors.upstream, scale: scale, into: index == 0 ? output : .add(output.region)))
      }
    }
  }
}

/// Factors on what a target of 1 costs: `w·y·loss(x, 1) + (1 − y)·loss(x, 0)`, which without w is `loss(x, y)`.
private struct PositiveWeight {
  private let weights: [Float]

  init(_ weights: [Float], columns: Int) throws {
    guard weights.count == 1 || weights.count == columns else {
      throw RecurrentError(
        .shapeMismatch, "\(weights.count) positive weights for \(columns) columns", at: "binary cross-entropy",
        remedy: "give one for each column, or one for all")
    }
    if let wrong = weights.first(where: { !($0 >= 0 && $0.isFinite) }) {
      throw RecurrentError(
        .invalidArgument, "a positive weight of \(wrong)", at: "binary cross-entropy", remedy: "take 0 or more")
    }
    self.weights = weights.count == columns ? weights : [Float](repeating: weights[0], count: columns)
  }

  /// The two losses of elements as rows `[R·C, 1]`, and what each counts: `w·y` and `1 − y`.
  func shares(_ targets: Region, rows: Int, on tape: Tape) throws -> [(ElementwiseLoss.Function, Region, Region?)] {
    let count = targets.count
    let factors = try tape.tensor((0..<rows).flatMap { _ in weights }, shape: [count, 1]).region
    let positive = try tape.product(targets, factors)
    let (ones, zeros) = (try tape.full([count, 1], 1).region, try tape.full([count, 1], 0).region)
    let negative = try tape.allocate(rows: count, columns: 1)
    try tape.backend.combine(Combine(.subtract, ones, targets, into: .set(negative)))
    return [(.binaryCrossEntropy, ones, positive), (.binaryCrossEntropy, zeros, negative)]
  }
}

extension Tape {
  /// The product of factors `[R, 1]`, of which nil is 1.
  fileprivate func product(_ a: Region?, _ b: Region?) throws -> Region? {
    guard let a, let b else { return a ?? b }
    return try product(a, b)
  }

  fileprivate func product(_ a: Region, _ b: Region) throws -> Region {
    let result = try allocate(rows: a.rows, columns: a.columns)
    try backend.combine(Combine(.multiply, a, b, into: .set(result)))
    return result
  }
}

extension [Float] {
  /// Each row's number as often as the row has columns.
  fileprivate func repeated(_ columns: Int, rows: Int, at place: String) throws -> [Float] {
    guard count == rows else {
      throw RecurrentError(
        .shapeMismatch, "\(count) weights for \(rows) rows of \(columns) elements", at: place,
        remedy: "give one for each row, or one for each element")
    }
    return flatMap { [Float](repeating: $0, count: columns) }
  }
}
