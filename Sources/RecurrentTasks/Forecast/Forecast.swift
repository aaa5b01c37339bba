import RecurrentCore
import RecurrentData
import RecurrentModel

/// The forecast of a target, in its units.
public struct Forecast: Hashable, Sendable {
  /// An interval, with a lower and an upper bound for each step.
  public struct Interval: Hashable, Sendable {
    /// The probability of a value within it, in percent: 80, 95.
    public let percentage: Int
    /// The lower bounds, `[H]`; NaN beyond the trained horizon.
    public internal(set) var lower: [Float]
    /// The upper bounds, `[H]`; NaN beyond the trained horizon.
    public internal(set) var upper: [Float]
  }

  /// The name of the target.
  public let target: String
  /// The predicted values, `[H]`: medians, or means if the model was trained with the squared error or a distribution.
  public internal(set) var values: [Float]
  /// The intervals, the widest first; empty if the model has none.
  public internal(set) var intervals: [Interval]
}

extension Forecaster {
  /// The forecasts of a window, one for each channel.
  /// - Parameters:
  ///   - predictions: `[N, H, size]` on the host, of rows that are channels.
  ///   - row: The row of the first channel.
  func forecasts(
    _ predictions: [Float], row: Int, of window: ForecastWindow, in series: PreparedSeries, percentages: [Int],
    errors: [Float]
  ) -> [Forecast] {
    let (horizon, size) = (shape.horizon, output.size)
    return shape.channelIndices.map { channel in
      let first = (row + channel) * horizon * size
      let steps = (0..<horizon).map { predictions[first + $0 * size..<first + ($0 + 1) * size] }
      let inUnits = { (values: [Float]) in
        self.output == .negativeBinomial ? values : series.inUnits(values[...], window, channel)
      }
      let bounds = percentages.compactMap { percentage -> Forecast.Interval? in
        let pairs = steps.enumerated().map { step, values in
          interval(of: values, channel: channel, step: step, percentage: percentage, errors: errors)
        }
        guard !pairs.contains(where: { $0 == nil }) else { return nil }
        return Forecast.Interval(
          percentage: percentage, lower: inUnits(pairs.map { $0?.lower ?? .nan }),
          upper: inUnits(pairs.map { $0?.upper ?? .nan }))
      }
      return Forecast(
        target: series.description.targets[channel],
        values: inUnits(steps.map { $0[$0.startIndex + output.centerIndex] }), intervals: bounds)
    }
  }

  /// The bounds of an interval of a step, in units of the scaled series or counts; nil if the model has no such interval.
  /// - Parameter errors: The values of `intervals`.
  func interval(of values: ArraySlice<Float>, channel: Int, step: Int, percentage: Int, errors: [Float])
    -> (lower: Float, upper: Float)?
  {
    let (first, tail) = (values.startIndex, Double(100 - percentage) / 200)
    switch output {
    case .point:
      guard let bounds = ForecastIntervals.bounds(of: percentage) else { return nil }
      let place = (channel * shape.horizon + step) * ForecastIntervals.levels.count
      let (lower, upper) = (errors[place + bounds.lower], errors[place + bounds.upper])
      return lower < upper ? (values[first] + lower, values[first] + upper) : nil
    case .quantiles(let levels):
      guard let lower = levels.firstIndex(where: { abs(Double($0) - tail) < 1e-6 }),
        let upper = levels.firstIndex(where: { abs(Double($0) - 1 + tail) < 1e-6 })
      else { return nil }
      // Quantiles that cross are exchanged.
      return (min(values[first + lower], values[first + upper]), max(values[first + lower], values[first + upper]))
    case .gaussian:
      let width = Float(NormalQuantile.value(1 - tail)) * values[first + 1].squareRoot()
      return (values[first] - width, values[first] + width)
    case .negativeBinomial:
      let counts = NegativeBinomial(mean: Double(values[first]), dispersion: Double(values[first + 1]))
      return (Float(counts.quantile(tail)), Float(counts.quantile(1 - tail)))
    }
  }
}
