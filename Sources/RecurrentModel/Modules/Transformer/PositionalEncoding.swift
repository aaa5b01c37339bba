import RecurrentCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The sinusoidal encoding of positions (Vaswani et al. 2017): feature `2i` of position p is `sin(p / 10000^(2i/E))`, and feature
/// `2i + 1` its cosine.
public final class PositionalEncoding {
  /// E, the number of features.
  public let features: Int
  /// The encodings of the positions asked for so far, `[positions, E]`.
  private var values: [Float] = []

  /// Encodings of this size.
  /// - Throws: `RecurrentError.invalidArgument` if it is not positive.
  public init(_ features: Int) throws {
    try requireSizes([("features", features)], at: "PositionalEncoding")
    self.features = features
  }

  /// The encodings of positions as a constant: `[count, 1, E]`, which broadcasts to a sequence `[count, N, E]`.
  /// - Parameters:
  ///   - positions: The positions, from 0.
  ///   - tape: The pass.
  /// - Throws: What the device throws.
  public func callAsFunction(_ positions: Range<Int>, on tape: Tape) throws -> Tensor {
    let known = values.count / features
    for position in known..<max(positions.upperBound, known) {
      for feature in 0..<features {
        let angle = Double(position) / pow(10_000, Double(feature / 2 * 2) / Double(features))
        values.append(Float(feature.isMultiple(of: 2) ? sin(angle) : cos(angle)))
      }
    }
    return try tape.tensor(
      Array(values[positions.lowerBound * features..<positions.upperBound * features]),
      shape: [positions.count, 1, features])
  }
}
