import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// The options of `recur train anomaly`.
package struct AnomalyOptions: ForecasterOptions {
  package typealias Stopping = LossPatienceOptions

  @OptionGroup(title: "Data") package var columns: SeriesColumnOptions
  @OptionGroup(title: "Data") package var table: TableOptions
  @OptionGroup(title: "Data") package var parts: Parts
  @OptionGroup(title: "Model") package var detection: DetectionOptions
  @OptionGroup(title: "Model") package var windows: WindowOptions
  @OptionGroup(title: "Model") package var network: NetworkOptions<ForecastCell>
  @OptionGroup(title: "Training") package var training: TrainingOptions<ForecastCell>
  @OptionGroup(title: "Training") package var learning: ForecastOptions.Learning

  package init() {}

  package static var describingModel: Set<String> { ForecastOptions.describingModel.union(["method"]) }

  package var split: SeriesSplit? { parts.split }
  package var reconstructs: Bool { detection.method == .autoencoder }
  package static let spacing = SeriesFormat.Spacing.rows
  package static let hasIntervals = false

  /// The first 15 %, as in the Numenta Anomaly Benchmark.
  package static func usualSplit(validation fraction: Double) -> SeriesSplit {
    .fractions(0.15 * (1 - fraction), 0.15 * fraction, 0.85)
  }

  /// A day: a forecast a day ahead has not seen the anomaly, and many series have a daily course.
  package static func usualSeason(_ data: SeriesData, training: Int) -> Int? {
    data.stepsPerDay.flatMap { isCovered($0, training) ? $0 : nil }
  }

  /// Whether a training part has windows of a season before another one; the first begin before the series.
  private static func isCovered(_ season: Int, _ training: Int) -> Bool { 3 * season <= 2 * training }

  package static func usualHorizon(_ data: SeriesData, season: Int, training: Int, validation: Int) -> Int {
    // A season is worth more than a validation.
    if season > 1, isCovered(season, training) { return season }
    return min(season > 1 ? season : 96, max(1, training / 4), validation > 0 ? validation : .max)
  }

  package static func usualWindow(_ data: SeriesData, season: Int, horizon: Int, training: Int) -> Int {
    season == data.stepsPerDay && horizon == season ? season : min(max(season, 96), training - horizon)
  }

  package static func usualGate(season: Int) -> GateChoice { season > 1 ? .lags([season]) : .none }

  package func check(isPretrained: Bool) throws {
    try windows.check()
    guard detection.method == .autoencoder else { return }
    let reason = "an autoencoder predicts the window itself"
    for (option, isGiven) in [
      ("--horizon", windows.horizon != nil), ("--gate", windows.gate ?? .none != GateChoice.none),
      ("--calendar", windows.calendar),
      ("--known", columns.known != nil), ("--category", columns.category != nil),
    ] {
      try requireUse(!isGiven, option, reason, remedy: "leave it out")
    }
  }

  /// The parts of the data.
  package struct Parts: ParsableArguments {
    @Option(
      help: """
        Chronological parts for training, validation and test: fractions (0.15,0.05,0.8), numbers of steps of which one may be rest \
        (600,150,rest), or the dates on which validation and test begin (2017-09-01,2018-01-01). (default: the first 15 % for \
        training, of which the last --validation-fraction for validation)
        """)
    package var split: SeriesSplit?

    package init() {}
  }
}

/// How anomalies are found.
package struct DetectionOptions: ParsableArguments {
  /// What is expected of a step.
  package enum Method: String, CaseIterable, ExpressibleByArgument {
    case forecast, autoencoder
  }

  @Option(
    help: """
      What a value is compared with: its forecast from as far as the horizon, or the last step of its window as an autoencoder \
      reconstructs it.
      """)
  package var method = Method.forecast

  @Option(
    help: """
      Score of a step: tail, by the largest errors and distances from the mean before it; likelihood, by the normal distribution of \
      the errors of the last steps; error, in units of the errors in training.
      """)
  package var scoring = AnomalyScoring.tail

  @Option(
    help: """
      Least score of an anomaly: a number, which with tail and likelihood is the negative decimal logarithm of a probability; \
      quantile:LEVEL of the scores before the test part; or moving:S, what scores before it exceed with a probability of 10^-S, for \
      series that drift. (default: 3 with tail, 5 with likelihood, quantile:0.999 with error)
      """)
  package var threshold: AnomalyThreshold?

  @Option(
    "Number of steps before an alarm whose scores it must exceed. (default: half of those before the test part)",
    .atLeast(0))
  package var suppress: Int?

  package init() {}
}

extension SeriesData {
  /// The steps of a day, of the series with the shortest step; nil without one that divides a day.
  fileprivate var stepsPerDay: Int? { series.compactMap { ($0.step ?? step)?.stepsPerDay }.max() }
}

extension AnomalyScoring: ExpressibleByArgument {}

extension AnomalyThreshold: ExpressibleByArgument {
  package static var allValueStrings: [String] { ["SCORE", "quantile:LEVEL", "moving:S"] }

  package init?(argument: String) { self.init(argument) }

  package var defaultValueDescription: String { description }
}
