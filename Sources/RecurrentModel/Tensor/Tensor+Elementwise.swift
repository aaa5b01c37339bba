// Operands broadcast by NumPy's rules: axes are compared from the last; they are equal, or one of them is 1 or not there. An
// axis of 1 repeats without a copy, and its gradient is the sum.

extension Tensor {
  /// The sum, element by element, broadcast. PyTorch: `a + b`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func + (a: Tensor, b: Tensor) throws -> Tensor { try add(.tensor(a), .tensor(b)) }
  /// The sum with a number.
  public static func + (a: Tensor, b: Float) throws -> Tensor { try add(.tensor(a), .number(b)) }
  /// The sum with a number.
  public static func + (a: Float, b: Tensor) throws -> Tensor { try add(.number(a), .tensor(b)) }

  /// The difference, element by element, broadcast. PyTorch: `a - b`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func - (a: Tensor, b: Tensor) throws -> Tensor { try subtract(.tensor(a), .tensor(b)) }
  /// The difference with a number.
  public static func - (a: Tensor, b: Float) throws -> Tensor { try subtract(.tensor(a), .number(b)) }
  /// A number less each element.
  public static func - (a: Float, b: Tensor) throws -> Tensor { try subtract(.number(a), .tensor(b)) }

  /// The product, element by element, broadcast. PyTorch: `a * b`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func * (a: Tensor, b: Tensor) throws -> Tensor { try multiply(.tensor(a), .tensor(b)) }
  /// The product with a number.
  public static func * (a: Tensor, factor: Float) throws -> Tensor { try a.scaled(by: factor) }
  /// The product with a number.
  public static func * (factor: Float, a: Tensor) throws -> Tensor { try a.scaled(by: factor) }

  /// The quotient, element by element, broadcast. PyTorch: `a / b`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func / (a: Tensor, b: Tensor) throws -> Tensor { try divide(.tensor(a), .tensor(b)) }
  /// Each element divided by a number.
  public static func / (a: Tensor, b: Float) throws -> Tensor { try divide(.tensor(a), .number(b)) }
  /// A number divided by each element.
  public static func / (a: Float, b: Tensor) throws -> Tensor { try divide(.number(a), .tensor(b)) }

  /// Each element with the other sign. PyTorch: `-a`.
  public static prefix func - (a: Tensor) throws -> Tensor {
    try a.mapped("-", .negate, slope: Slope(.negate, .gradient))
  }

  /// `eˣ` of each element. PyTorch: `torch.exp`.
  public func exp() throws -> Tensor { try mapped("exp", .exp, slope: Slope(.multiply, .gradient, .result)) }

  /// The natural logarithm of each element: −∞ of 0, NaN of negative ones. PyTorch: `torch.log`.
  public func log() throws -> Tensor { try mapped("log", .log, slope: Slope(.divide, .gradient, .input(0))) }

  /// The square root of each element: NaN of negative ones; its gradient at 0 is infinite. PyTorch: `torch.sqrt`.
  public func sqrt() throws -> Tensor { try mapped("sqrt", .sqrt, slope: Slope(.sqrtSlope, .gradient, .result)) }

  /// Each element without its sign; the gradient at 0 is 0. PyTorch: `torch.abs`.
  public func abs() throws -> Tensor { try mapped("abs", .abs, slope: Slope(.absSlope, .gradient, .input(0))) }

  /// Each element, or the bound that it is beyond; the gradient passes within the bounds and on them. NaN stays. PyTorch:
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

  /// The larger of both, element by element, broadcast; NaN if one is. Equal ones share the gradient. PyTorch:
  /// `torch.maximum`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public func maximum(_ other: Tensor) throws -> Tensor { try larger(.tensor(other)) }
  /// The larger of each element and a number.
  public func maximum(_ other: Float) throws -> Tensor { try larger(.number(other)) }

  /// The smaller of both, element by element, broadcast; NaN if one is. Equal ones share the gradient. PyTorch:
  /// `torch.minimum`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public func minimum(_ other: Tensor) throws -> Tensor { try smaller(.tensor(other)) }
  /// The smaller of each element and a number.
  public func minimum(_ other: Float) throws -> Tensor { try smaller(.number(other)) }

  // MARK: What they are made of

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
