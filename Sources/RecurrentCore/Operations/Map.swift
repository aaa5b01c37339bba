/// A function of one to three operands, applied element by element.
///
/// The functions named `…Slope` are gradients in one pass over memory: their first operand is the incoming gradient.
public enum MapFunction: Int32, Sendable, CaseIterable {
  /// `a`
  case copy
  /// `−a`
  case negate
  /// `eᵃ`
  case exp
  /// The natural logarithm: −∞ of 0, NaN of negative numbers.
  case log
  /// `√a`; NaN of negative numbers.
  case sqrt
  /// `|a|`
  case abs
  /// `a + b`
  case add
  /// `a − b`
  case subtract
  /// `a · b`
  case multiply
  /// `a / b`
  case divide
  /// The larger of both; NaN if one is.
  case maximum
  /// The smaller of both; NaN if one is.
  case minimum
  /// 1 where `a < b`, else 0.
  case less
  /// 1 where `a ≤ b`, else 0.
  case lessOrEqual
  /// 1 where `a = b`, else 0.
  case equal
  /// 1 where `a ≠ b`, else 0.
  case notEqual
  /// `eᵃ⁻ᵇ`
  case expDifference
  /// `a`, but at least `b` and at most `c`; NaN stays.
  case clamp
  /// `b` where `a ≠ 0`, else `c`.
  case select
  /// `dy / 2b`: of a square root `b`.
  case sqrtSlope
  /// `dy · sign b`: of `|b|`.
  case absSlope
  /// `−dy · (b / c) / c`: of `b / c`, to `c`.
  case quotientSlope
  /// `dy` where `b > c`, half of it where they are equal, else 0; `dy` if one is NaN: of `max(b, c)`, to `b`.
  case maximumSlope
  /// `dy` where `b = c`, else 0: of a clamped `b` whose result is `c`.
  case clampSlope
  /// `dy − eᵇ · c`: of a log softmax `b`, where `c` is the sum of its gradients.
  case logSoftmaxSlope
  /// `dy · eᵇ⁻ᶜ`: of the logarithm `c` of a sum of exponentials, to `b`.
  case logSumExpSlope
  /// `log(1 + eᵃ)`
  case softplus
  /// `dy · σ(b)`: of the softplus of `b`.
  case softplusSlope
  /// `log Γ(a)` for `a ≥ 0`; NaN of negative numbers.
  case logGamma
  /// `dy · ψ(b)`: of `log Γ(b)`, with the digamma function ψ.
  case logGammaSlope
  /// The negative log-likelihood of a count c under a negative binomial distribution with mean a and variance `a + b · a²`, in
  /// nats: `log Γ(c + 1) − log Γ(c + 1/b) + log Γ(1/b) − c · log(a·b / (1 + a·b)) + log(1 + a·b) / b`, for b = 0 its limit.
  case negativeBinomial
  /// The derivative of `negativeBinomial` by the mean a.
  case negativeBinomialByMean
  /// The derivative of `negativeBinomial` by the dispersion b.
  case negativeBinomialByDispersion

  /// The number of operands.
  package var operandCount: Int {
    switch self {
    case .copy, .negate, .exp, .log, .sqrt, .abs, .softplus, .logGamma: 1
    case .clamp, .select, .quotientSlope, .maximumSlope, .clampSlope, .logSoftmaxSlope, .logSumExpSlope,
      .negativeBinomial, .negativeBinomialByMean, .negativeBinomialByDispersion:
      3
    default: 2
    }
  }
}

/// An operand of a `MapFunction`.
public enum MapOperand {
  /// The elements of a tensor.
  case view(StridedView)
  /// A constant.
  case number(Float)

  /// The tensor; nil for a constant.
  package var view: StridedView? {
    if case .view(let view) = self { view } else { nil }
  }

  fileprivate func strides(_ axes: Int) -> [Int] { view?.strides ?? [Int](repeating: 0, count: axes) }
}

extension [MapOperand] {
  /// The strides of all operands; throws unless their number and lengths match the function.
  func strides(_ function: MapFunction, over lengths: [Int], of operation: String) throws -> [[Int]] {
    try require(
      count == function.operandCount && allSatisfy { $0.view.map { $0.lengths == lengths } ?? true }, operation,
      "\(function) of lengths \(compactMap(\.view?.lengths)) over \(lengths)")
    return map { $0.strides(lengths.count) }
  }

  /// The bytes of the elements read, each once.
  var bytes: Int { reduce(0) { $0 + ($1.view?.bytes ?? 0) } }
}

extension StridedView {
  /// The bytes of its elements; repeated elements count once.
  var bytes: Int { zip(lengths, strides).reduce(4) { $1.1 == 0 ? $0 : $0.saturatingTimes($1.0) } }
}

/// `output = f(a, b, c)`, element by element over tensors of any strides; added to the output if `adds`.
public struct Map {
  /// The function.
  package let function: MapFunction
  /// The operands: as many as the function takes, of the lengths of the output.
  package let operands: [MapOperand]
  /// The destination; may be an operand.
  package let output: StridedView
  /// Whether the results are added to the old content.
  package let adds: Bool
  /// The axes, with the strides of the operands, then of the output.
  package let loop: AxisLoop

  /// An elementwise function of tensors.
  /// - Throws: `RecurrentError.shapeMismatch` if the lengths differ, elements of the output share memory, or more than
  ///   8 axes remain after adjacent axes are joined.
  public init(_ function: MapFunction, _ operands: [MapOperand], into output: StridedView, adds: Bool = false) throws {
    let strides = try operands.strides(function, over: output.lengths, of: "map")
    try require(
      !output.repeats, "map",
      "elements of an output of lengths \(output.lengths), strides \(output.strides), share memory")
    self.function = function
    self.operands = operands
    self.output = output
    self.adds = adds
    loop = AxisLoop(lengths: output.lengths, strides: strides + [output.strides], order: .output)
      .tiled(operands.count)
    try loop.requireFewAxes("map")
  }

  /// A lower bound of the bytes read and written.
  package var bytes: Int { operands.bytes + output.bytes }
}
