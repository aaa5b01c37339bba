import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// The options of tasks that train a forecaster.
package protocol ForecasterOptions: TaskOptions where Cell == ForecastCell {
  var columns: SeriesColumnOptions { get }
  var table: TableOptions { get }
  var windows: WindowOptions { get set }
  var learning: ForecastOptions.Learning { get }
  /// The parts of the data; nil if they are not given.
  var split: SeriesSplit? { get }
  /// Whether the model is an autoencoder, which predicts the window itself.
  var reconstructs: Bool { get }

  /// The place of rows in time unless it is given.
  static var spacing: SeriesFormat.Spacing { get }
  /// The parts of the data unless they are given.
  /// - Parameter fraction: `--validation-fraction`.
  static func usualSplit(validation fraction: Double) -> SeriesSplit
  /// The default of the season; nil for the one that is found.
  /// - Parameter training: The steps of the longest training part.
  static func usualSeason(_ data: SeriesData, training: Int) -> Int?
  /// The default of the horizon.
  /// - Parameters:
  ///   - training: The steps of the longest training part.
  ///   - validation: The steps of the longest validation part.
  static func usualHorizon(_ data: SeriesData, season: Int, training: Int, validation: Int) -> Int
  /// The default of the window; below 1 for series that are too short.
  static func usualWindow(_ data: SeriesData, season: Int, horizon: Int, training: Int) -> Int
  /// The default of the gate.
  static func usualGate(season: Int) -> GateChoice
  /// Whether validation gives prediction intervals.
  static var hasIntervals: Bool { get }
}

extension ForecasterOptions {
  package var candidates: [Candidate<Self>] {
    guard windows.gate == .auto else { return [] }
    return [GateChoice.none, .seasonal].map { gate in
      var options = self
      options.windows.gate = gate
      return Candidate(option: "--gate", value: gate.defaultValueDescription, options: options)
    }
  }
}

/// The options of `recur train forecast`.
package struct ForecastOptions: ForecasterOptions {
  package typealias Stopping = LossPatienceOptions

  @OptionGroup(title: "Data") package var columns: SeriesColumnOptions
  @OptionGroup(title: "Data") package var table: TableOptions
  @OptionGroup(title: "Data") package var parts: Parts
  @OptionGroup(title: "Model") package var windows: WindowOptions
  @OptionGroup(title: "Model") package var network: NetworkOptions<ForecastCell>
  @OptionGroup(title: "Training") package var training: TrainingOptions<ForecastCell>
  @OptionGroup(title: "Training") package var learning: Learning

  package init() {}

  package static var describingModel: Set<String> {
    OptionValues.names(of: SeriesColumnOptions.self).union(OptionValues.names(of: WindowOptions.self))
  }

  package func check(isPretrained: Bool) throws { try windows.check() }

  package var split: SeriesSplit? { parts.split }
  package var reconstructs: Bool { false }
  package static let spacing = SeriesFormat.Spacing.times
  package static let hasIntervals = true

  package static func usualSplit(validation fraction: Double) -> SeriesSplit {
    .fractions(0.8 - fraction, fraction, 0.2)
  }

  package static func usualSeason(_ data: SeriesData, training: Int) -> Int? { nil }

  package static func usualGate(season: Int) -> GateChoice { .none }

  /// A season beyond it does not determine the default of the window.
  private static let longestSeasonOfWindow = 200

  /// The default of the horizon: as in the M4 competition (Makridakis et al. 2020); for other steps a season, up to two days of
  /// hours, or a step.
  private static func usualHorizon(_ step: TimeStep?, season: Int) -> Int {
    switch step {
    case .hour: 48
    case .day, .businessDay: 14
    case .week: 13
    case .month: 18
    case .months(3): 8
    case .months(12): 6
    default: max(1, min(season, 48))
    }
  }

  package static func usualHorizon(_ data: SeriesData, season: Int, training: Int, validation: Int) -> Int {
    min(usualHorizon(data.step, season: season), max(1, training / 4), validation > 0 ? validation : .max)
  }

  package static func usualWindow(_ data: SeriesData, season: Int, horizon: Int, training: Int) -> Int {
    min(max(season <= longestSeasonOfWindow ? 2 * season : 0, 2 * horizon, 16), training - horizon)
  }

  /// The parts of the data.
  package struct Parts: ParsableArguments {
    @Option(
      help: """
        Chronological parts for training, validation and test: fractions (0.7,0.1,0.2), numbers of steps of which one may be rest \
        (8640,2880,2880; rest,48,48), or the dates on which validation and test begin (2017-09-01,2018-01-01). (default: \
        0.7,0.1,0.2)
        """)
    package var split: SeriesSplit?

    package init() {}
  }

  /// The windows of an epoch.
  package struct Learning: ParsableArguments {
    @Option("Number of windows in an epoch, drawn anew for each. (default: all)", .atLeast(1))
    package var windowsPerEpoch: Int?

    package init() {}

    /// The number of steps of an epoch.
    func stepsPerEpoch(_ windows: Int, batch: Int) -> Int {
      (min(windows, windowsPerEpoch ?? windows) + batch - 1) / batch
    }
  }

}

