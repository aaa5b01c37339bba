/// The naive forecasts: those without parameters, beside which any other is judged (Hyndman and Athanasopoulos,
/// "Forecasting: Principles and Practice").
///
/// A missing value of the history is NaN and is passed over. A step for which the history has no value is NaN.
public enum NaiveForecast: Sendable, Hashable, Codable {
  /// The last value, repeated.
  case lastValue
  /// The last value at the same step of the season, of m steps.
  case seasonal(Int)
  /// The line through the first and the last value.
  case drift
  /// The M4 competition's: the last value, adjusted for a season of m steps if the series passes a test for one. OWA is
  /// relative to it.
  case naive2(season: Int)

  /// The name in tables: "last value".
  public var name: String {
    switch self {
    case .lastValue: "last value"
    case .seasonal: "seasonal naive"
    case .drift: "drift"
    case .naive2: "Naive2"
    }
  }

  /// The name in keys: "last_value".
  package var key: String { name.lowercased().replacing(" ", with: "_") }

  /// The name in a sentence: "repeating the last value".
  public var phrase: String {
    switch self {
    case .lastValue: "repeating the last value"
    case .seasonal: "the seasonal naive"
    case .drift: "the drift"
    case .naive2: "Naive2"
    }
  }

  /// The forecast of the steps that follow a history.
  /// - Parameters:
  ///   - history: The values up to the last known step.
  ///   - steps: The number of steps to predict.
  public func callAsFunction(after history: ArraySlice<Float>, steps: Int) -> [Float] {
    switch self {
    case .lastValue: [Float](repeating: history.last { !$0.isNaN } ?? .nan, count: steps)
    case .seasonal(let season): Self.seasonal(history, steps: steps, season: max(1, season))
    case .drift: Self.drift(history, steps: steps)
    case .naive2(let season): Self.naive2(history, steps: steps, season: max(1, season))
    }
  }

  private static func seasonal(_ history: ArraySlice<Float>, steps: Int, season: Int) -> [Float] {
    let last = (0..<min(season, steps)).map { step in
      stride(from: history.endIndex + step - season, through: history.startIndex, by: -season)
        .lazy.map { history[$0] }.first { !$0.isNaN } ?? .nan
    }
    return (0..<steps).map { last[$0 % season] }
  }

  private static func drift(_ history: ArraySlice<Float>, steps: Int) -> [Float] {
    guard let first = history.firstIndex(where: { !$0.isNaN }), let last = history.lastIndex(where: { !$0.isNaN }),
      first < last
    else { return [Float](repeating: .nan, count: steps) }
    let slope = (Double(history[last]) - Double(history[first])) / Double(last - first)
    let missing = history.endIndex - 1 - last
    return (1...max(1, steps)).prefix(steps).map { Float(Double(history[last]) + slope * Double(missing + $0)) }
  }

  /// As the statistical benchmarks of M4 in R: a naive forecast of the series divided by the seasonal indices of a
  /// classical decomposition, times these.
  private static func naive2(_ history: ArraySlice<Float>, steps: Int, season: Int) -> [Float] {
    guard let indices = SeasonalIndices(history, season: season),
      let last = history.lastIndex(where: { !$0.isNaN })
    else { return lastValue(after: history, steps: steps) }
    let level = Double(history[last]) / indices[last - history.startIndex]
    return (0..<steps).map { Float(level * indices[history.count + $0]) }
  }
}
