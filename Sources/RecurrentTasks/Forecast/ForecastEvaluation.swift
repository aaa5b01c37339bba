import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// `recur evaluate` for forecasters: a rolling backtest.
package struct ForecastEvaluation: TaskEvaluation {
  /// The part of the data that is predicted.
  package enum Part: String, CaseIterable, ExpressibleByArgument {
    case training, validation, test, all
  }

  @Option("Part of the data that is predicted.", default: "test for the training data, all for other data")
  package var part: Part?

  @Option("Steps between the origins of neighboring forecasts.", .atLeast(1))
  package var stride = 1

  @Option("Number of the last origins of each series. (default: all)", .atLeast(1))
  package var origins: Int?

  @Option(help: .file("The values that follow those of --data, in the same format; they are predicted, as in M4."))
  package var future: String?

  package init() {}

  package func evaluate(
    _ model: Forecaster, on path: String, batch: Int, makeTape: () throws -> Tape, say: (String) -> Void
  ) throws -> EvaluationReport {
    let read = try model.evaluationSeries(path, future: future, part: part, say: say)
    var windows = ForecastWindows(read.series, read.parts, model.shape, stride: stride)
    if let origins { windows = windows.last(origins) }
    guard !windows.all.isEmpty else {
      throw RecurrentError(
        .invalidData,
        "no window with a horizon of \(model.shape.horizon.counted("step")) in the \(read.name): the longest series has "
          + (read.series.data.series.map(\.steps).max() ?? 0).counted("step"),
        at: future ?? path, remedy: "give longer series" + (future == nil ? ", or another --part" : ""))
    }
    let tape = try makeTape()
    return try ForecastReport(
      model, read.series, windows, read.scales, of: read.name, stride: stride, batch: batch, on: tape
    ).report()
  }
}

extension ForecastWindows {
  /// The last windows of each series.
  fileprivate func last(_ count: Int) -> ForecastWindows {
    ForecastWindows(
      all: Dictionary(grouping: all, by: \.series).sorted { $0.key < $1.key }.flatMap { $0.value.suffix(count) })
  }
}

/// The series of an evaluation.
struct EvaluationSeries {
  let series: PreparedSeries
  /// The steps that are predicted, of each series.
  let parts: [Range<Int>]
  /// Their name: `test part`.
  let name: String
  /// The scales of MASE of each channel and series.
  let scales: [[Double]]
}

extension Forecaster {
  /// What the model knows of its data.
  /// - Throws: `RecurrentError.invalidModel` if it has read none.
  package func description(at location: String = "Forecaster") throws -> SeriesDescription {
    guard let series else {
      throw RecurrentError(
        .invalidModel, "the model has read no data", at: location, remedy: "train it, or load it from a folder")
    }
    return series
  }

  /// Reads data to evaluate the model on.
  /// - Throws: `RecurrentError.invalidData` if the data does not fit the model.
  func evaluationSeries(_ path: String, future: String?, part: ForecastEvaluation.Part?, say: (String) -> Void) throws
    -> EvaluationSeries
  {
    var description = try description()
    var (data, _) = try SeriesData.read(path, description.format, say: say)
    let isKnown = fingerprint(of: data) == description.fingerprint
    let known = data.series.map(\.steps)
    let split = isKnown ? try SeriesParts(data, description.split, at: path) : nil
    let training =
      split?.training ?? data.series.map { (try? description.split.parts(of: $0).training) ?? 0..<$0.steps }
    if let future { try data.append(SeriesData.read(future, description.format, say: say).data, at: future) }
    for (one, part) in zip(data.series, training) { description.scaling.fit(one, training: part) }
    try description.check(data, at: path, say: say)
    let part = future == nil ? part ?? (isKnown ? .test : .all) : nil
    if part != nil, part != .all, split == nil {
      throw RecurrentError(
        .invalidArgument, "the data is not that of the training, so it has no parts", at: "--part",
        remedy: "leave it out")
    }
    let parts: [Range<Int>] =
      switch part {
      case nil: zip(known, data.series).map { $0..<$1.steps }
      case .all: data.series.map { min(shape.window, $0.steps)..<$0.steps }
      case .training: split?.training.map { min($0.lowerBound + shape.window, $0.upperBound)..<$0.upperBound } ?? []
      case .validation: split?.validation ?? []
      case .test: split?.test ?? []
      }
    // The first windows of a short series begin before it.
    let series = try PreparedSeries(
      data, description, padding: parts.map { $0.isEmpty ? 0 : max(0, shape.window - $0.lowerBound) })
    let scales = shape.channelIndices.map { channel in
      zip(data.series, training).map { ForecastErrors.scale(of: $0.targets[channel][$1], season: shape.season) }
    }
    return EvaluationSeries(
      series: series, parts: parts, name: part.map { $0 == .all ? "data" : "\($0.rawValue) part" } ?? "future",
      scales: scales)
  }
}

extension ForecasterShape {
  /// The channels.
  var channelIndices: Range<Int> { 0..<channels }
}

extension SeriesData {
  /// Reads series; notes go to `say`.
  static func read(_ path: String, _ format: SeriesFormat, say: (String) -> Void) throws -> (
    data: SeriesData, format: SeriesFormat
  ) {
    let contents = try contents(of: path, format: format)
    contents.notes.forEach(say)
    return (contents.data, contents.format)
  }

  /// Adds the values that follow those of each series.
  /// - Throws: `RecurrentError.invalidData` if a series is missing.
  fileprivate mutating func append(_ future: SeriesData, at location: String) throws {
    let later = Dictionary(future.series.map { ($0.id, $0) }) { first, _ in first }
    for index in series.indices {
      guard let more = later[series[index].id], more.targets.count == series[index].targets.count else {
        throw RecurrentError(
          .invalidData, "has no series \(series[index].id.shown)", at: location,
          remedy: "give the values that follow those of --data")
      }
      let steps = series[index].steps
      for column in more.known.indices {
        series[index].known[column] = Array(series[index].known[column].prefix(steps))
      }
      for column in more.categories.indices {
        series[index].categories[column] = Array(series[index].categories[column].prefix(steps))
      }
      for channel in more.targets.indices { series[index].targets[channel] += more.targets[channel] }
      for column in more.past.indices { series[index].past[column] += more.past[column] }
      for column in more.known.indices { series[index].known[column] += more.known[column] }
      for column in more.categories.indices { series[index].categories[column] += more.categories[column] }
    }
  }
}
