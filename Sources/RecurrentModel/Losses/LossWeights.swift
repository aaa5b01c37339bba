import RecurrentCore

/// The weights of the rows of a loss, and the reduction of the row losses.
struct LossWeights {
  /// `[R, 1]`, or nil for 1.
  let region: Region?
  /// The factor from the sum of the row losses to the result.
  let scale: Float
  private let reduction: Reduction

  init(
    _ weights: [Float]?, rows: Int, columns: Int = 1, _ reduction: Reduction, on tape: Tape, at location: String,
    counts: (Int) -> Bool = { _ in true }
  ) throws {
    if let weights, weights.count != rows {
      throw Self.misfit(weights.count, rows: rows, columns: columns, at: location)
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

  /// Whether the weights are per element of a shape, not per row.
  static func areByElement(_ weights: [Float]?, _ shape: [Int]) -> Bool {
    weights.map { $0.count != shape.rows && $0.count == shape.elementCount } ?? false
  }

  fileprivate static func misfit(_ count: Int, rows: Int, columns: Int, at location: String) -> RecurrentError {
    RecurrentError(
      .shapeMismatch, "\(count) weights for \(rows) rows" + (columns > 1 ? " of \(columns) elements" : ""),
      at: location,
      remedy: columns > 1 ? "give one per row, or one per element" : "give one per row")
  }

  /// The factors of a loss gradient: one per row, and one for all.
  struct Factors {
    let weights: Region?
    let upstream: Region
  }

  /// The losses `[R, 1]` of rows, reduced, or reshaped.
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
      // The gradient of each row is one more factor on it.
      let gradient = try upstream.reshaped(rows: losses.rows, columns: 1)
      let weights = try region.map { try tape.product($0, gradient) } ?? gradient
      try backward(tape, Factors(weights: weights, upstream: tape.full([], 1).region), output)
    }
  }

  /// The sum of elementwise losses of the same predictions.
  func loss(_ parts: [LossPart], of predictions: Tensor, shape: [Int]) throws -> Tensor {
    let (tape, x) = (predictions.tape, predictions.region)
    let all = try tape.allocate(rows: x.rows, columns: 1)
    for (index, part) in parts.enumerated() {
      let losses = index == 0 ? all : try tape.allocate(rows: x.rows, columns: 1)
      let weights = try tape.product(region, part.share)
      try tape.backend.elementwiseLoss(
        ElementwiseLoss(part.function, x, part.targets, weights: weights, delta: part.delta, losses: losses))
      if index > 0 { try tape.backend.scale(Scale(losses, by: 1, into: .add(all))) }
    }
    return try reduced(all, shape: shape, from: predictions) { [scale] tape, factors, output in
      for (index, part) in parts.enumerated() {
        try tape.backend.elementwiseLossBackward(
          ElementwiseLossBackward(
            part.function, x, part.targets, weights: tape.product(factors.weights, part.share), delta: part.delta,
            upstream: factors.upstream, scale: scale, into: index == 0 ? output : .add(output.region)))
      }
    }
  }
}

/// One of the losses that are summed.
struct LossPart {
  let function: ElementwiseLoss.Function
  let targets: Region
  /// Another factor per row, or nil for 1.
  let share: Region?
  let delta: Float

  init(_ function: ElementwiseLoss.Function, _ targets: Region, share: Region? = nil, delta: Float = 1) {
    self.function = function
    self.targets = targets
    self.share = share
    self.delta = delta
  }
}

extension Tape {
  /// The product of factors `[R, 1]`; nil stands for 1.
  fileprivate func product(_ a: Region?, _ b: Region?) throws -> Region? {
    guard let a, let b else { return a ?? b }
    return try product(a, b)
  }

  func product(_ a: Region, _ b: Region) throws -> Region {
    let result = try allocate(rows: a.rows, columns: a.columns)
    try backend.combine(Combine(.multiply, a, b, into: .set(result)))
    return result
  }
}

extension [Float] {
  /// Each row's value, repeated once per column.
  func repeated(_ columns: Int, rows: Int, at location: String) throws -> [Float] {
    guard count == rows else { throw LossWeights.misfit(count, rows: rows, columns: columns, at: location) }
    return flatMap { [Float](repeating: $0, count: columns) }
  }
}
