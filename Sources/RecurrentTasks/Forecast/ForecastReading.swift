import RecurrentCore
import RecurrentData
import RecurrentModel

/// The series of a prediction, with the step at which each forecast begins.
struct ForecastReading {
  /// The series as they were read, with values after the origin where they are there.
  let data: SeriesData
  /// The series up to their origins.
  private let known: SeriesData
  let description: SeriesDescription
  /// The first predicted step of each series.
  let origins: [Int]
  /// The number of predicted steps.
  let horizon: Int
  private let window: Int

  /// - Parameters:
  ///   - origin: The first predicted step, by its time or its number; nil for the one after the last.
  ///   - ids: The identifiers of the series to predict; nil for all.
  /// - Throws: `RecurrentError.invalidData` or `.invalidArgument` if there is no such series or step.
  init(_ model: Forecaster, _ path: String, origin: String?, ids: [String]?, horizon: Int?, say: (String) -> Void)
    throws
  {
    var description = try model.description()
    var (data, _) = try SeriesData.read(path, description.format, say: say)
    if let ids { try data.select(ids) }
    var origins = try data.series.map { try $0.origin(origin) }
    var known = data
    for (index, origin) in origins.enumerated() { known.series[index].cut(at: origin) }
    guard known.series.contains(where: { !$0.isMissing }) else {
      throw RecurrentError(
        .invalidData, "has no values before the forecast", at: path, remedy: "give values, or another --origin")
    }
    let missing = known.series.flatMap { $0.missing(data.targets) }
    if !missing.isEmpty { say("\(path): no values before the forecast, so none is made: \(missing.listed).") }
    for index in known.series.indices.reversed() where known.series[index].isMissing {
      data.series.remove(at: index)
      known.series.remove(at: index)
      origins.remove(at: index)
    }
    let unknown = known.series.filter { description.scaling.series[$0.id] == nil }
    for one in unknown { description.scaling.fit(one, training: 0..<one.steps) }
    if description.scaling.isScaled, !unknown.isEmpty, description.scaling.series.count > unknown.count {
      say("\(path): \(unknown.areUnknown); \(unknown.count == 1 ? "it" : "each") is scaled by its own values.")
    }
    try description.check(known, at: path, say: say)
    let short = known.series.filter { $0.steps < model.shape.window }
    if let first = short.first {
      say(
        "\(path): " + (short.count == 1 ? "the series has" : "\(short.count) series have") + " fewer steps "
          + "(\(first.steps)) than the window (\(model.shape.window)): what is before them is read as missing.")
    }
    (self.data, self.known, self.description, self.origins) = (data, known, description, origins)
    (self.horizon, window) = (horizon ?? model.shape.horizon, model.shape.window)
    for one in known.series { try description.requireKnown(one, steps: self.horizon) }
    noteEndOfKnown(path, model.shape.horizon, say)
  }

  /// Says what is assumed where the covariates that are known in advance end after the predicted steps, but before those that
  /// the model reads.
  private func noteEndOfKnown(_ path: String, _ trained: Int, _ say: (String) -> Void) {
    let read = (horizon + trained - 1) / trained * trained
    let isShort = zip(known.series, origins).contains { one, origin in
      (one.known.map(\.count) + one.categories.map(\.count)).contains { $0 < origin + read }
    }
    guard isShort, horizon < read else { return }
    say(
      "\(path): what is known in advance ends before the \(read.counted("step")) that the model reads: later numbers are taken to be "
        + "the last one, later categories to be unknown.")
  }

