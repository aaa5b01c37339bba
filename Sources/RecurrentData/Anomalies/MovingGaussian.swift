/// Anomaly scores of a stream of values by a normal distribution of the last ones: the `windowedGaussian` detector of
/// NAB, a baseline for others.
public struct MovingGaussian: Sendable, Codable {
  private var moments: MovingMoments

  /// A detector; by default with NAB's sizes.
  /// - Parameters:
  ///   - window: The number of values of the distribution.
  ///   - refresh: The number of values after which it moves.
  public init(window: Int = 6400, refresh: Int = 100) {
    moments = MovingMoments(window: max(1, window), refresh: max(1, refresh))
  }

  /// The score of the next value: the negative decimal logarithm of the probability of one as far from the mean, on its
  /// side. The first value has 0, and a missing one, which is NaN, NaN.
  public mutating func callAsFunction(_ value: Float) -> Float {
    guard !value.isNaN else { return .nan }
    defer { moments.add(value) }
    guard !moments.isEmpty else { return 0 }
    let deviation = moments.deviation > 0 ? moments.deviation : 1e-6
    return normalTailScore((Double(value) - moments.mean).magnitude / deviation)
  }
}
