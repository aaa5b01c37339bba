import RecurrentCore

// Comparisons give 1 for true and 0 for false, and have no gradient. Comparisons with NaN are false, except `.!=`.
// Operands broadcast as for `+`.

extension Tensor {
  /// 1 where `a < b`. PyTorch: `a < b`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func .< (a: Tensor, b: Tensor) throws -> Tensor { try compare(.less, .tensor(a), .tensor(b)) }
  /// 1 where elements are less than a constant.
  public static func .< (a: Tensor, b: Float) throws -> Tensor { try compare(.less, .tensor(a), .number(b)) }

  /// 1 where `a ≤ b`. PyTorch: `a <= b`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func .<= (a: Tensor, b: Tensor) throws -> Tensor { try compare(.lessOrEqual, .tensor(a), .tensor(b)) }
  /// 1 where elements are at most a constant.
  public static func .<= (a: Tensor, b: Float) throws -> Tensor { try compare(.lessOrEqual, .tensor(a), .number(b)) }

  /// 1 where `a > b`. PyTorch: `a > b`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func .> (a: Tensor, b: Tensor) throws -> Tensor { try compare(.less, .tensor(b), .tensor(a)) }
  /// 1 where elements are greater than a constant.
  public static func .> (a: Tensor, b: Float) throws -> Tensor { try compare(.less, .number(b), .tensor(a)) }

  /// 1 where `a ≥ b`. PyTorch: `a >= b`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func .>= (a: Tensor, b: Tensor) throws -> Tensor { try compare(.lessOrEqual, .tensor(b), .tensor(a)) }
  /// 1 where elements are at least a constant.
  public static func .>= (a: Tensor, b: Float) throws -> Tensor { try compare(.lessOrEqual, .number(b), .tensor(a)) }

  /// 1 where `a = b`. PyTorch: `a == b`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func .== (a: Tensor, b: Tensor) throws -> Tensor { try compare(.equal, .tensor(a), .tensor(b)) }
  /// 1 where elements equal a constant.
  public static func .== (a: Tensor, b: Float) throws -> Tensor { try compare(.equal, .tensor(a), .number(b)) }

  /// 1 where `a ≠ b`. PyTorch: `a != b`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func .!= (a: Tensor, b: Tensor) throws -> Tensor { try compare(.notEqual, .tensor(a), .tensor(b)) }
  /// 1 where elements differ from a constant.
  public static func .!= (a: Tensor, b: Float) throws -> Tensor { try compare(.notEqual, .tensor(a), .number(b)) }

  /// Elements of `a` where the mask is not 0, else of `b`; all three broadcast. The mask has no gradient. PyTorch:
  /// `torch.where(mask != 0, a, b)`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  public static func `where`(_ mask: Tensor, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    try select(mask, .tensor(a), .tensor(b))
  }

  /// Elements of `a` where the mask is not 0, else a constant.
  public static func `where`(_ mask: Tensor, _ a: Tensor, _ b: Float) throws -> Tensor {
    try select(mask, .tensor(a), .number(b))
  }

  /// The elements, replaced by `value` where the mask is not 0; both broadcast. PyTorch: `x.masked_fill(mask != 0,
  /// value)`.
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