  /// The forecasts of all series, one for each target.
  func forecasts(_ model: Forecaster, batch: Int, percentages: [Int], on tape: Tape) throws -> [[Forecast]] {
    var known = known
    var results: [[Forecast]] = []
    tape.mode = .evaluation
    // Each round predicts the trained horizon, and the next reads it.
    for done in stride(from: 0, to: horizon, by: model.shape.horizon) {
      let series = try PreparedSeries(
        known, description, padding: known.series.map { max(0, window - $0.steps) }, future: model.shape.horizon)
      let round = try model.nextForecasts(of: series, percentages: done == 0 ? percentages : [], batch: batch, on: tape)
      results = done == 0 ? round : zip(results, round).map { $0.joined($1) }
      for (index, forecasts) in round.enumerated() { known.series[index].append(forecasts.map(\.values)) }
    }
    return zip(results, self.known.series).map { forecasts, one in
      zip(forecasts, one.targets).map {
        $1.contains(where: \.isFinite) ? $0.prefix(horizon) : $0.prefix(horizon).missing
      }
    }
  }

  /// The time of a step of a series as text; its number without times.
  func time(_ series: Int, _ step: Int) -> String {
    let one = data.series[series]
    if let time = one.time(at: step) { return data.timeFormat.text(of: time) }
    return "\(step + 1)"
  }

  /// A chart of the last steps of a series, its forecast, and the truth where it is known.
  func chart(of index: Int, _ forecasts: [Forecast], _ model: Forecaster) -> TimeChart {
    let (one, origin) = (data.series[index], origins[index])
    let first = max(0, origin - max(window, 2 * horizon))
    let times = one.time(at: first).flatMap { start in
      one.step.map { (start: start, step: $0) }
    }
    // Steps without times have the numbers of the predictions.
    let start = times == nil ? first + 1 : 0
    let end = start + origin - first
    let panels = forecasts.enumerated().map { channel, forecast in
      let values = one.targets[channel]
      let truth = Array(values[origin..<min(origin + horizon, values.count)])
      return TimeChart.Panel(
        label: forecast.target,
        lines: [TimeChart.Line(.history, start: start, values: Array(values[first..<origin]))]
          + (truth.isEmpty ? [] : [TimeChart.Line(.truth, start: end, values: truth)])
          + [TimeChart.Line(.forecast, start: end, values: forecast.values)],
        bands: forecast.intervals.map {
          TimeChart.Band(level: $0.percentage, start: end, lower: $0.lower, upper: $0.upper)
        })
    }
    let title = forecasts.count == 1 ? forecasts[0].target : "Forecast"
    var chart = TimeChart(title: one.id.isEmpty ? title : "\(title), \(one.id)", times: times, panels: panels)
    chart.origin = end
    return chart
  }
}

extension Forecaster {
  /// The CPU adds up products of up to 4 rows in another order.
  private static let fewestRows = 5

  /// The predictions `[N, H, size]` of windows, whose rows are channels: the same bits for a window alone and in any batch.
  func predictions(of windows: [ForecastWindow], in series: PreparedSeries, on tape: Tape) throws -> Tensor {
    let fewest = (Self.fewestRows + shape.channels - 1) / shape.channels
    let repeated = windows + repeatElement(windows[windows.count - 1], count: max(0, fewest - windows.count))
    let predictions = try self(series.rows(repeated, shape, hasTargets: false, on: tape).inputs)
    guard repeated.count > windows.count else { return predictions }
    return try predictions.slice(0..<windows.count * shape.channels, axis: 0)
  }

  /// The number of predictions with which the intervals of all series are calibrated.
  private static let mostCalibrations = 20_000

  /// The forecasts of the steps after the end of each series, one for each target; their intervals are calibrated with the
  /// predictions before.
  func nextForecasts(of series: PreparedSeries, percentages: [Int], batch: Int, on tape: Tape) throws -> [[Forecast]] {
    var calibration = try IntervalCalibration(self, percentages: percentages)
    let memory = calibration.percentages.isEmpty ? 0 : IntervalCalibration.memory
    let each = min(memory, Self.mostCalibrations / max(series.data.series.count, 1))
    let windows = series.data.series.enumerated().flatMap { index, one in
      (max(min(series.description.firstUnseen(one, shape), one.steps), one.steps - each)...one.steps).map {
        ForecastWindow(series: index, origin: $0)
      }
    }
    return try ForecastWindows(all: windows).batches(of: batch).flatMap { part -> [[Forecast]] in
      tape.reset()
      let values = try predictions(of: part, in: series, on: tape).values()
      return part.enumerated().compactMap { index, window in
        forecast(values, index, of: window, in: series, &calibration)
      }
    }
  }

