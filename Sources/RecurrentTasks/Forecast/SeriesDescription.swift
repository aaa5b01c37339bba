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

  /// The features of a series that are known in advance, `[K][S + future]`; a number that is missing is the last before it.
  /// - Throws: `RecurrentError.invalidData` if the calendar is read, and there are no times.
  func knownValues(_ one: TimeSeries, future: Int) throws -> [[Float]] {
    let count = one.steps + future
    let given = zip(known, one.known).map { $0.scaled($1.extended(to: count, by: .nan)) }
    guard !calendar.isEmpty else { return given }
    guard let start = one.start, let step else {
      throw RecurrentError(
        .invalidData, "has no times, but the model reads \(calendar.map(\.rawValue).listed) of each step",
        at: one.id.isEmpty ? nil : "series \(one.id.shown)", remedy: "give data with a time column")
    }
    let times = (0..<count).map { step.time(after: start, steps: $0) }
    return given + calendar.map { feature in times.map { feature.value(at: $0) } }
  }

  /// The codes of a category of a series, `[S + future]`; one that is missing is unknown.
  func codes(_ index: Int, _ one: TimeSeries, future: Int) -> [Int32] {
    one.categories[index].extended(to: one.steps + future, by: "").map(categories[index].code)
  }

  /// - Throws: `RecurrentError.invalidData` if a covariate that is known in advance is missing in the steps after a series.
  func requireKnown(_ one: TimeSeries, steps: Int) throws {
    let ends =
      zip(known, one.known).map { ($0.name, $1.prefix(one.steps + steps).lastIndex(where: \.isFinite)) }
      + zip(categories, one.categories).map { ($0.name, $1.prefix(one.steps + steps).lastIndex { !$0.isEmpty }) }
    for (name, last) in ends {
      let given = max(0, (last ?? -1) + 1 - one.steps)
      guard given < steps else { continue }
      throw RecurrentError(
        .invalidData,
        "\(name.shown) is known for \(given) of the \(steps.counted("step")) to come"
          + (one.id.isEmpty ? "" : " of \(one.id.shown)"),
        remedy: "add rows with its future values, and empty targets")
    }
  }

  /// - Parameter say: Gets a note on categories that the training did not have.
  /// - Throws: `RecurrentError.invalidData` if the logarithm of a value is not defined.
  func check(_ data: SeriesData, at location: String, say: (String) -> Void) throws {
    try scaling.check(data, at: location)
    func note(_ category: CategoryCovariate, _ values: some Sequence<String>) {
      let unknown = Set(values).filter { !$0.isEmpty && category.code($0) == 0 }.sorted()
      guard !unknown.isEmpty else { return }
      say(
        "\(location): \(unknown.map(\.shown).listed) of \(category.name.shown) \(unknown.count == 1 ? "is" : "are") not in the "
          + "training, and read as unknown.")
    }
    for (index, category) in categories.enumerated() {
      note(category, data.series.lazy.flatMap { $0.categories[index] })
    }
    for (index, category) in staticCategories.enumerated() {
      note(category, data.series.lazy.map { $0.staticCategories[index] })
    }
  }
}

extension Array {
  /// The first elements, or these and others to a number of them.
  fileprivate func extended(to count: Int, by element: Element) -> [Element] {
    Array(prefix(count)) + repeatElement(element, count: Swift.max(0, count - self.count))
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
    let trained = zip(data.series, parts.training).filter { !$1.isEmpty }
    categories = data.categories.enumerated().map { index, name in
      CategoryCovariate(name, of: trained.flatMap { $0.categories[index][$1] }.filter { !$0.isEmpty })
    }
    staticCategories = data.staticCategories.enumerated().map { index, name in
      CategoryCovariate(name, of: trained.map { $0.0.staticCategories[index] })
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
