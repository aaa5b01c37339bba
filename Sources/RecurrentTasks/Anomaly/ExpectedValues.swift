import RecurrentCore
import RecurrentData
import RecurrentModel

/// The value that a model expects at each step of some series: the last step of a forecast that was made H steps before, or of
/// the reconstruction of the window that ends there; in units of the scaled series.
///
/// A forecast far ahead has not seen the anomaly; one of the next step follows it.
struct ExpectedValues {
  /// The values of each series and channel, of its steps and those that are forecast; NaN without one.
  private(set) var values: [[[Float]]]
  private let series: PreparedSeries
  private let model: Forecaster

  /// - Parameter future: The number of steps after the last whose values are forecast, too.
  init(_ series: PreparedSeries, _ model: Forecaster, future: Int = 0) {
    (self.series, self.model) = (series, model)
    values = series.data.series.map { one in
      [[Float]](repeating: [Float](repeating: .nan, count: one.steps + future), count: model.shape.channels)
    }
  }

  /// The windows that give a value to the steps before an end of each series.
  static func windows(_ series: PreparedSeries, _ shape: ForecasterShape, ends: [Int]) -> ForecastWindows {
    ForecastWindows(
      all: ends.enumerated().flatMap { index, end -> [ForecastWindow] in
        guard shape.window <= end - shape.lead else { return [] }
        return (shape.window...end - shape.lead).map { ForecastWindow(series: index, origin: $0) }
      })
  }

  /// Adds predictions `[N, H, size]`, whose rows are channels of windows.
  mutating func add(_ windows: [ForecastWindow], _ predictions: Tensor) throws {
    let shape = model.shape
    let last = try predictions.slice(shape.horizon - 1..<shape.horizon, axis: 1)
    let centers = try model.output.center(last).values()
    for (index, window) in windows.enumerated() {
      for channel in shape.channelIndices {
        // Without a value in the window, there is nothing that a forecast follows from.
        let seen = series.observedCount(window.series, channel, window.origin - shape.window..<window.origin)
        guard seen > 0 else { continue }
        var value = centers[index * shape.channels + channel]
        if model.output == .negativeBinomial { value = series.scaled([value], window, channel)[0] }
        values[window.series][channel][window.origin + shape.lead - 1] = value
      }
    }
  }
}

extension Forecaster {
  /// The expected values of series.
  /// - Parameter isContinued: Whether the H steps after the last are forecast, too.
  func expectedValues(_ series: PreparedSeries, isContinued: Bool = false, batch: Int, on tape: Tape) throws
    -> ExpectedValues
  {
    let future = isContinued ? shape.lead : 0
    var expected = ExpectedValues(series, self, future: future)
    let ends = series.data.series.map { $0.steps + future }
    tape.mode = .evaluation
    for part in ExpectedValues.windows(series, shape, ends: ends).batches(of: batch) {
      tape.reset()
      try expected.add(part, predictions(of: part, in: series, on: tape))
    }
    return expected
  }
}