  /// The forecasts of a window at the end of its series; one before calibrates, and gives nil.
  private func forecast(
    _ values: [Float], _ index: Int, of window: ForecastWindow, in series: PreparedSeries,
    _ calibration: inout IntervalCalibration
  ) -> [Forecast]? {
    let count = shape.channels * shape.horizon * output.size
    let own = values[index * count..<(index + 1) * count]
    guard window.origin == series.data.series[window.series].steps else {
      calibration.add(origin: window.origin, own)
      return nil
    }
    calibration.advance(to: window.origin) { series.observed(window, $0, $1, as: output) }
    defer { calibration.beginSeries() }
    return forecasts(own, of: window, in: series, calibration: calibration)
  }
}

extension TimeSeries {
  /// The step of a time or a number.
  /// - Throws: `RecurrentError.invalidArgument` if there is none.
  fileprivate func origin(_ text: String?) throws -> Int {
    guard let text else { return steps }
    let found: Int?
    if let number = Int(text), self.start == nil || number <= steps + 1 {
      found = number - 1
    } else {
      found = Timestamp(text).flatMap { wanted in (0...steps).first { time(at: $0) == wanted } }
    }
    guard let found, (1...steps).contains(found) else {
      throw RecurrentError(
        .invalidArgument, "\(text.shown) is no step of the data" + (id.isEmpty ? "" : " of \(id.shown)"),
        at: "--origin", remedy: "give the time of a row, or its number from 2 to \(steps + 1)")
    }
    return found
  }

  /// Removes the steps from one on; what is known in advance stays.
  fileprivate mutating func cut(at step: Int) {
    for index in targets.indices { targets[index].removeLast(max(0, targets[index].count - step)) }
    for index in past.indices { past[index].removeLast(max(0, past[index].count - step)) }
  }

  /// Appends predicted values; past covariates are missing there.
  fileprivate mutating func append(_ values: [[Float]]) {
    for (index, values) in values.enumerated() { targets[index] += values }
    for index in past.indices { past[index] += repeatElement(.nan, count: values.first?.count ?? 0) }
  }
}

extension [Forecast] {
  /// Forecasts continued by those of the following steps.
  fileprivate func joined(_ next: [Forecast]) -> [Forecast] {
    zip(self, next).map { forecast, more in
      var forecast = forecast
      forecast.values += more.values
      for index in forecast.intervals.indices {
        forecast.intervals[index].lower += repeatElement(.nan, count: more.values.count)
        forecast.intervals[index].upper += repeatElement(.nan, count: more.values.count)
      }
      return forecast
    }
  }
}

extension TimeSeries {
  /// Whether no target has a value.
  fileprivate var isMissing: Bool { !targets.contains { $0.contains(where: \.isFinite) } }

  /// The targets without a value, or the series itself if none has one, for notes.
  fileprivate func missing(_ names: [String]) -> [String] {
    if isMissing { return [id.isEmpty ? names.map(\.shown).listed : id.shown] }
    return zip(names, targets).filter { !$1.contains(where: \.isFinite) }.map { name, _ in
      name.shown + (id.isEmpty ? "" : " of \(id.shown)")
    }
  }
}

extension Forecast {
  /// The forecast of a target without values: missing.
  fileprivate var missing: Forecast {
    var forecast = self
    let none = [Float](repeating: .nan, count: values.count)
    forecast.values = none
    for index in intervals.indices { (forecast.intervals[index].lower, forecast.intervals[index].upper) = (none, none) }
    return forecast
  }

  /// The first steps.
  fileprivate func prefix(_ count: Int) -> Forecast {
    var forecast = self
    forecast.values = Array(values.prefix(count))
    for index in intervals.indices {
      forecast.intervals[index].lower = Array(intervals[index].lower.prefix(count))
      forecast.intervals[index].upper = Array(intervals[index].upper.prefix(count))
    }
    return forecast
  }
}
