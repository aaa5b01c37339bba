/// A report of a run, after each epoch, and every `reportEvery` steps if requested.
public struct TrainingReport: Hashable, Sendable, CustomStringConvertible {
  /// The range that it covers.
  public enum Kind: Hashable, Sendable {
    /// The steps since the last report.
    case steps
    /// A whole epoch.
    case epoch
  }

  /// The range that it covers.
  public var kind: Kind
  /// The epoch, from 1.
  public var epoch: Int
  /// The number of completed batches of the epoch.
  public var batch: Int
  /// The number of completed steps of the run.
  public var step: Int
  /// The mean training loss over its range.
  public var loss: Double
  /// The mean loss over the validation data, after an epoch.
  public var validationLoss: Double?
  /// Other metrics of the validation data, after an epoch.
  public var metrics: [Metric] = []
  /// The learning rate of its last step.
  public var learningRate: Double
  /// The global gradient norm of the last step before clipping; nil without clipping by norm.
  public var gradientNorm: Float?
  /// The training time of its range in seconds, without validation; for a resumed epoch, since the resume.
  public var seconds: Double
  /// The number of targets, texts or rows in this time, independent of their weights.
  public var items: Int

  /// Items per second; 0 if no time was measured.
  public var itemsPerSecond: Double { seconds > 0 ? Double(items) / seconds : 0 }

  /// The report in one line.
  public var description: String {
    let validation = validationText
    let rate = itemsPerSecond > 0 ? ", \(itemsPerSecond.roundedDown.grouped)/s" : ""
    return "epoch \(epoch), step \(step): loss \(loss.text(4))\(validation)\(rate)"
  }

  /// The results on the validation data: `, validation loss 0.3412, accuracy 0.8731`.
  package var validationText: String {
    (validationLoss.map { ", validation loss \($0.text(4))" } ?? "")
      + metrics.map { ", \(Metric.shown($0.name)) \($0.value.text(4))" + ($0.unit.map { " " + $0 } ?? "") }.joined()
  }
}
