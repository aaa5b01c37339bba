import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// The options of `recur train anomaly`.
package struct AnomalyOptions: ForecasterOptions {
  package typealias Stopping = ForecastOptions.Stopping

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

  /// The first 15 %, as in the Numenta Anomaly Benchmark.
  package static func usualSplit(validation fraction: Double) -> SeriesSplit {
    .fractions(0.15 * (1 - fraction), 0.15 * fraction, 0.85)
  }

  package static func usualHorizon(_ step: TimeStep?, season: Int) -> Int { season > 1 ? season : 96 }

  package static func usualWindow(season: Int, horizon: Int) -> Int { max(season, 96) }

  package func check(isPretrained: Bool) throws {
    try windows.check()
    guard detection.method == .autoencoder else { return }
    let reason = "an autoencoder predicts the window itself"
    for (option, isGiven) in [
      ("--horizon", windows.horizon != nil), ("--gate", windows.gate != .none), ("--calendar", windows.calendar),
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

extension AnomalyScoring: ExpressibleByArgument {}

extension AnomalyThreshold: ExpressibleByArgument {
  package static var allValueStrings: [String] { ["SCORE", "quantile:LEVEL", "moving:S"] }

  package init?(argument: String) { self.init(argument) }

  package var defaultValueDescription: String { description }
}
