import RecurrentCore

/// Factors on the positive part of the loss: `w·y·loss(x, 1) + (1 − y)·loss(x, 0)`, which for w = 1 is `loss(x, y)`.
struct PositiveWeight {
  private let weights: [Float]

  init(_ weights: [Float], columns: Int) throws {
    guard weights.count == 1 || weights.count == columns else {
      throw RecurrentError(
        .shapeMismatch, "\(weights.count) positive weights for \(columns) columns", at: "binary cross-entropy",
        remedy: "give one per column, or one for all")
    }
    if let wrong = weights.first(where: { !($0 >= 0 && $0.isFinite) }) {
      throw RecurrentError(
        .invalidArgument, "a positive weight is \(wrong)", at: "binary cross-entropy",
        remedy: "use a finite value of at least 0")
    }
    self.weights = weights.count == columns ? weights : [Float](repeating: weights[0], count: columns)
  }

  /// The two losses of each element as rows `[R·C, 1]`, with their weights `w·y` and `1 − y`.
  func parts(_ targets: Region, rows: Int, on tape: Tape) throws -> [LossPart] {
    let count = targets.count
    let factors = try tape.tensor((0..<rows).flatMap { _ in weights }, shape: [count, 1]).region
    let positive = try tape.product(targets, factors)
    let (ones, zeros) = (try tape.full([count, 1], 1).region, try tape.full([count, 1], 0).region)
    let negative = try tape.allocate(rows: count, columns: 1)
    try tape.backend.combine(Combine(.subtract, ones, targets, into: .set(negative)))
    return [
      LossPart(.binaryCrossEntropy, ones, share: positive), LossPart(.binaryCrossEntropy, zeros, share: negative),
    ]
  }
}
