import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// `recur predict` for forecasters.
package struct ForecastPrediction: TaskPrediction {
  @Option(
    "Number of steps to predict; beyond the trained horizon the forecast is continued with its own values. (default: the trained horizon)",
    .range(1...ForecasterConfiguration.Limit.steps))
  package var horizon: Int?

  @Option(help: "First step to predict, by its time or its number from 1. (default: after the last row)")
  package var origin: String?

  @Option(
    "Probabilities of the intervals in percent: 50, 80, 90, 95, 99; or none.",
    default: "those of 95,80 that the model has")
  package var interval: IntervalList?

  @Option(help: "Series to predict, by their identifiers. (default: all)")
  package var series: ColumnList?

  @OptionGroup package var picture: ChartOptions

  @Flag(help: "Read rows from standard input and print a forecast after each.")
  package var stream = false

  package init() {}

  package var isStream: Bool { stream }

  /// The probabilities of the intervals.
  /// - Throws: `RecurrentError.invalidArgument` if the model does not have one that is given.
  private func percentages(of model: Forecaster) throws -> [Int] {
    let wanted = interval?.percentages ?? IntervalList.usual
    let all = try model.intervalPercentages(among: wanted)
    guard interval != nil, let missing = wanted.first(where: { !all.contains($0) }) else { return all }
    let others = try model.intervalPercentages(among: ForecastIntervals.percentages).map { "\($0)" }.listed
    throw RecurrentError(
      .invalidArgument, "the model has no intervals" + (others.isEmpty ? "" : " of \(missing) %"), at: "--interval",
      remedy: others.isEmpty
        ? "leave it out, or train with a validation part or with --loss quantiles"
        : "use \(others), or train with other quantiles")
  }

  package func predict(
    _ model: Forecaster, for source: PredictionSource, batch: Int, makeTape: () throws -> Tape, to sink: PredictionSink
  ) throws {
    guard case .data(let path) = source else {
      throw RecurrentError(.invalidArgument, "a forecaster reads series", at: "--text", remedy: "use --data")
    }
    try picture.check()
    let percentages = try percentages(of: model)
    let reading = try ForecastReading(
      model, path, origin: origin, ids: series?.columns.map(\.description), horizon: horizon, say: sink.say)
    if let horizon, horizon > model.shape.horizon {
      sink.say(
        "The horizon of \(horizon) is longer than the trained one of \(model.shape.horizon): the forecast is continued with its own "
          + "values, without intervals.")
    }
    let results = try reading.forecasts(model, batch: batch, percentages: percentages, on: makeTape())
    let table = ForecastTable(reading, percentages: results.first?.first?.intervals.map(\.percentage) ?? [])
    try sink.put(PredictionLine(text: table.heading, json: nil))
    for (index, forecasts) in results.enumerated() {
      for line in table.lines(of: index, forecasts) { try sink.put(line) }
    }
    guard let first = results.first else { return }
    if picture.isWanted(by: sink) { try picture.show(reading.chart(of: 0, first, model), on: sink) }
    if results.count > 1, picture.given.contains(where: \.isGiven) {
      sink.say("The chart has the first of \(results.count.grouped) series; another with --series.")
    }
  }

  package func predict(
    _ model: Forecaster, after history: String?, nextLine: () -> String?, makeTape: () throws -> Tape,
    to sink: PredictionSink
  ) throws {
    for (option, isGiven) in [("--horizon", horizon != nil), ("--origin", origin != nil)] + picture.given {
      try requireUse(!isGiven, option, "--stream predicts the trained horizon after each row", remedy: "leave it out")
    }
    let names = series?.columns.map(\.description) ?? []
    try requireUse(names.count < 2, "--series", "standard input is one series", remedy: "name one")
    var past = try history.map { try SeriesData.read($0, model.description().format, say: sink.say).data }
    if !names.isEmpty, past?.series.count ?? 1 > 1 { try past?.select(names) }
    let device = try Device(makeTape().backend)
    let stream = try ForecastStream(
      model, after: past, id: names.first, percentages: percentages(of: model), device: device)
    var rows = SeriesLines(targets: try model.description().targets, from: "standard input")
    try sink.put(PredictionLine(text: StreamedForecast.heading(rows.targets, model.shape.horizon), json: nil))
    while let line = nextLine() {
      guard let values = try rows.values(of: line) else { continue }
      let forecasts = try stream.append(values)
      let answer = StreamedForecast(
        step: stream.steps, targets: rows.targets, horizon: model.shape.horizon, forecasts: forecasts)
      try sink.put(PredictionLine(text: answer.line, json: answer))
    }
  }
}

/// The forecast after a row of standard input.
private struct StreamedForecast: Encodable {
  let step: Int
  let targets: [String]
  let horizon: Int
  /// Nil before the first value.
  let forecasts: [Forecast]?

  static func heading(_ targets: [String], _ horizon: Int) -> String {
    (["step"] + targets.flatMap { target in (1...horizon).map { "\(target)+\($0)" } }).csv
  }

  /// The line of CSV: the values of all steps of each target.
  var line: String {
    let cells = forecasts?.flatMap(\.values) ?? [Float](repeating: .nan, count: targets.count * horizon)
    return (["\(step)"] + cells.map { $0.isFinite ? "\($0)" : "" }).csv
  }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: NamedKey.self)
    try values.encode(step, forKey: NamedKey("step"))
    var all = values.nestedUnkeyedContainer(forKey: NamedKey("forecast"))
    for forecast in forecasts ?? [] {
      var target = all.nestedContainer(keyedBy: NamedKey.self)
      try target.encode(forecast.target, forKey: NamedKey("target"))
      try target.encode(forecast.values, forKey: NamedKey("values"))
      for interval in forecast.intervals {
        try target.encode(interval.lower, forKey: NamedKey("lower_\(interval.percentage)"))
        try target.encode(interval.upper, forKey: NamedKey("upper_\(interval.percentage)"))
      }
    }
  }
}

/// Probabilities of intervals on the command line.
package struct IntervalList: ExpressibleByArgument, Hashable, Sendable {
  package let percentages: [Int]

  /// Those that are not given.
  fileprivate static let usual = [95, 80]

  package init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard argument == "none" || parts.allSatisfy(ForecastIntervals.percentages.contains) else { return nil }
    percentages = argument == "none" ? [] : Set(parts).sorted(by: >)
  }

  package var defaultValueDescription: String {
    percentages.isEmpty ? "none" : percentages.map(String.init).joined(separator: ",")
  }
}

/// `recur inspect --gradient-flow` for forecasters.
package struct ForecastFlow: TaskFlow {
  package var loss: GradientFlow.Loss? { nil }

  package init() {}

  package func measure(_ model: Forecaster, on path: String, tape: Tape, say: (String) -> Void) throws -> GradientFlow {
    let read = try model.evaluationSeries(path, future: nil, part: .all, say: say)
    let windows = ForecastWindows(read.series, read.parts, model.shape)
    let batches = Array(windows.batches(of: FlowSample.rows).prefix(FlowSample.batches))
    return try GradientFlow.measure(model, over: batches, on: tape) { batch in
      try model.loss(of: read.series.rows(batch, model.shape, hasTargets: true, on: tape)).loss
    }
  }
}
