import Recurrent

/// What a run says of an epoch, as JSON: on standard output, and in the history.
struct EpochEvent: Encodable {
  private let report: TrainingReport
  private let unit: String

  /// - Parameter unit: What the loss's weights count: `tokens`.
  init(_ report: TrainingReport, unit: String) {
    self.report = report
    self.unit = unit
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
  }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode("epoch", forKey: Key("event"))
    try values.encode(report.epoch, forKey: Key("epoch"))
    try values.encode(report.step, forKey: Key("step"))
    try values.encode(report.loss, forKey: Key("trainLoss"))
    try values.encodeIfPresent(report.validationLoss, forKey: Key("validationLoss"))
    for metric in report.metrics { try values.encode(metric.value, forKey: Key("validation_\(metric.name)")) }
    try values.encode(report.learningRate, forKey: Key("learningRate"))
    try values.encode(report.seconds, forKey: Key("seconds"))
    let rate = report.seconds > 0 ? report.items / report.seconds : 0
    try values.encode(rate, forKey: Key("\(unit)_per_second"))
  }
}

/// The last event of a run.
struct EndEvent: Encodable {
  let event: String, epochs: Int, steps: Int, trainLoss: Double?, validationLoss: Double?
  /// The epoch whose weights are the model's, where one was chosen.
  let bestEpoch: Int?
  let seconds: Double, device: String, parameters: Int, model: String
}
