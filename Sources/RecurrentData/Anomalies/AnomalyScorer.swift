/// Anomaly scores of a stream of values and their forecasts: of two signs of an anomaly, the clearer one.
///
/// - The forecast errors of the last steps are large, relative to ``PeaksOverThreshold`` of such errors. Forecasts far
///   ahead, such as by a day, are better than the next step's: they have not seen the anomaly.
/// - The value is far from the mean of all values. The forecast need not know it: a level that lasts becomes its window.
///
/// ```swift
/// var (scorer, suppression) = (AnomalyScorer(), RepeatSuppression(steps: 300))
/// let alarms = zip(values, forecasts).map { suppression(scorer(value: $0, forecast: $1)) }
/// ```
/// The scores are the same whether steps come at once or one after another.
public struct AnomalyScorer: Sendable, Codable {
  private var recent: MovingMean
  private var errors: PeaksOverThreshold
  private var deviations: PeaksOverThreshold
  private var (mean, count) = (0.0, 0)

  /// A scorer.
  /// - Parameters:
  ///   - average: The number of steps over which forecast errors are averaged.
  ///   - window: The largest number of past steps with which a step is compared.
  public init(average: Int = 3, window: Int = 20_000) {
    recent = MovingMean(count: average)
    errors = PeaksOverThreshold(window: window)
    deviations = PeaksOverThreshold(window: window)
  }

  /// The score of the next step: the negative decimal logarithm of its probability, 3 for one in a thousand. It is 0 for
  /// the first 100 steps, and NaN for a missing value.
  /// - Parameters:
  ///   - value: The value; NaN if it is missing.
  ///   - forecast: Its forecast; NaN without one.
  public mutating func callAsFunction(value: Float, forecast: Float) -> Float {
    guard !value.isNaN else { return .nan }
    let deviation = count == 0 ? 0 : deviations(Float((Double(value) - mean).magnitude))
    count += 1
    mean += (Double(value) - mean) / Double(count)
    let error = (value - forecast).magnitude
    return error.isNaN ? deviation : max(deviation, errors(recent(error)))
  }
}
