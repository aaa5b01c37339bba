// Comparisons give 1 where they hold and 0 elsewhere, and have no gradient: what compares with a NaN does not hold, but for
// `.!=`. Operands broadcast as those of `+`.

extension Tensor {
  /// Where `a` is less than `b`. PyTorch: `a < b`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func .< (a: Tensor, b: Tensor) throws -> Tensor { try compare(.less, .tensor(a), .tensor(b)) }
  /// Where elements are less than a number.
  public static func .< (a: Tensor, b: Float) throws -> Tensor { try compare(.less, .tensor(a), .number(b)) }

  /// Where `a` is at most `b`. PyTorch: `a <= b`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func .<= (a: Tensor, b: Tensor) throws -> Tensor { try compare(.lessOrEqual, .tensor(a), .tensor(b)) }
  /// Where elements are at most a number.
  public static func .<= (a: Tensor, b: Float) throws -> Tensor { try compare(.lessOrEqual, .tensor(a), .number(b)) }

  /// Where `a` is greater than `b`. PyTorch: `a > b`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func .> (a: Tensor, b: Tensor) throws -> Tensor { try compare(.less, .tensor(b), .tensor(a)) }
  /// Where elements are greater than a number.
  public static func .> (a: Tensor, b: Float) throws -> Tensor { try compare(.less, .number(b), .tensor(a)) }

  /// Where `a` is at least `b`. PyTorch: `a >= b`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func .>= (a: Tensor, b: Tensor) throws -> Tensor { try compare(.lessOrEqual, .tensor(b), .tensor(a)) }
  /// Where elements are at least a number.
  public static func .>= (a: Tensor, b: Float) throws -> Tensor { try compare(.lessOrEqual, .number(b), .tensor(a)) }

  /// Where `a` and `b` are equal. PyTorch: `a == b`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func .== (a: Tensor, b: Tensor) throws -> Tensor { try compare(.equal, .tensor(a), .tensor(b)) }
  /// Where elements equal a number.
  public static func .== (a: Tensor, b: Float) throws -> Tensor { try compare(.equal, .tensor(a), .number(b)) }

  /// Where `a` and `b` differ. PyTorch: `a != b`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func .!= (a: Tensor, b: Tensor) throws -> Tensor { try compare(.notEqual, .tensor(a), .tensor(b)) }
  /// Where elements differ from a number.
  public static func .!= (a: Tensor, b: Float) throws -> Tensor { try compare(.notEqual, .tensor(a), .number(b)) }

  /// Elements of `a` where the mask is not 0, of `b` elsewhere; all three broadcast. The mask has no gradient. PyTorch:
  /// `torch.where(mask != 0, a, b)`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func `where`(_ mask: Tensor, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    try select(mask, .tensor(a), .tensor(b))
  }

  /// Elements of `a` where the mask is not 0, a number elsewhere.
  public static func `where`(_ mask: Tensor, _ a: Tensor, _ b: Float) throws -> Tensor {
    try select(mask, .tensor(a), .number(b))
  }

  /// The elements, and `value` where the mask is not 0; both broadcast. PyTorch: `x.masked_fill(mask != 0, value)`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public func masked(_ mask: Tensor, with value: Float) throws -> Tensor {
    try Tensor.select(mask, .number(value), .tensor(self))
  }

  private static func compare(_ function: MapFunction, _ a: Elementwise.Input, _ b: Elementwise.Input) throws -> Tensor
  {
    try Elementwise("comparison", function, [a, b], slopes: [nil, nil])()
  }

  private static func select(_ mask: Tensor, _ a: Elementwise.Input, _ b: Elementwise.Input) throws -> Tensor {
    try Elementwise(
      "where", .select, [.tensor(mask), a, b],
      slopes: [
        nil, Elementwise.Slope(.select, .input(0), .gradient, .number(0)),
        Elementwise.Slope(.select, .input(0), .number(0), .gradient),
      ])()
  }
}
