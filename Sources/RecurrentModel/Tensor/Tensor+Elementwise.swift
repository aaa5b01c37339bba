// Operands broadcast by NumPy's rules: axes are compared from the last; they are equal, or one is 1 or missing. An axis
// of 1 repeats without a copy, and its gradient is summed.

extension Tensor {
  /// Elementwise sum with broadcasting. PyTorch: `a + b`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func + (a: Tensor, b: Tensor) throws -> Tensor { try add(.tensor(a), .tensor(b)) }
  /// The sum with a constant.
  public static func + (a: Tensor, b: Float) throws -> Tensor { try add(.tensor(a), .number(b)) }
  /// The sum with a constant.
  public static func + (a: Float, b: Tensor) throws -> Tensor { try add(.number(a), .tensor(b)) }

  /// Elementwise difference with broadcasting. PyTorch: `a - b`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func - (a: Tensor, b: Tensor) throws -> Tensor { try subtract(.tensor(a), .tensor(b)) }
  /// The difference with a constant.
  public static func - (a: Tensor, b: Float) throws -> Tensor { try subtract(.tensor(a), .number(b)) }
  /// A constant minus each element.
  public static func - (a: Float, b: Tensor) throws -> Tensor { try subtract(.number(a), .tensor(b)) }

  /// Elementwise product with broadcasting. PyTorch: `a * b`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func * (a: Tensor, b: Tensor) throws -> Tensor { try multiply(.tensor(a), .tensor(b)) }
  /// The product with a constant.
  public static func * (a: Tensor, factor: Float) throws -> Tensor { try a.scaled(by: factor) }
  /// The product with a constant.
  public static func * (factor: Float, a: Tensor) throws -> Tensor { try a.scaled(by: factor) }

  /// Elementwise quotient with broadcasting. PyTorch: `a / b`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func / (a: Tensor, b: Tensor) throws -> Tensor { try divide(.tensor(a), .tensor(b)) }
  /// Each element divided by a constant.
  public static func / (a: Tensor, b: Float) throws -> Tensor { try divide(.tensor(a), .number(b)) }
  /// A constant divided by each element.
  public static func / (a: Float, b: Tensor) throws -> Tensor { try divide(.number(a), .tensor(b)) }

  /// Negation. PyTorch: `-a`.
  public static prefix func - (a: Tensor) throws -> Tensor {
    try a.mapped("-", .negate, slope: Slope(.negate, .gradient))
  }

  /// `eˣ`, elementwise. PyTorch: `torch.exp`.
  public func exp() throws -> Tensor { try mapped("exp", .exp, slope: Slope(.multiply, .gradient, .result)) }

  /// The natural logarithm, elementwise: −∞ for 0, NaN for negative elements. PyTorch: `torch.log`.
  public func log() throws -> Tensor { try mapped("log", .log, slope: Slope(.divide, .gradient, .input(0))) }

  /// The square root, elementwise: NaN for negative elements; the gradient at 0 is infinite. PyTorch: `torch.sqrt`.
  public func sqrt() throws -> Tensor { try mapped("sqrt", .sqrt, slope: Slope(.sqrtSlope, .gradient, .result)) }

  /// The absolute value, elementwise; the gradient at 0 is 0. PyTorch: `torch.abs`.
  public func abs() throws -> Tensor { try mapped("abs", .abs, slope: Slope(.absSlope, .gradient, .input(0))) }

  /// `log(1 + eˣ)`, elementwise: a smooth function to numbers above 0. PyTorch: `torch.nn.functional.softplus`.
  public func softplus() throws -> Tensor {
    try mapped("softplus", .softplus, slope: Slope(.softplusSlope, .gradient, .input(0)))
  }

  /// The logarithm of the gamma function, elementwise: ∞ for 0, NaN for negative elements. PyTorch: `torch.lgamma`, of
  /// elements that are not negative.
  public func logGamma() throws -> Tensor {
    try mapped("logGamma", .logGamma, slope: Slope(.logGammaSlope, .gradient, .input(0)))
  }

  /// Each element, clamped to the bounds; the gradient passes within the bounds, ends included. NaN is kept. PyTorch:
  /// `torch.clamp`.
  public func clamped(to bounds: ClosedRange<Float>) throws -> Tensor {
    try clamped(from: bounds.lowerBound, through: bounds.upperBound)
  }

  /// Each element, at least the bound. PyTorch: `torch.clamp(min=…)`.
  public func clamped(to bounds: PartialRangeFrom<Float>) throws -> Tensor {
    try clamped(from: bounds.lowerBound, through: .infinity)
  }

  /// Each element, at most the bound. PyTorch: `torch.clamp(max=…)`.
  public func clamped(to bounds: PartialRangeThrough<Float>) throws -> Tensor {
    try clamped(from: -.infinity, through: bounds.upperBound)
  }

  /// Elementwise maximum with broadcasting; NaN if one operand is. Equal operands share the gradient. PyTorch:
  /// `torch.maximum`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public func maximum(_ other: Tensor) throws -> Tensor { try larger(.tensor(other)) }
  /// The maximum of each element and a constant.
  public func maximum(_ other: Float) throws -> Tensor { try larger(.number(other)) }

  /// Elementwise minimum with broadcasting; NaN if one operand is. Equal operands share the gradient. PyTorch:
  /// `torch.minimum`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public func minimum(_ other: Tensor) throws -> Tensor { try smaller(.tensor(other)) }
  /// The minimum of each element and a constant.
  public func minimum(_ other: Float) throws -> Tensor { try smaller(.number(other)) }

  // MARK: Implementation

  private typealias Input = Elementwise.Input
  private typealias Slope = Elementwise.Slope

  private static func add(_ a: Input, _ b: Input) throws -> Tensor {
    try Elementwise("+", .add, [a, b], slopes: [Slope(.copy, .gradient), Slope(.copy, .gradient)])()
  }

  private static func subtract(_ a: Input, _ b: Input) throws -> Tensor {
    try Elementwise("-", .subtract, [a, b], slopes: [Slope(.copy, .gradient), Slope(.negate, .gradient)])()
  }

  private static func multiply(_ a: Input, _ b: Input) throws -> Tensor {
    try Elementwise(
      "*", .multiply, [a, b],
      slopes: [Slope(.multiply, .gradient, .input(1)), Slope(.multiply, .gradient, .input(0))])()
  }

  private static func divide(_ a: Input, _ b: Input) throws -> Tensor {
    try Elementwise(
      "/", .divide, [a, b],
      slopes: [Slope(.divide, .gradient, .input(1)), Slope(.quotientSlope, .gradient, .input(0), .input(1))])()
  }

  private func clamped(from least: Float, through most: Float) throws -> Tensor {
    try Elementwise(
      "clamped", .clamp, [.tensor(self), .number(least), .number(most)],
      slopes: [Slope(.clampSlope, .gradient, .input(0), .result), nil, nil])()
  }

  private func larger(_ other: Input) throws -> Tensor {
    try Elementwise(
      "maximum", .maximum, [.tensor(self), other],
      slopes: [
        Slope(.maximumSlope, .gradient, .input(0), .input(1)), Slope(.maximumSlope, .gradient, .input(1), .input(0)),
      ])()
  }

  private func smaller(_ other: Input) throws -> Tensor {
    try Elementwise(
      "minimum", .minimum, [.tensor(self), other],
      slopes: [
        Slope(.maximumSlope, .gradient, .input(1), .input(0)), Slope(.maximumSlope, .gradient, .input(0), .input(1)),
      ])()
  }
}
