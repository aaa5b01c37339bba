/// The errors of forecast quantiles against the truth, summed over windows as they come: the pinball loss, and the
/// coverage and width of the central intervals between them.
///
/// Steps whose truth is missing, which is NaN, do not count. Means are over all steps of all windows, and NaN without
/// one.
public struct QuantileErrors: Sendable, Hashable {
  /// Q levels, ascending, each above 0 and below 1.
  public let levels: [Double]
  /// The number of steps that count.
  public private(set) var count = 0
  /// `[Q]`, the sums of each level's losses and quantiles.
  private var (losses, quantiles): ([Double], [Double])
  /// `[Q]`, the numbers of steps whose truth is below the quantile, and at most the quantile.
  private var (below, atMost): ([Int], [Int])

  /// No errors yet, of quantiles at levels.
  /// - Parameter levels: Ascending, each above 0 and below 1: 0.1, 0.5, 0.9.
  public init(levels: [Double]) {
    self.levels = levels
    (losses, quantiles) = ([Double](repeating: 0, count: levels.count), [Double](repeating: 0, count: levels.count))
    (below, atMost) = ([Int](repeating: 0, count: levels.count), [Int](repeating: 0, count: levels.count))
  }

  /// Adds the forecast of a window of H steps.
  /// - Parameters:
  ///   - forecast: `[H, Q]`, the quantiles of each step.
  ///   - truth: `[H]`, the values of the same steps; NaN where missing.
  public mutating func add(_ forecast: ArraySlice<Float>, truth: ArraySlice<Float>) {
    for (step, truth) in truth.enumerated() where !truth.isNaN {
      count += 1
      for level in levels.indices {
        let quantile = forecast[forecast.startIndex + step * levels.count + level]
        let error = Double(truth) - Double(quantile)
        losses[level] += max(levels[level] * error, (levels[level] - 1) * error)
        quantiles[level] += Double(quantile)
        below[level] += truth < quantile ? 1 : 0
        atMost[level] += truth <= quantile ? 1 : 0
      }
    }
  }

  /// The pinball loss, averaged over levels (Koenker and Bassett 1978): at level q the mean of
  /// `max(q · (truth − quantile), (q − 1) · (truth − quantile))`. At 0.5 it is half of the MAE.
  public var pinballLoss: Double { losses.reduce(0, +) / Double(levels.count) / Double(count) }

  /// The pinball loss of one level.
  /// - Parameter level: Its index in `levels`.
  public func pinballLoss(at level: Int) -> Double { losses[level] / Double(count) }

  /// The fraction of steps whose truth is in the central interval, the ends included. It is near the probability if the
  /// forecast is calibrated.
  /// - Parameter probability: The interval's: 0.8 for the one between the levels 0.1 and 0.9.
  /// - Returns: Nil if these are not among the levels.
  public func coverage(of probability: Double) -> Double? {
    interval(of: probability).map { Double(atMost[$0.upper] - below[$0.lower]) / Double(count) }
  }

  /// The mean width of the central interval, in the units of the data.
  /// - Parameter probability: The interval's: 0.8 for the one between the levels 0.1 and 0.9.
  /// - Returns: Nil if these are not among the levels.
  public func meanWidth(of probability: Double) -> Double? {
    interval(of: probability).map { (quantiles[$0.upper] - quantiles[$0.lower]) / Double(count) }
  }

  private func interval(of probability: Double) -> (lower: Int, upper: Int)? {
    func index(_ level: Double) -> Int? { levels.firstIndex { ($0 - level).magnitude < 1e-6 } }
    guard let lower = index((1 - probability) / 2), let upper = index((1 + probability) / 2) else { return nil }
    return (lower, upper)
  }
}
