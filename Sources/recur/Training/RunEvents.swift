import Recurrent
import RecurrentTasks

/// The JSON object of an epoch, on standard output and in the history.
struct EpochEvent: Encodable {
  private let report: TrainingReport
  private let unit: String

  /// - Parameter unit: The unit of the loss's weights: `tokens`.
  init(_ report: TrainingReport, unit: String) {
    self.report = report
    self.unit = unit
  }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: NamedKey.self)
    try values.encode("epoch", forKey: NamedKey("event"))
    try values.encode(report.epoch, forKey: NamedKey("epoch"))
    try values.encode(report.step, forKey: NamedKey("step"))
    try values.encode(report.loss, forKey: NamedKey("trainLoss"))
    try values.encodeIfPresent(report.validationLoss, forKey: NamedKey("validationLoss"))
    for metric in report.metrics { try values.encode(metric.value, forKey: NamedKey("validation_\(metric.name)")) }
    try values.encode(report.learningRate, forKey: NamedKey("learningRate"))
    try values.encode(report.seconds, forKey: NamedKey("seconds"))
    try values.encode(report.itemsPerSecond, forKey: NamedKey("\(unit)_per_second"))
  }
}

/// The last event of a run.
struct EndEvent: Encodable {
  let event: String, epochs: Int, steps: Int, trainLoss: Double?, validationLoss: Double?
  /// The epoch of the model's weights; nil without early stopping.
  let bestEpoch: Int?
  let seconds: Double, device: String, parameters: Int, model: String
}
