/// The anomaly likelihood of a stream of forecast errors (Ahmad et al. 2017): how far their recent mean exceeds what is
/// usual, by a normal distribution of the errors of a long window.
///
/// It follows drift, and ignores single errors of a noisy series. Errors with heavy tails, where a normal distribution
/// understates large ones, are better judged by ``PeaksOverThreshold``.
public struct AnomalyLikelihood: Sendable, Codable {
  private var moments: MovingMoments
  private var recent: MovingMean
  private let learning: Int
  private var count = 0

  /// A detector.
  /// - Parameters:
  ///   - window: The number of errors of the distribution.
  ///   - average: The number of recent errors whose mean is judged.
  ///   - learning: The number of errors before the first score.
  public init(window: Int = 8000, average: Int = 10, learning: Int = 100) {
    moments = MovingMoments(window: max(1, window), refresh: 1)
    recent = MovingMean(count: average)
    self.learning = learning
  }

  /// The score of the next step: the negative decimal logarithm of the tail probability, 3 for one in a thousand. It is 0
  /// while learning.
  /// - Parameter residual: The difference of the value and its forecast; NaN for a missing value, whose score is NaN.
  public mutating func callAsFunction(_ residual: Float) -> Float {
    guard !residual.isNaN else { return .nan }
    let error = residual.magnitude
    let mean = Double(recent(error))
    defer {
      moments.add(error)
      count += 1
    }
    guard count >= learning, moments.deviation > 0 else { return 0 }
    return normalTailScore((mean - moments.mean) / moments.deviation)
  }
}
