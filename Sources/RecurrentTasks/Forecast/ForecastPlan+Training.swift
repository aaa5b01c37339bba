import RecurrentCore
import RecurrentData
import RecurrentModel

/// The batches, the loss and the validation of a forecaster, alone or as a part of another model.
extension ForecastPlan {
  var stepsPerEpoch: Int {
    settings.options.learning.stepsPerEpoch(training.all.count, batch: settings.training.batch)
  }

  func batches(epoch: Int) -> AnySequence<[ForecastWindow]> {
    training.batches(
      of: settings.training.batch, seed: settings.training.seed, epoch: epoch,
      count: settings.options.learning.windowsPerEpoch)
  }

  func loss(of batch: [ForecastWindow], on tape: Tape) throws -> BatchLoss {
    let isValidation = recorder.backtest != nil
    let source = isValidation ? validation?.series ?? series : series
    let rows = try source.rows(batch, model.shape, hasTargets: true, on: tape)
    let (loss, predictions) = try model.loss(of: rows)
    if isValidation { try recorder.backtest?.add(batch, predictions) }
    return BatchLoss(loss, weight: Double(rows.count), items: batch.count)
  }

  /// The loss and the metrics on the validation data; sets the prediction intervals.
  func validate<Model: Module>(_ trainer: Trainer<Model, [ForecastWindow]>) throws -> Validation {
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
}
