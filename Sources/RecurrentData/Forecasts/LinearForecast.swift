/// A linear forecast: H steps, relative to the last value of a window of L steps, are a linear function of the window's
/// other steps relative to it. All channels and series share the weights.
///
/// A ridge regression on all windows, in closed form; a baseline to which networks often lose (Zeng et al. 2023, "Are
/// Transformers Effective for Time Series Forecasting?"). It shifts and scales with its window.
/// ```swift
/// let forecast = LinearForecast(fitting: training.map { $0[...] }, window: 96, horizon: 24)
/// let next = forecast?(after: series[..<origin])
/// ```
public struct LinearForecast: Sendable, Hashable {
  /// The name in tables.
  public static let name = "linear"
  /// The name in a sentence.
  public static let phrase = "the linear forecast"

  /// L, the number of steps of a window.
  public let window: Int
  /// H, the number of steps that are predicted.
  public let horizon: Int
  /// `[L − 1, H]`, the weights of the window's steps before the last.
  let weights: [Float]

  init(window: Int, horizon: Int, weights: [Float]) {
    (self.window, self.horizon, self.weights) = (window, horizon, weights)
  }

  /// Fits the weights to all windows of L + H steps without a missing value.
  /// - Parameters:
  ///   - channels: The training part of each channel of each series, of any lengths and on one scale. NaN is a missing
  ///     value.
  ///   - window: L, the number of steps of a window.
  ///   - horizon: H, the number of steps to predict.
  ///   - ridge: The penalty of squared weights, as a fraction of the mean square of a step relative to the last. It also
  ///     determines the fit if there are fewer windows than steps.
  /// - Returns: Nil if there is no such window, or if no fit to the values is finite.
  public init?(fitting channels: [ArraySlice<Float>], window: Int, horizon: Int, ridge: Double = 0.01) {
    guard window > 0, horizon > 0 else { return nil }
    var moments = WindowMoments(steps: window + horizon, rows: window)
    for channel in channels {
      for run in observedRuns(channel, atLeast: window + horizon) { moments.add(Self.centred(channel[run])) }
    }
    guard moments.count > 0 else { return nil }
    let inputs = window - 1
    var matrix = [Double](repeating: 0, count: inputs * inputs)
    var right = [Double](repeating: 0, count: inputs * horizon)
    for step in 0..<inputs {
      for other in step..<inputs { matrix[step * inputs + other] = moments.relative(step, other) }
      for ahead in 0..<horizon { right[step * horizon + ahead] = moments.relative(step, window + ahead) }
    }
    let squares = (0..<inputs).reduce(0) { $0 + matrix[$1 * inputs + $1] } / Double(max(1, inputs))
    // Constant channels determine no weights: with any penalty these are 0.
    let penalty = squares > 0 ? ridge * squares : 1
    for step in 0..<inputs { matrix[step * inputs + step] += penalty }
    guard solveNormalEquations(&matrix, &right, unknowns: inputs) else { return nil }
    self.init(window: window, horizon: horizon, weights: right.map { Float($0) })
    guard weights.allSatisfy(\.isFinite) else { return nil }
  }

  /// The forecast of the H steps that follow a history, whose last L steps are the window.
  ///
  /// A missing value of the window, which is NaN, counts as the one before it, and as the first known one at the start
  /// and before the history. Without any value, the forecast is NaN.
  public func callAsFunction(after history: ArraySlice<Float>) -> [Float] {
    let values = history.suffix(window)
    guard var value = values.first(where: { !$0.isNaN }), let last = values.last(where: { !$0.isNaN }) else {
      return [Float](repeating: .nan, count: horizon)
    }
    var forecast = [Float](repeating: last, count: horizon)
    forecast.withUnsafeMutableBufferPointer { forecast in
      weights.withUnsafeBufferPointer { weights in
        for step in 0..<window - 1 {
          let index = values.endIndex - window + step
          if index >= values.startIndex, !values[index].isNaN { value = values[index] }
          let row = weights.baseAddress! + step * horizon
          for ahead in 0..<horizon { forecast[ahead] += (value - last) * row[ahead] }
        }
      }
    }
    return forecast
  }

  private static func centred(_ values: ArraySlice<Float>) -> [Double] {
    let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
    return values.map { Double($0) - mean }
  }
}
