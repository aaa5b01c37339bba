import RecurrentCore

/// Initialization of a parameter. Shapes are PyTorch's: a weight is `[outputs, inputs]`.
///
/// Gradients of long sequences vanish or explode with powers of the recurrent weight. The identity with ReLU (Le et al.
/// 2015) and orthogonal weights (Saxe et al. 2014) initially preserve their norm; a forget-gate bias of 1 (Gers et al.
/// 2000, Jozefowicz et al. 2015) lets an LSTM remember from the start; against exploding gradients, clip the norm.
public struct Initializer: Sendable {
  private let draw: @Sendable (_ shape: [Int], inout RandomSource) -> [Float]

  /// A custom initializer: as many values as the shape has elements, row-major.
  public init(_ draw: @escaping @Sendable (_ shape: [Int], inout RandomSource) -> [Float]) {
    self.draw = draw
  }

  /// Draws values for a parameter of this shape.
  public func callAsFunction(_ shape: [Int], _ random: inout RandomSource) -> [Float] { draw(shape, &random) }

  /// A constant. PyTorch: `init.constant_`.
  public static func constant(_ value: Float) -> Initializer {
    Initializer { shape, _ in [Float](repeating: value, count: shape.elementCount) }
  }

  /// Zeros.
  public static let zeros = constant(0)

  /// Given values, row-major, one per element.
  public static func values(_ values: [Float]) -> Initializer { Initializer { _, _ in values } }

  /// Uniform in `−bound ..< bound`. PyTorch: `init.uniform_`.
  public static func uniform(_ bound: Double) -> Initializer {
    Initializer { shape, random in
      (0..<shape.elementCount).map { _ in Float((2 * random.uniform() - 1) * bound) }
    }
  }

  /// Normal with mean 0. PyTorch: `init.normal_`.
  public static func normal(_ deviation: Double = 1) -> Initializer {
    Initializer { shape, random in
      (0..<shape.elementCount).map { _ in Float(random.normal() * deviation) }
    }
  }

  /// PyTorch's default for recurrent layers: uniform within `1 / √H`.
  public static func recurrent(hidden: Int) -> Initializer { uniform(1 / Double(hidden).squareRoot()) }

  /// PyTorch's default for linear layers, weight and bias: uniform within `1 / √inputs` (Kaiming with a = √5).
  public static func linear(inputs: Int) -> Initializer { uniform(1 / Double(inputs).squareRoot()) }

  /// Uniform within `gain · √(6 / (inputs + outputs))` (Glorot and Bengio 2010). PyTorch: `init.xavier_uniform_`.
  public static func glorotUniform(gain: Double = 1) -> Initializer {
    Initializer { shape, random in
      uniform(gain * (6 / Double(shape.rows + shape.columns)).squareRoot())(shape, &random)
    }
  }

  /// Normal with a standard deviation of `gain · √(2 / (inputs + outputs))` (Glorot and Bengio 2010). PyTorch:
  /// `init.xavier_normal_`.
  public static func glorotNormal(gain: Double = 1) -> Initializer {
    Initializer { shape, random in
      normal(gain * (2 / Double(shape.rows + shape.columns)).squareRoot())(shape, &random)
    }
  }

  /// Normal with a standard deviation of `√(2 / inputs)`, for ReLU (He et al. 2015). PyTorch: `init.kaiming_normal_`.
  public static let he = Initializer { shape, random in
    normal((2 / Double(shape.columns)).squareRoot())(shape, &random)
  }

  /// `scale` on the diagonal, 0 elsewhere; for stacked gates, on each gate's diagonal. With ReLU: the IRNN.
  public static func identity(scale: Float = 1) -> Initializer {
    Initializer { shape, _ in
      (0..<shape.elementCount).map { $0 / shape.columns % shape.columns == $0 % shape.columns ? scale : 0 }
    }
  }

  /// A random orthogonal matrix: its rows, or its columns if there are fewer, are orthonormal, times `gain` (Saxe et
  /// al. 2014). PyTorch: `init.orthogonal_`.
  public static func orthogonal(gain: Double = 1) -> Initializer {
    Initializer { shape, random in
      let (rows, columns) = (shape.rows, shape.columns)
      let (count, length) = (min(rows, columns), max(rows, columns))
      let basis = orthonormal(count: count, length: length, &random)
      return (0..<rows * columns).map { place in
        let (row, column) = (place / columns, place % columns)
        return Float(gain * (rows < columns ? basis[row][column] : basis[column][row]))
      }
    }
  }

  /// Separate blocks for `count` gates stacked in a weight or a bias.
  public static func gates(_ count: Int, _ each: Initializer) -> Initializer {
    Initializer { shape, random in
      let (stacked, rest) = ((shape.first ?? 1) / max(count, 1), Array(shape.dropFirst()))
      return (0..<max(count, 1)).flatMap { _ in each([stacked] + rest, &random) }
    }
  }

  /// A bias of an LSTM: `value` for the forget gate, 0 for the others. If there are two biases, set only one.
  public static func forgetGate(_ value: Float = 1) -> Initializer {
    secondGate(of: 4, value)
  }

  /// A bias of a GRU: `value` for the update gate, 0 for the others. Larger values keep the state longer. If there are
  /// two biases, set only one.
  public static func updateGate(_ value: Float = 1) -> Initializer { secondGate(of: 3, value) }

  private static func secondGate(of count: Int, _ value: Float) -> Initializer {
    Initializer { shape, _ in
      let hidden = max((shape.first ?? 1) / count, 1)
      return (0..<shape.elementCount).map { $0 / hidden == 1 ? value : 0 }
    }
  }

  /// Gram–Schmidt on random vectors, each pass done twice for accuracy.
  private static func orthonormal(count: Int, length: Int, _ random: inout RandomSource) -> [[Double]] {
    var basis: [[Double]] = []
    while basis.count < count {
      var vector = (0..<length).map { _ in random.normal() }
      for _ in 0..<2 {
        for other in basis {
          let product = zip(vector, other).reduce(0) { $0 + $1.0 * $1.1 }
          for index in 0..<length { vector[index] -= product * other[index] }
        }
      }
      let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      if norm > 1e-6 { basis.append(vector.map { $0 / norm }) }
    }
    return basis
  }
}
