import RecurrentCore
import RecurrentData
import RecurrentModel

/// Forecasts of a series whose values arrive one step after another.
/// ```swift
/// let stream = try ForecastStream(model, after: history)
/// for try await reading in sensor {
///   let forecasts = try stream.append([reading])
/// }
/// ```
/// The forecasts equal those of the whole series, bit for bit. C targets.
public final class ForecastStream {
  /// The number of steps so far.
  public private(set) var steps: Int
  private let model: Forecaster
  let tape: Tape
  private var calibration: IntervalCalibration
  private var recent: SeriesData
  let description: SeriesDescription
  /// The number of steps that are kept: a window, and what calendars and drifts need.
  private let kept: Int

  /// A stream of a model on a device.
  /// - Parameters:
  ///   - model: A model without covariates but those of the calendar.
  ///   - history: A series before the first value; nil to begin without.
  ///   - id: The identifier of the series, whose scaling is that of the training; by default that of the history, or of the
  ///     only series of the training.
  ///   - percentages: The probabilities of the intervals in percent: of 50, 80, 90, 95, 99.
  ///   - device: The device of the model.
  /// - Throws: `RecurrentError.invalidModel` if the model reads covariates that a stream does not have.
  public init(
    _ model: Forecaster, after history: SeriesData? = nil, id: String? = nil, percentages: [Int] = [95, 80],
    device: Device
  ) throws {
    var description = try model.description()
    guard description.past.isEmpty, description.known.isEmpty, description.categories.isEmpty,
      description.staticCategories.isEmpty
    else {
      throw RecurrentError(
        .invalidModel, "the model reads covariates, which a stream does not have", at: "ForecastStream",
        remedy: "predict whole files")
    }
    var start =
      history
      ?? SeriesData(
        targets: description.targets, step: description.step,
        series: [
          TimeSeries(
            id: description.scaling.series.count == 1 ? description.scaling.series.keys.first ?? "" : "",
            targets: [[Float]](repeating: [], count: model.shape.channels))
        ])
    guard start.series.count == 1, start.targets.count == model.shape.channels else {
      throw RecurrentError(
        .invalidData, "\(start.series.count) series of \(start.targets.count.counted("target"))", at: "ForecastStream",
        remedy: "give one series of \(model.shape.channels)")
    }
    if let id { start.series[0].id = id }
    guard history != nil || !description.scaling.isScaled || description.scaling.series[start.series[0].id] != nil
    else {
      throw RecurrentError(
        .invalidArgument, "the model has read several series, and each is scaled by its own values",
        at: "ForecastStream",
        remedy: "name one of them, or give its history")
    }
    description.scaling.fit(start.series[0], training: 0..<start.series[0].steps)
    (self.model, self.description, recent) = (model, description, start)
    calibration = try IntervalCalibration(model, percentages: percentages)
    tape = Tape(device, mode: .evaluation)
    steps = start.series[0].steps
    // The truth of a prediction is known after its horizon.
    kept = 2 * model.shape.window + model.shape.horizon
    try calibrate()
    trim()
  }

  /// Adds the values of a step, one for each target, NaN where one is missing, and predicts the following steps.
  /// - Returns: The forecast of each target; nil before the first value.
  /// - Throws: `RecurrentError.shapeMismatch` if there is not one value for each target, `.invalidData` if one is infinite.
  public func append(_ values: [Float]) throws -> [Forecast]? {
    guard let (series, window) = try advance(by: values) else { return nil }
    tape.reset()
    let predictions = try model.predictions(of: [window], in: series, on: tape).values()
    // Steps are counted from the start of the series, of which only the last are kept.
    let removed = steps - window.origin
    calibration.advance(to: steps) { series.observed(window, $0, $1 - removed, as: model.output) }
    defer {
      if steps >= max(description.trainingEnds[id] ?? 0, model.shape.window) {
        calibration.add(origin: steps, predictions[...])
      }
    }
    return model.forecasts(predictions[...], of: window, in: series, calibration: calibration)
  }

  /// Adds the values of a step.
  /// - Returns: The last steps, and the window that ends with the new one; nil before the first value.
  /// - Throws: As `append`.
  func advance(by values: [Float]) throws -> (series: PreparedSeries, window: ForecastWindow)? {
    guard values.count == model.shape.channels else {
      throw RecurrentError(
        .shapeMismatch, "\(values.count.counted("value")) for \(model.shape.channels.counted("target"))",
        at: "ForecastStream",
        remedy: "give one for each target, NaN where it is missing")
    }
    if let wrong = values.firstIndex(where: \.isInfinite) {
      throw RecurrentError(
        .invalidData, "\(description.targets[wrong].shown) is infinite", at: "ForecastStream",
        remedy: "use NaN for a missing value")
    }
    if let wrong = values.firstIndex(where: { !description.scaling.isDefined($0) }) {
      throw RecurrentError(
        .invalidData, "\(description.targets[wrong].shown) is \(values[wrong]), which has no logarithm",
        at: "ForecastStream",
        remedy: "use NaN for a missing value")
    }
    for (channel, value) in values.enumerated() { recent.series[0].targets[channel].append(value) }
    steps += 1
    trim()
    guard recent.series[0].targets.contains(where: { $0.contains(where: \.isFinite) }) else { return nil }
    let series = try PreparedSeries(
      recent, description, padding: [max(0, model.shape.window - recent.series[0].steps)], future: model.shape.horizon)
    return (series, ForecastWindow(series: 0, origin: recent.series[0].steps))
  }

  /// The identifier of the series.
  var id: String { recent.series[0].id }

  /// Counts the errors of predictions in the history.
  private func calibrate() throws {
    let one = recent.series[0]
    let last = IntervalCalibration.memory
    let first = max(description.firstUnseen(one, model.shape), one.steps - last)
    guard first < one.steps, !calibration.percentages.isEmpty else { return }
    let series = try PreparedSeries(recent, description, padding: [0], future: model.shape.horizon)
    let windows = ForecastWindows(all: (first..<one.steps).map { ForecastWindow(series: 0, origin: $0) })
    let count = model.shape.channels * model.shape.horizon * model.output.size
    for part in windows.batches(of: 50) {
      tape.reset()
      let values = try model.predictions(of: part, in: series, on: tape).values()
      for (index, window) in part.enumerated() {
        calibration.add(origin: window.origin, values[index * count..<(index + 1) * count])
      }
    }
    calibration.advance(to: one.steps) {
      series.observed(ForecastWindow(series: 0, origin: 0), $0, $1, as: model.output)
    }
  }

  /// Removes steps that no window reads, but the last observed value before it.
  private func trim() {
    let extra = recent.series[0].steps - kept
    guard extra > 0 else { return }
    for channel in recent.series[0].targets.indices {
      var values = recent.series[0].targets[channel]
      if let last = values[..<(extra + 1)].last(where: \.isFinite) { values[extra] = last }
      recent.series[0].targets[channel] = Array(values[extra...])
    }
    if let step = recent.series[0].step ?? recent.step, let start = recent.series[0].start {
      recent.series[0].start = step.time(after: start, steps: extra)
    }
  }
}
