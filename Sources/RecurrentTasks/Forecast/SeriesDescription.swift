import RecurrentCore
import RecurrentData

/// What a model of series needs to read data: `series.json` in its folder.
package struct SeriesDescription: Codable, Hashable, Sendable {
  /// The columns, and the layout of the file.
  package var format: SeriesFormat
  /// The names of the targets.
  package var targets: [String]
  /// The time from step to step; nil without times.
  package var step: TimeStep?
  /// The steps of a season; 1 for none.
  package var season: Int
  /// The transform of the targets.
  package var scaling: SeriesScaling
  /// The covariates that are known up to the present.
  package var past: [NumericCovariate] = []
  /// The covariates that are known in advance.
  package var known: [NumericCovariate] = []
  /// The features of the calendar, which are known in advance.
  package var calendar: [CalendarFeature] = []
  /// The categories that are known in advance.
  package var categories: [CategoryCovariate] = []
  /// The categories of series.
  package var staticCategories: [CategoryCovariate] = []
  /// The parts for training, validation and test.
  package var split: SeriesSplit
  /// The linear forecast of the same windows, for comparison; nil if the training part is too short for one.
  package var linear: LinearForecast?
  /// The number of steps of each series up to the end of its training part, by its identifier.
  package var trainingEnds: [String: Int] = [:]
  /// A hash of the data of the training.
  package var fingerprint = ""

  /// The number of features that are known in advance.
  package var knownCount: Int { known.count + calendar.count }

  /// The first step of a series from which predictions have errors as in use: after the training part, and a window.
  func firstUnseen(_ one: TimeSeries, _ shape: ForecasterShape) -> Int { max(trainingEnds[one.id] ?? 0, shape.window) }

  /// The features of a series that are known in advance, `[K][S + future]`.
  /// - Throws: `RecurrentError.invalidData` if one is missing in the future.
  func knownValues(_ one: TimeSeries, future: Int) throws -> [[Float]] {
    let count = one.steps + future
    let given = try zip(known, one.known).map { covariate, values in
      try covariate.scaled(covered(values, count, covariate.name, one) { $0.isFinite })
    }
    guard !calendar.isEmpty else { return given }
    guard let start = one.start, let step else {
      throw RecurrentError(
        .invalidData, "has no times, but the model reads \(calendar.map(\.rawValue).listed) of each step",
        at: one.id.isEmpty ? nil : "series \(one.id.shown)", remedy: "give data with a time column")
    }
    let times = (0..<count).map { step.time(after: start, steps: $0) }
    return given + calendar.map { feature in times.map { feature.value(at: $0) } }
  }

  /// The codes of a category of a series, `[S + future]`.
  /// - Throws: `RecurrentError.invalidData` if one is missing in the future.
  func codes(_ index: Int, _ one: TimeSeries, future: Int) throws -> [Int32] {
    let category = categories[index]
    return try covered(one.categories[index], one.steps + future, category.name, one) { !$0.isEmpty }.map(category.code)
  }

  /// Values up to the end of the horizon.
  private func covered<Value>(
    _ values: [Value], _ count: Int, _ name: String, _ one: TimeSeries, isThere: (Value) -> Bool
  ) throws -> [Value] {
    let given = (values.prefix(count).lastIndex(where: isThere) ?? -1) + 1
    guard given >= count else {
      throw RecurrentError(
        .invalidData,
        "\(name.shown) is known for \(max(0, given - one.steps)) of the \((count - one.steps).counted("step")) to come"
          + (one.id.isEmpty ? "" : " of \(one.id.shown)"),
        remedy: "add rows with its future values, and empty targets")
    }
    return Array(values.prefix(count))
  }
}

extension SeriesDescription {
  /// The description of the data of a new model.
  /// - Parameter season: The season unless it is given; nil for the one that is found.
  /// - Throws: `RecurrentError.invalidArgument` if an option does not fit the data.
  init(_ data: SeriesData, _ format: SeriesFormat, _ parts: SeriesParts, _ windows: WindowOptions, season: Int?) throws
  {
    self.init(
      format: format, targets: data.targets, step: data.step,
      season: windows.season ?? season ?? Self.season(data, parts),
      scaling: SeriesScaling(
        function: windows.loss == .negativeBinomial ? .log1p : windows.log ? .log : nil, isScaled: windows.standardize),
      split: parts.split)
    let fitted = { (name: String, columns: (TimeSeries) -> [Float]) in
      NumericCovariate(
        name, fitting: zip(data.series, parts.training).flatMap { one, part in columns(one)[part] })
    }
    past = data.past.enumerated().map { index, name in fitted(name) { $0.past[index] } }
    known = data.known.enumerated().map { index, name in fitted(name) { $0.known[index] } }
    if windows.calendar {
      guard let step = data.step else {
        throw RecurrentError(
          .invalidArgument, "the data has no times", at: "--calendar",
          remedy: "leave it out, or name the column: --time")
      }
      calendar = CalendarFeature.varying(with: step)
    }
    categories = data.categories.enumerated().map { index, name in
      CategoryCovariate(name, of: data.series.lazy.flatMap { $0.categories[index] }.filter { !$0.isEmpty })
    }
    staticCategories = data.staticCategories.enumerated().map { index, name in
      CategoryCovariate(name, of: data.series.lazy.map { $0.staticCategories[index] })
    }
  }

  /// The season that most of the first series have; 1 for none.
  private static func season(_ data: SeriesData, _ parts: SeriesParts) -> Int {
    let found = zip(data.series, parts.training).prefix(20).compactMap { one, part -> Int? in
      one.targets.first.map { Season.detect($0[part], step: one.step ?? data.step) ?? 1 }
    }
    let counts = Dictionary(grouping: found, by: \.self)
    return counts.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }?.key ?? 1
  }
}
