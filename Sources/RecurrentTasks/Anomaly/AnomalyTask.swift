import RecurrentCore
import RecurrentData
import RecurrentModel

/// The task of finding anomalies in series.
package struct AnomalyTask: Task {
  package typealias Evaluation = AnomalyEvaluation
  package typealias Prediction = AnomalyPrediction
  package typealias Flow = AnomalyFlow

  package static let name = "anomaly"
  package static let abstract = "Train a detector of anomalies in time series."
  package static let discussion = """
    The data is that of recur train forecast: a table with a time step in each row, or a folder with a file per series, which train one \
    model. Rows are read as steps in their order, whatever their times. The first part trains: --split; anomalies in it are learned as \
    usual.
    """
  package static let noun = "anomaly detector"
  package static let usage = "recur predict"
  package static func usageInput(_ data: String) -> String { " --data \(data.shellQuoted)" }
  package static let predictions: String? = """
    CSV with a row for each step: its time, the score, whether it belongs to an anomaly, and for each target the value and the expected \
    one. With --json, an object per step. In a terminal, a chart on standard error.
    """
  package static let tensors = ForecastTask.tensors

  package let settings: TrainingSettings<AnomalyOptions>
  package let model: AnomalyDetector
  package let unit = "windows"
  package let stopping: EarlyStopping?
  package let notes: [String]

  private let plan: ForecastPlan<AnomalyOptions>
  private let recorder = Recorder()

  /// What collects the expected values of a calibration.
  private final class Recorder {
    var expected: ExpectedValues?
  }

  package init(
    _ settings: TrainingSettings<AnomalyOptions>, _ origin: ModelOrigin<AnomalyDetector>, say: (String) -> Void
  ) throws {
    plan = try ForecastPlan(settings, origin.map(\.forecaster), say: say)
    model = origin.model ?? AnomalyDetector(plan.model)
    var settings = plan.settings
    let detection = settings.options.detection
    let suppression = detection.suppress ?? Self.usualSuppression(plan.parts)
    let threshold = detection.threshold ?? .usual(detection.scoring)
    (settings.options.detection.suppress, settings.options.detection.threshold) = (suppression, threshold)
    model.detection = AnomalyDescription(scoring: detection.scoring, threshold: threshold, suppression: suppression)
    self.settings = try settings.checked(plan.fingerprints)
    stopping = plan.validation == nil ? nil : try EarlyStopping(patience: settings.stopping.patience)
    notes = plan.notes
    Self.prepare(model, for: settings.options)
  }

  /// Half of the steps before the test part, of the median series.
  private static func usualSuppression(_ parts: SeriesParts) -> Int {
    let counts = parts.test.map(\.lowerBound).sorted()
    return counts.isEmpty ? 0 : counts[counts.count / 2] / 2
  }

  package static func prepare(_ model: AnomalyDetector, for options: AnomalyOptions) {}

  package var stepsPerEpoch: Int { plan.stepsPerEpoch }

  package func batches(epoch: Int) -> AnySequence<[ForecastWindow]> { plan.batches(epoch: epoch) }

  package func loss(of batch: [ForecastWindow], carrying: [RecurrentState], on tape: Tape) throws -> BatchLoss {
    guard recorder.expected != nil else { return try plan.loss(of: batch, on: tape) }
    let rows = try plan.series.rows(batch, plan.model.shape, hasTargets: true, on: tape)
    let (loss, predictions) = try plan.model.loss(of: rows)
    try recorder.expected?.add(batch, predictions)
    return BatchLoss(loss, weight: Double(rows.count), items: batch.count)
  }

  package func validate(_ trainer: Trainer<AnomalyDetector, [ForecastWindow]>) throws -> Validation {
    let validation = try plan.validate(trainer)
    if case .stopped = validation { return .stopped }
    return try calibrate(trainer) ? validation : .stopped
  }

  /// Sets the threshold and the deviations of errors by the steps before the test part.
  /// - Returns: Whether it was not stopped.
  private func calibrate(_ trainer: Trainer<AnomalyDetector, [ForecastWindow]>) throws -> Bool {
    let ends = plan.parts.test.map(\.lowerBound)
    let windows = ExpectedValues.windows(plan.series, plan.model.shape, ends: ends)
    guard model.detection?.isCalibrated == true, !windows.all.isEmpty else { return true }
    recorder.expected = ExpectedValues(plan.series, plan.model)
    defer { recorder.expected = nil }
    guard case .measured = try trainer.validate(over: windows.batches(of: settings.training.batch)) else {
      return false
    }
    if let expected = recorder.expected { try model.calibrate(plan.series, expected, ends: ends) }
    return true
  }

  package static func run(_ model: AnomalyDetector, _ input: InputTensors, on tape: Tape) throws -> [String: Tensor] {
    try model.forecaster.run(input, on: tape)
  }
}

extension AnomalyDescription {
  /// Whether the threshold or the scores follow from the steps before the test part.
  fileprivate var isCalibrated: Bool {
    if case .quantile = threshold { return true }
    return scoring == .error
  }
}

/// `recur inspect --gradient-flow` for detectors: that of the model of the usual course.
package struct AnomalyFlow: TaskFlow {
  package var loss: GradientFlow.Loss? { nil }

  package init() {}

  package func measure(_ model: AnomalyDetector, on path: String, tape: Tape, say: (String) -> Void) throws
    -> GradientFlow
  {
    try ForecastFlow().measure(model.forecaster, on: path, tape: tape, say: say)
  }
}
