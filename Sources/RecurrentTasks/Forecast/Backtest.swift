import RecurrentCore
import RecurrentData
import RecurrentModel

/// The errors of a forecaster over windows, as they come.
struct Backtest {
  private let series: PreparedSeries
  private let shape: ForecasterShape
  private let output: ForecastOutput
  /// The errors of scaled series.
  private(set) var scaled: ForecastErrors
  /// The errors in units of the data, by channel.
  private(set) var channels: [ForecastErrors]
  /// The errors by channel and step; collected for prediction intervals.
  private(set) var samples: ErrorSamples
  private let collectsErrors: Bool

  /// - Parameters:
  ///   - scales: The scales of MASE of each channel and series; nil for none.
  ///   - collectsErrors: Whether errors are collected for prediction intervals.
  init(
    _ series: PreparedSeries, _ shape: ForecasterShape, _ output: ForecastOutput, scales: [[Double]]? = nil,
    collectsErrors: Bool = false
  ) {
    (self.series, self.shape, self.output, self.collectsErrors) = (series, shape, output, collectsErrors)
    let count = series.data.series.count
    scaled = ForecastErrors(series: count)
    channels = scales?.map(ForecastErrors.init(scales:)) ?? []
    samples = ErrorSamples(shape)
  }

  /// Adds the predictions `[N, H, size]` of windows on a device, whose rows are channels.
  mutating func add(_ windows: [ForecastWindow], _ predictions: Tensor) throws {
    try add(windows, centers: output.center(predictions).values())
  }

  /// Adds forecasts `[N, H]` of windows, in units of the scaled series, or counts.
  mutating func add(_ windows: [ForecastWindow], centers: [Float]) {
    let horizon = shape.horizon
    for (index, window) in windows.enumerated() {
      for channel in 0..<shape.channels {
        let first = (index * shape.channels + channel) * horizon
        var forecast = centers[first..<first + horizon]
        if output == .negativeBinomial { forecast = series.scaled(forecast, window, channel)[...] }
        let truth = series.truth(window, channel, shape)
        scaled.add(forecast, truth: truth[...], series: window.series)
        if collectsErrors { samples.add(forecast, truth: truth, channel: channel) }
        if !channels.isEmpty {
          channels[channel].add(
            series.inUnits(forecast, window, channel)[...], truth: series.inUnits(truth[...], window, channel)[...],
            series: window.series)
        }
      }
    }
  }

  /// The metrics of scaled series.
  var scaledMetrics: [Metric] {
    [
      Metric("mse", scaled.meanSquared, higherIsBetter: false),
      Metric("mae", scaled.meanAbsolute, higherIsBetter: false),
    ]
  }
}

extension PreparedSeries {
  /// Values of a scaled series in its units.
  func inUnits(_ values: ArraySlice<Float>, _ window: ForecastWindow, _ channel: Int) -> [Float] {
    let id = data.series[window.series].id
    return description.scaling.inverted(values, id, channel: channel)
  }

  /// The value of a channel at a step of a window's series, in units of an output: of the scaled series, or counts; NaN if it is
  /// missing.
  func observed(_ window: ForecastWindow, _ channel: Int, _ step: Int, as output: ForecastOutput) -> Float {
    let value = value(window.series, channel, step)
    guard output == .negativeBinomial, value.isFinite else { return value }
    return data.series[window.series].targets[channel][step]
  }

  /// Values in units of the data as the network reads them.
  func scaled(_ values: ArraySlice<Float>, _ window: ForecastWindow, _ channel: Int) -> [Float] {
    description.scaling.applied(to: values, data.series[window.series].id, channel: channel)
  }
}
