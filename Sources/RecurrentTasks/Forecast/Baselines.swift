import RecurrentCore
import RecurrentData
import RecurrentModel

/// The forecasts beside which a model is judged, on the same windows: naive ones, and a linear one.
struct Baselines {
  /// A baseline, with its errors.
  struct Baseline {
    /// Its name in keys: `last_value`.
    let key: String
    /// Its name in tables: `last value`.
    let name: String
    /// Its name in a sentence: `repeating the last value`.
    let phrase: String
    var backtest: Backtest
    fileprivate let forecast: (ForecastWindow, Int) -> [Float]
  }

  private(set) var all: [Baseline]
  /// The benchmark of OWA; nil if it would cost too much.
  private(set) var naive2: Backtest?
  private let series: PreparedSeries
  private let shape: ForecasterShape

  /// Naive2 decomposes the whole history before each window.
  private static let mostDecomposedSteps = 200_000_000

  init(_ series: PreparedSeries, _ windows: ForecastWindows, _ shape: ForecasterShape, scales: [[Double]]) {
    (self.series, self.shape) = (series, shape)
    let empty = Backtest(series, shape, .point(.mae), scales: scales)
    // Lines and seasons are those of the scaled series: of logarithms, if it has them.
    let scaled = series.scaledValues()
    let naive = [NaiveForecast.lastValue, .drift] + (shape.season > 1 ? [.seasonal(shape.season)] : [])
    all = naive.map { forecast in
      Baseline(
        key: forecast.key,
        name: forecast.name + (forecast == .seasonal(shape.season) ? " (\(shape.season))" : ""),
        phrase: forecast.phrase,
        backtest: empty
      ) { window, channel in
        let history = scaled[window.series][channel][..<window.origin]
        let values = forecast(after: history, steps: shape.horizon)
        // A history shorter than a season has no seasonal forecast.
        return values.contains(where: \.isNaN) ? NaiveForecast.lastValue(after: history, steps: shape.horizon) : values
      }
    }
    if let linear = series.description.linear {
      all.append(
        Baseline(key: LinearForecast.name, name: LinearForecast.name, phrase: LinearForecast.phrase, backtest: empty) {
          linear(after: series.history($0, $1, steps: linear.window))
        })
    }
    let steps = windows.all.reduce(0) { [$0, $1.origin].saturatingSum }
    naive2 = steps.saturatingTimes(shape.channels * shape.season) <= Self.mostDecomposedSteps ? empty : nil
  }

  /// Adds windows.
  mutating func add(_ windows: [ForecastWindow]) {
    let rows = windows.flatMap { window in (0..<shape.channels).map { (window, $0) } }
    for index in all.indices {
      all[index].backtest.add(windows, centers: rows.flatMap { all[index].forecast($0.0, $0.1) })
    }
    naive2?.add(
      windows,
      centers: rows.flatMap {
        let history = series.data.series[$0.0.series].targets[$0.1][..<$0.0.origin]
        let forecast = NaiveForecast.naive2(season: shape.season)(after: history, steps: shape.horizon)
        return series.scaled(forecast[...], $0.0, $0.1)
      })
  }
}

extension PreparedSeries {
  /// The values of each series and channel as the network reads them, NaN where one is missing.
  fileprivate func scaledValues() -> [[[Float]]] {
    data.series.indices.map { index in
      offsets[index].indices.map { channel in (0..<data.series[index].steps).map { value(index, channel, $0) } }
    }
  }
}
