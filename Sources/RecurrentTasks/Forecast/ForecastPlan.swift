import RecurrentCore
import RecurrentData
import RecurrentModel

/// The data, the windows and the forecaster of a run.
struct ForecastPlan<Options: ForecasterOptions> {
  /// The settings, with the options that follow from the data.
  private(set) var settings: TrainingSettings<Options>
  let model: Forecaster
  let series: PreparedSeries
  let training: ForecastWindows
  let validation: (series: PreparedSeries, windows: ForecastWindows)?
  let fingerprints: [(location: String, fingerprint: String)]
  let notes: [String]
  /// The parts of each series.
  let parts: SeriesParts
  let recorder = Recorder()

  /// What collects the predictions of a validation.
  final class Recorder {
    var backtest: Backtest?
  }

  init(_ settings: TrainingSettings<Options>, _ origin: ModelOrigin<Forecaster>, say: (String) -> Void) throws {
    self.settings = settings
    let earlier = origin.model?.series
    let format =
      earlier?.format ?? settings.options.columns.format(settings.options.table, spacing: Options.spacing)
    let (data, found) = try SeriesData.read(settings.data, format, say: say)
    let parts = try SeriesParts(data, settings)
    self.parts = parts
    let longest = parts.training.map(\.count).max() ?? 0
    var description =
      try earlier
      ?? SeriesDescription(
        data, found, parts, settings.options.windows, season: Options.usualSeason(data, training: longest))
    description.split = parts.split
    description.fingerprint = fingerprint(of: data)
    if case .pretrained(let model) = origin {
      // The series of another run: those of this one may have the same identifiers.
      description.scaling = SeriesScaling(
        function: description.scaling.function, isScaled: description.scaling.isScaled)
      description.trainingEnds = [:]
      try model.intervals.setValues([Float](repeating: 0, count: model.intervals.count))
    }
    for (one, part) in zip(data.series, parts.training) {
      description.scaling.fit(one, training: part)
      description.trainingEnds[one.id] = part.upperBound
    }
    try description.check(data, at: settings.data, say: say)
    var options = settings.options
    let shape = try origin.model?.shape ?? options.resolveShape(description, data, parts)
    self.settings.options = options
    let series = try PreparedSeries(
      data, description, padding: parts.training.map { ForecastWindows.padding(training: $0, shape) })
    let training = ForecastWindows(series, parts.training, shape)
    (self.series, self.training) = (series, training)
    guard !training.all.isEmpty, longest >= shape.window else {
      throw RecurrentError(
        .invalidData,
        "the training part has \(longest.counted("step")), too few for a window of \(shape.window) and a horizon of \(shape.horizon)",
        at: settings.data, remedy: "use a shorter --window or --horizon, or a larger first part of --split")
    }
    let steps = options.learning.stepsPerEpoch(training.all.count, batch: settings.training.batch)
    self.settings.run.epochs = settings.run.epochs ?? ForecastCell.defaults.epochs(stepsPerEpoch: steps)
    var fingerprints = [(settings.data, description.fingerprint)]
    if let file = settings.validation {
      let (other, _) = try SeriesData.read(file, description.format, say: say)
      var reading = description
      for one in other.series { reading.scaling.fit(one, training: 0..<one.steps) }
      try reading.check(other, at: file, say: say)
      let prepared = try PreparedSeries(other, reading, padding: other.series.map { max(0, shape.window - $0.steps) })
      validation = (prepared, ForecastWindows(prepared, other.series.map { 0..<$0.steps }, shape))
      fingerprints.append((file, fingerprint(of: other)))
    } else {
      let windows = ForecastWindows(series, parts.validation, shape)
      validation = settings.validates && !windows.all.isEmpty ? (series, windows) : nil
      if settings.validates, windows.all.isEmpty, parts.validation.contains(where: { !$0.isEmpty }) {
        say(
          "The validation part has \((parts.validation.map(\.count).max() ?? 0).counted("step")), less than the horizon of "
            + "\(shape.horizon): there is no validation\(Options.hasIntervals ? ", and there are no prediction intervals" : "")."
        )
      }
    }
    self.fingerprints = fingerprints
    model = try origin.model ?? Self.makeModel(shape, options)
    model.series = description
    notes = [Self.about(data, shape, description, training, validation?.windows)]
  }

  private static func makeModel(_ shape: ForecasterShape, _ options: Options) throws -> Forecaster {
    let layers = options.network.configuration()
    return try options.network.initialization.makeModel(
      ForecasterConfiguration(shape, output: options.windows.loss, recurrent: layers), layers)
  }

  /// The linear forecast of the training windows.
  func linear() -> LinearForecast? {
    let channels = zip(series.offsets, parts.training).flatMap { offsets, part -> [ArraySlice<Float>] in
      offsets.map { offset in
        let range = offset + part.lowerBound..<offset + part.upperBound
        guard let observed = series.observed else { return series.values[range] }
        return range.map { observed[$0] == 1 ? series.values[$0] : .nan }[...]
      }
    }
    return LinearForecast(fitting: channels, window: model.shape.window, horizon: model.shape.horizon)
  }

