/// The errors of point forecasts against the truth, summed over windows as they come.
///
/// Steps whose truth is missing, which is NaN, do not count. MSE, MAE and RMSE are means over all steps of all windows.
/// MASE and sMAPE are means over a series' steps first, and then over series, as in the M4 competition (Makridakis et al.
/// 2020), whose units are the data's. Without a step to count, a mean is NaN.
public struct ForecastErrors: Sendable, Hashable {
  /// The sums of one series.
  private struct Sums: Hashable {
    var (count, squared, absolute, percentage) = (0, 0.0, 0.0, 0.0)
  }

  private let scales: [Double]
  private var sums: [Sums]

  /// Errors of series, with the scale of each for MASE.
  /// - Parameter scales: The scale of each series, `scale(of:season:)` of its training part. One that is NaN or not
  ///   positive leaves its series out of MASE.
  public init(scales: [Double]) {
    self.scales = scales
    sums = [Sums](repeating: Sums(), count: scales.count)
  }

  /// Errors without MASE.
  /// - Parameter series: The number of series.
  public init(series: Int) { self.init(scales: [Double](repeating: .nan, count: series)) }

  /// The scale of MASE: the mean absolute error of the seasonal naive forecast, one season ahead, in the training part
  /// (Hyndman and Koehler 2006). NaN without two values a season apart.
  /// - Parameters:
  ///   - training: The values, of which missing ones are NaN.
  ///   - season: The number of steps of a season; 1 without one.
  public static func scale(of training: ArraySlice<Float>, season: Int) -> Double {
    let errors = zip(training, training.dropFirst(season)).map { (Double($1) - Double($0)).magnitude }
    return mean(errors.filter { !$0.isNaN }) { $0 }
  }

  /// Adds the forecast of a window.
  /// - Parameters:
  ///   - forecast: The predicted values, in the units of the data.
  ///   - truth: The values of the same steps; NaN where missing.
  ///   - series: The index of the series.
  public mutating func add(_ forecast: ArraySlice<Float>, truth: ArraySlice<Float>, series: Int) {
    var total = sums[series]
    for (forecast, truth) in zip(forecast, truth) where !truth.isNaN {
      let (forecast, truth) = (Double(forecast), Double(truth))
      let error = (forecast - truth).magnitude
      total.count += 1
      total.squared += error * error
      total.absolute += error
      // Zero for zero is no error.
      total.percentage += error == 0 ? 0 : 200 * error / (forecast.magnitude + truth.magnitude)
    }
    sums[series] = total
  }

  /// The number of steps that count.
  public var count: Int { sums.reduce(0) { $0 + $1.count } }

  /// MSE: the mean of `(forecast − truth)²`.
  public var meanSquared: Double { sums.reduce(0) { $0 + $1.squared } / Double(count) }

  /// MAE: the mean of `|forecast − truth|`.
  public var meanAbsolute: Double { sums.reduce(0) { $0 + $1.absolute } / Double(count) }

  /// RMSE: the root of MSE.
  public var rootMeanSquared: Double { meanSquared.squareRoot() }

  /// MASE: the mean over series of their MAE divided by their scale. Below 1, forecasts are better than the seasonal naive
  /// was, one season ahead, in the training part.
  public var meanAbsoluteScaled: Double {
    Self.mean(zip(sums, scales).filter { $0.count > 0 && $1 > 0 }) { $0.absolute / Double($0.count) / $1 }
  }

  /// sMAPE, in percent: the mean over series of their mean of `200 · |forecast − truth| / (|forecast| + |truth|)`.
  public var symmetricPercentage: Double {
    Self.mean(sums.filter { $0.count > 0 }) { $0.percentage / Double($0.count) }
  }

  /// OWA: the mean of sMAPE and MASE, each divided by that of a benchmark on the same windows, which is Naive2 in the M4
  /// competition.
  public func overallWeightedAverage(against benchmark: ForecastErrors) -> Double {
    (symmetricPercentage / benchmark.symmetricPercentage + meanAbsoluteScaled / benchmark.meanAbsoluteScaled) / 2
  }

  private static func mean<Element>(_ elements: [Element], _ value: (Element) -> Double) -> Double {
    elements.reduce(0) { $0 + value($1) } / Double(elements.count)
  }
}
