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
  ///   - predictions: `[C, H, size]` on the host.
  ///   - calibration: Gives the intervals; nil for none.
  func forecasts(
    _ predictions: ArraySlice<Float>, of window: ForecastWindow, in series: PreparedSeries,
    calibration: IntervalCalibration?
  ) -> [Forecast] {
    let (horizon, size) = (shape.horizon, output.size)
    let percentages = calibration?.percentages ?? []
    return shape.channelIndices.map { channel in
      let first = predictions.startIndex + channel * horizon * size
      let steps = (0..<horizon).map { predictions[first + $0 * size..<first + ($0 + 1) * size] }
      let bounds = steps.enumerated().map { calibration?.bounds($1, channel: channel, step: $0) ?? [] }
      let inUnits = { (values: [Float]) in
        self.output == .negativeBinomial ? values : series.inUnits(values[...], window, channel)
      }
      return Forecast(
        target: series.description.targets[channel],
        values: inUnits(steps.map { $0[$0.startIndex + output.centerIndex] }),
        intervals: percentages.enumerated().map { index, percentage in
          Forecast.Interval(
            percentage: percentage, lower: inUnits(bounds.map { $0[index] }),
            upper: inUnits(bounds.map { $0[$0.count - 1 - index] }))
        })
    }
  }
}
