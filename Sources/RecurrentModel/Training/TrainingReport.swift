/// What a run reports: after an epoch, and every so many steps if wanted.
public struct TrainingReport: Hashable, Sendable, CustomStringConvertible {
  /// What it is about.
  public enum Kind: Hashable, Sendable {
    /// The steps since the last report.
    case steps
    /// A whole epoch.
    case epoch
  }

  /// What it is about.
  public var kind: Kind
  /// The epoch, from 1.
  public var epoch: Int
  /// The batches of the epoch done.
  public var batch: Int
  /// The steps of the whole run done.
  public var step: Int
  /// The mean training loss over what it is about.
  public var loss: Double
  /// The mean loss over the validation data, after an epoch.
  public var validationLoss: Double?
  /// What else was measured on the validation data, after an epoch.
  public var metrics: [Metric] = []
  /// The learning rate of the last step that it is about.
  public var learningRate: Double
  /// The norm of the last step's gradients before clipping, where they are clipped by norm.
  public var gradientNorm: Float?
  /// Seconds that training took over what it is about, validation not counted; of a resumed epoch, since the resume.
  public var seconds: Double
  /// The targets, texts or rows in these seconds, whatever they weigh in the loss.
  public var items: Int

  /// Items a second; 0 where no time was measured.
  public var itemsPerSecond: Double { seconds > 0 ? Double(items) / seconds : 0 }

  /// One line.
  public var description: String {
    let validation = validationText
    let rate = itemsPerSecond > 0 ? ", \(itemsPerSecond.roundedDown.grouped)/s" : ""
    return "epoch \(epoch), step \(step): loss \(loss.text(4))\(validation)\(rate)"
  }

  /// What was measured on the validation data: `, validation 0.3412, accuracy 0.8731`.
  package var validationText: String {
    (validationLoss.map { ", validation \($0.text(4))" } ?? "")
      + metrics.map { ", \($0.name) \($0.value.text(4))" + ($0.unit.map { " " + $0 } ?? "") }.joined()
  }
}
