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
  package static let predictions: String? = """
    CSV with the forecast after the last row: the time, and for each target the value and the bounds of its intervals. With --json, an \
    object per step. In a terminal, a chart on standard error.
    """
  package static let tensors = """
    the input contains `values` [N, window], scaled as in training, and optionally `channels`, integers [N]. The output contains \
    `forecast` [N, horizon, outputs].
    """

  package let settings: TrainingSettings<ForecastOptions>
  package let model: Forecaster
  package let unit = "windows"
  package let stopping: EarlyStopping?
  package let notes: [String]

  private let series: PreparedSeries
  private let training: ForecastWindows
  private let validation: (series: PreparedSeries, windows: ForecastWindows)?
  private let recorder = Recorder()

  /// What collects the predictions of a validation.
  private final class Recorder {
    var backtest: Backtest?
  }

  package init(
    _ settings: TrainingSettings<ForecastOptions>, _ origin: ModelOrigin<Forecaster>, say: (String) -> Void
  ) throws {
    let plan = try ForecastPlan(settings, origin, say: say)
    model = plan.model
    self.settings = try plan.settings.checked(plan.fingerprints)
    (series, training, validation) = (plan.series, plan.training, plan.validation)
    stopping = plan.validation == nil ? nil : try EarlyStopping(patience: settings.stopping.patience)
    notes = plan.notes
    Self.prepare(model, for: settings.options)
  }

  package static func prepare(_ model: Forecaster, for options: ForecastOptions) {}

  package var stepsPerEpoch: Int {
    settings.options.learning.stepsPerEpoch(training.all.count, batch: settings.training.batch)
  }

  package func batches(epoch: Int) -> AnySequence<[ForecastWindow]> {
    training.batches(
      of: settings.training.batch, seed: settings.training.seed, epoch: epoch,
      count: settings.options.learning.windowsPerEpoch)
  }

  package func loss(of batch: [ForecastWindow], carrying: [RecurrentState], on tape: Tape) throws -> BatchLoss {
    let isValidation = recorder.backtest != nil
    let source = isValidation ? validation?.series ?? series : series
    let rows = try source.rows(batch, model.shape, hasTargets: true, on: tape)
    let (loss, predictions) = try model.loss(of: rows)
    if isValidation { try recorder.backtest?.add(batch, predictions) }
    return BatchLoss(loss, weight: Double(rows.count), items: batch.count)
  }

  package func validate(_ trainer: Trainer<Forecaster, [ForecastWindow]>) throws -> Validation {
    guard let validation else { return .none }
    recorder.backtest = Backtest(validation.series, model.shape, model.output, collectsErrors: true)
    defer { recorder.backtest = nil }
    let batches = validation.windows.batches(of: settings.training.batch)
    guard case .measured(let loss, _) = try trainer.validate(over: batches), let backtest = recorder.backtest else {
      return .stopped
    }
    try model.intervals.setValues(backtest.samples.quantiles())
    return .measured(loss: loss, metrics: backtest.scaledMetrics)
  }

  package static func run(_ model: Forecaster, _ input: InputTensors, on tape: Tape) throws -> [String: Tensor] {
    try model.run(input, on: tape)
  }
}

extension Forecaster {
  /// The loss of rows, and the predictions `[N, H, size]`.
  func loss(of rows: ForecastRows) throws -> (loss: Tensor, predictions: Tensor) {
    guard var targets = rows.targets else { preconditionFailure("a loss without targets") }
    let (predictions, window) = try predicted(rows.inputs)
    if output == .negativeBinomial, let scales = rows.inputs.scales {
      // Counts: the inverse of the transform that the network reads.
      targets = try (targets * scales.columns(1..<2) + scales.columns(0..<1)).exp() - 1
    }
    // An error counts in units of its window, so that a quiet window counts as much as another.
    let factor = try output.isInUnitsOfTargets ? window.scale.map { try 1 / $0 } : nil
    let scaled = try factor.map { try predictions * $0.reshaped([rows.inputs.rows, 1, 1]) } ?? predictions
    let goals = try factor.map { try targets * $0 } ?? targets
    return (try output.loss(scaled, goals, observed: rows.observed, count: rows.count), predictions)
  }

  fileprivate func run(_ input: InputTensors, on tape: Tape) throws -> [String: Tensor] {
    [:]
  }
}