/// The cells of forecasters.
package enum ForecastCell: String, CaseIterable, CellChoice {
  case elman, lstm, gru

  package static let defaultCell = gru
  package static let defaults = {
    var defaults = OptionDefaults()
    (defaults.hidden, defaults.layers, defaults.dropout) = (128, 1, 0.3)
    (defaults.batch, defaults.learningRate, defaults.average) = (32, 2e-3, Averaging(0.998))
    (defaults.epochs, defaults.steps) = (4, 400)
    return defaults
  }()
  package static let help = "Recurrent cell."
  package static let dropoutHelp = "Dropout probability between the recurrent layers and before the output layer."
}

/// The columns of series.
package struct SeriesColumnOptions: ParsableArguments {
  @Option(help: "Columns to predict, by name or number, separated by commas. (default: all columns of numbers)")
  package var target: ColumnList?

  @Option(help: "Column of times. (default: found by its name or its values)")
  package var time: String?

  @Option(help: "Column that names the series of a row, if the table has several. (default: one series)")
  package var id: String?

  @Option(help: "Columns of covariates that are known up to the present.")
  package var past: ColumnList?

  @Option(help: "Columns of covariates that are known in advance; rows after the last target have their future values.")
  package var known: ColumnList?

  @Option(help: "Columns of categories that are known in advance, such as a holiday.")
  package var category: ColumnList?

  @Option(help: "Columns of categories of a whole series, such as its region.")
  package var staticCategory: ColumnList?

  @Option("What a row is: a time step, or a series with all its values, as in M4.", default: "found")
  package var rows: SeriesFormat.Shape?

  @Option(
    """
    The place of rows in time: by their times, with missing values for steps without a row, or each row the step after the one \
    before it.
    """, default: "times; rows for anomalies")
  package var spacing: SeriesFormat.Spacing?

  @Option(help: "Time from step to step: hour, 15 minutes, day, business day, month. (default: the most frequent)")
  package var step: TimeStep?

  @Flag(inversion: .prefixedNo, help: "Dates such as 04/05/2021 have the day first. (default: found)")
  package var dayFirst: Bool?

  package init() {}

  /// The format.
  /// - Parameter usual: The place of rows in time unless it is given.
  func format(_ table: TableOptions, spacing usual: SeriesFormat.Spacing) -> SeriesFormat {
    var format = SeriesFormat()
    (format.time, format.id) = (time.map(TableFormat.Column.init), id.map(TableFormat.Column.init))
    (format.targets, format.past, format.known) = (target?.columns ?? [], past?.columns ?? [], known?.columns ?? [])
    (format.categories, format.staticCategories) = (category?.columns ?? [], staticCategory?.columns ?? [])
    (format.shape, format.spacing, format.step, format.isDayFirst) = (rows, spacing ?? usual, step, dayFirst)
    format.layout = TableLayout(table.header, table.delimiter, else: nil)
    return format
  }
}

/// Columns on the command line: `A,B`.
package struct ColumnList: ExpressibleByArgument, Hashable, Sendable {
  package let columns: [TableFormat.Column]

  package init?(argument: String) {
    let names = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard !names.contains("") else { return nil }
    columns = names.map(TableFormat.Column.init)
  }

  package var defaultValueDescription: String { columns.map(\.description).joined(separator: ",") }
}

