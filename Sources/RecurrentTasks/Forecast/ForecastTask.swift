import RecurrentCore
import RecurrentData
import RecurrentModel

/// The task of forecasting series.
package struct ForecastTask: Task {
  package typealias Evaluation = ForecastEvaluation
  package typealias Prediction = ForecastPrediction
  package typealias Flow = ForecastFlow

  package static let name = "forecast"
  package static let abstract = "Train a forecaster of time series."
  package static let discussion = """
    The data is a table (.csv, .tsv) with a time step in each row and a column for each variable; with --id, the rows of several series; \
    or a series in each row, as in M4; or a folder with a file per series. Files may be compressed with gzip (.gz). Missing values \
    and missing steps are found, and read as missing. The data is split in order of time: --split.
    """
  package static let noun = "forecaster"
  package static let usage = "recur predict"
  package static func usageInput(_ data: String) -> String { " --data \(data.shellQuoted)" }
  package static let predictions: String? = """
    CSV with the forecast after the last row: the time, and for each target the value and the bounds of its intervals. With --json, an \
    object per step. In a terminal, a chart on standard error.
    """
  package static let tensors = """
    the input contains `values` [N, window], scaled as in training; optionally `channels`, integers [N], `observed` [N, window], 0 where a \
    value is missing; and `past` [N, window, covariates] and `known` [N, window + horizon, covariates] of models with covariates. The \
    output contains `forecast` [N, horizon, outputs].
    """

  package let settings: TrainingSettings<ForecastOptions>
  package let model: Forecaster
  package let unit = "windows"
  package let stopping: EarlyStopping?
  package let notes: [String]

  private let plan: ForecastPlan<ForecastOptions>

  package init(
    _ settings: TrainingSettings<ForecastOptions>, _ origin: ModelOrigin<Forecaster>, say: (String) -> Void
  ) throws {
    plan = try ForecastPlan(settings, origin, say: say)
    model = plan.model
    if !origin.isResumed { model.series?.linear = plan.linear() }
    self.settings = try plan.settings.checked(plan.fingerprints)
    stopping = plan.validation == nil ? nil : try EarlyStopping(patience: settings.stopping.patience)
    notes = plan.notes
    Self.prepare(model, for: settings.options)
  }

  package static func prepare(_ model: Forecaster, for options: ForecastOptions) {}

  package var stepsPerEpoch: Int { plan.stepsPerEpoch }

  package func batches(epoch: Int) -> AnySequence<[ForecastWindow]> { plan.batches(epoch: epoch) }

  package func loss(of batch: [ForecastWindow], carrying: [RecurrentState], on tape: Tape) throws -> BatchLoss {
    try plan.loss(of: batch, on: tape)
  }

  package func validate(_ trainer: Trainer<Forecaster, [ForecastWindow]>) throws -> Validation {
    try plan.validate(trainer)
  }

  package static func run(_ model: Forecaster, _ input: InputTensors, on tape: Tape) throws -> [String: Tensor] {
    try model.run(input, on: tape)
  }
}