  private static func about(
    _ data: SeriesData, _ shape: ForecasterShape, _ description: SeriesDescription, _ training: ForecastWindows,
    _ validation: ForecastWindows?
  ) -> String {
    let count = data.series.count
    let targets = data.targets.count
    let steps = data.series.map(\.steps).reduce(0, +)
    return "\(count.counted("series", "series")) of "
      + "\(targets == 1 ? data.targets[0].shown : "\(targets) targets"), \(steps.counted("step"))"
      + (data.step.map { " of \($0.duration)" } ?? "") + (shape.season > 1 ? ", season \(shape.season)" : "")
      + ": \(shape.horizon.counted("step")) ahead from \(shape.window), in segments of \(shape.segment); "
      + training.all.count.counted("window")
      + (validation.map { " (and \($0.all.count.grouped) to validate on)" } ?? "")
      + "."
  }
}

/// The parts of each series.
struct SeriesParts {
  let split: SeriesSplit
  let training: [Range<Int>]
  let validation: [Range<Int>]
  let test: [Range<Int>]

  /// - Throws: `RecurrentError.invalidArgument` if options exclude each other; `.invalidData` if no series has a training part.
  init<Options: ForecasterOptions>(_ data: SeriesData, _ settings: TrainingSettings<Options>) throws {
    let fraction = settings.validationFraction
    let given = settings.options.split
    try requireUse(
      given == nil || fraction == 0.1 || fraction == 0, "--validation-fraction", "--split has the parts",
      remedy: "leave it out")
    try self.init(data, given ?? Options.usualSplit(validation: fraction), at: settings.data)
  }

  init(_ data: SeriesData, _ split: SeriesSplit, at location: String) throws {
    self.split = split
    let parts = try data.series.map { try split.parts(of: $0) }
    (training, validation, test) = (parts.map(\.training), parts.map(\.validation), parts.map(\.test))
  }
}

/// A hash of series.
func fingerprint(of data: SeriesData) -> String {
  fingerprint(of: data.series.lazy.flatMap { $0.targets.joined() }.map { Int32(bitPattern: $0.bitPattern) })
}

extension ForecasterOptions {
  /// The shape of a new model; sets the options that follow from the data.
  mutating func resolveShape(_ description: SeriesDescription, _ data: SeriesData, _ parts: SeriesParts) throws
    -> ForecasterShape
  {
    let (season, longest) = (description.season, parts.training.map(\.count).max() ?? 0)
    let validation = parts.validation.map(\.count).max() ?? 0
    var horizon =
      windows.horizon ?? Self.usualHorizon(data, season: season, training: longest, validation: validation)
    let window =
      windows.window ?? max(1, Self.usualWindow(data, season: season, horizon: horizon, training: longest))
    if reconstructs { horizon = window }
    let segment = windows.segment ?? (1...min(window, 48, horizon)).last { window.isMultiple(of: $0) } ?? 1
    (windows.season, windows.window, windows.segment) = (season, window, segment)
    if !reconstructs { windows.horizon = horizon }
    let isGated = !reconstructs && season <= window && windows.decoding != .recursive
    windows.gate = windows.gate ?? (isGated ? Self.usualGate(season: season) : GateChoice.none)
    try requireUse(
      window.isMultiple(of: segment), "--segment", "\(segment) does not divide the window of \(window)",
      remedy: "use a divisor")
    var shape = ForecasterShape(window: window, horizon: horizon, segment: segment)
    shape.channels = description.targets.count
    (shape.past, shape.known) = (description.past.count, description.knownCount)
    shape.categories = description.categories.map(\.count)
    shape.staticCategories = description.staticCategories.map(\.count)
    shape.readsMissing = zip(data.series, parts.training).contains { one, part in
      one.targets.contains { $0[part].contains { !$0.isFinite } }
    }
    let relative = windows.relative ?? (reconstructs ? .mean : .last)
    windows.relative = relative
    (shape.reference, shape.scale, shape.decoding) = (relative, windows.windowScale, windows.decoding)
    (shape.season, shape.reconstructs) = (season, reconstructs)
    shape.gateLags = try gateLags(season, window)
    return shape
  }

  private func gateLags(_ season: Int, _ window: Int) throws -> [Int] {
    switch windows.gate ?? .none {
    case .none, .auto: return []
    case .seasonal: return Set([1, season, 7 * season]).filter { $0 <= window }.sorted()
    case .lags(let lags):
      let longest = lags.max() ?? 1
      try requireUse(
        longest <= window, "--gate", "\(longest.counted("step is", "steps are")) more than the window's \(window)",
        remedy: "use a longer --window")
      return lags
    }
  }
}