/// The windows that a model reads, and what it predicts.
package struct WindowOptions: ParsableArguments {
  @Option(
    "Number of input steps. (default: two seasons of up to 200 steps or two horizons, whichever is longer)",
    .range(1...ForecasterConfiguration.Limit.steps))
  package var window: Int?

  @Option(
    "Number of predicted steps. (default: as in the M4 competition, 48 hours, 14 days, 13 weeks, 18 months, 8 quarters, 6 years; else a season of up to 48 steps, or 1)",
    .range(1...ForecasterConfiguration.Limit.steps))
  package var horizon: Int?

  @Option(
    "Number of steps that the network reads and predicts at a time; 1 reads step by step. (default: the largest divisor of the window up to 48 and the horizon)",
    .range(1...ForecasterConfiguration.Limit.steps))
  package var segment: Int?

  @Option("Number of steps of a season; 1 for none. (default: found)", .range(1...ForecasterConfiguration.Limit.steps))
  package var season: Int?

  @Option(
    help: """
      Decoding of the horizon: parallel, a segment from the final state and its position; direct, a dense layer for all steps; \
      recursive, segment after segment.
      """)
  package var decoding = ForecastDecoding.parallel

  @Option(
    help: """
      Output and loss: a value (mae, mse, huber), quantiles[:LEVELS] (0.025,0.1,0.5,0.9,0.975; in ascending order, with 0.5), gaussian, or negative-binomial \
      for counts.
      """)
  package var loss = ForecastOutput.point(.mae)

  @Option(
    "What the values of a window are relative to: its last value, the mean of its last season, its mean, or nothing.",
    default: "last; of an autoencoder mean")
  package var relative: WindowReference?

  @Option(
    help: """
      What each window is divided by: none; deviation, its mean absolute deviation, whose logarithm is one more input; difference, the \
      mean absolute difference of neighboring values, so that a trend continues whatever the size of its steps.
      """)
  package var windowScale = WindowScale.none

  @Flag(help: "Read and predict logarithms; all values must be above 0.")
  package var log = false

  @Flag(inversion: .prefixedNo, help: "Standardize each series by its training part.")
  package var standardize = true

  @Option(
    """
    Learned gate between earlier values, to which the network's output is added: seasonal, between the last value and those a \
    season and seven seasons ago, as far as the window reaches; the distances in steps, 1,24,168; none; or auto, none or seasonal, \
    whichever has the lower validation loss after a training with each.
    """, default: "none; the season for anomalies")
  package var gate: GateChoice?

  @Flag(help: "Read features of the calendar: hour, weekday, day of the month and of the year, or month.")
  package var calendar = false

  package init() {}

  func check() throws {
    try requireUse(
      gate ?? .none == GateChoice.none || decoding != .recursive, "--gate",
      "recursive decoding reads what the network gives",
      remedy: "use another --decoding, or leave it out")
    try requireUse(
      loss != .negativeBinomial || !log, "--log", "counts have a logarithm of their own", remedy: "leave it out")
  }
}

/// The earlier values that a gate chooses among, on the command line.
package enum GateChoice: ExpressibleByArgument, Hashable, Sendable {
  case none, seasonal, auto
  case lags([Int])

  package static let allValueStrings = ["none", "seasonal", "auto", "LAGS"]

  package init?(argument: String) {
    switch argument {
    case "none": self = .none
    case "seasonal": self = .seasonal
    case "auto": self = .auto
    default:
      let lags = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
      guard lags.allSatisfy({ $0 > 0 }), Set(lags).count == lags.count else { return nil }
      self = .lags(lags)
    }
  }

  package var defaultValueDescription: String {
    switch self {
    case .none: "none"
    case .seasonal: "seasonal"
    case .auto: "auto"
    case .lags(let lags): lags.map(String.init).joined(separator: ",")
    }
  }
}

extension SeriesFormat.Shape: ExpressibleByArgument {}
extension SeriesFormat.Spacing: ExpressibleByArgument {}
extension ForecastDecoding: ExpressibleByArgument {}
extension WindowReference: ExpressibleByArgument {}
extension WindowScale: ExpressibleByArgument {}

extension TimeStep: ExpressibleByArgument {
  /// Examples, for help and errors.
  public static var allValueStrings: [String] {
    ["hour", "15 minutes", "day", "business day", "week", "month", "year"]
  }
  /// The step of a name.
  public init?(argument: String) { self.init(argument) }
  /// The name.
  public var defaultValueDescription: String { description }
}

extension SeriesSplit: ExpressibleByArgument {
  /// The forms, for help and errors.
  public static var allValueStrings: [String] {
    [
      "TRAINING,VALIDATION,TEST with fractions up to 1 or numbers of steps, one of them rest",
      "VALIDATION-DATE,TEST-DATE",
    ]
  }
  /// The parts of a text.
  public init?(argument: String) { self.init(argument) }
  /// The text.
  public var defaultValueDescription: String { description }
}

extension ForecastOutput: ExpressibleByArgument {
  /// The values on the command line.
  public static var allValueStrings: [String] {
    ["mae", "mse", "huber", "quantiles", "quantiles:LEVELS", "gaussian", "negative-binomial"]
  }
  /// The output of a text.
  public init?(argument: String) { self.init(argument) }
  /// The text.
  public var defaultValueDescription: String { description }
}
