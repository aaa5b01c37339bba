import RecurrentCore

/// Tells which epoch's model is the best so far, and when it is no longer worth going on.
public struct EarlyStopping: Sendable, Hashable {
  /// What is compared: `loss`, the mean over the validation data, of which less is better; or the name of a metric, of which
  /// more is.
  public let metric: String
  /// How many epochs may follow the best one without a better one; nil for any number.
  public let patience: Int?
  /// The best epoch so far, from 1; 0 before the first.
  public private(set) var bestEpoch = 0
  /// Its measure.
  public private(set) var best = Double.nan

  /// - Throws: `RecurrentError.invalidArgument` if the patience is below 1.
  public init(metric: String = "loss", patience: Int? = nil) throws {
    if let patience { try requirePositive([("patience", patience)], at: "EarlyStopping") }
    self.metric = metric
    self.patience = patience
  }

  /// Looks at an epoch's report.
  /// - Returns: Whether it is the best so far.
  /// - Throws: `RecurrentError.invalidArgument` if the report does not have the metric.
  public mutating func record(_ report: TrainingReport) throws -> Bool {
    let value = metric == "loss" ? report.validationLoss : report.metrics.first { $0.name == metric }?.value
    guard let value else {
      throw RecurrentError(
        .invalidArgument, "nothing measures \(metric)", at: "EarlyStopping",
        remedy: "take one of " + (["loss"] + report.metrics.map(\.name)).joined(separator: ", "))
    }
    // A measure that is not a number is better than none, and worse than any.
    let isBetter = bestEpoch == 0 || best.isNaN || (metric == "loss" ? value < best : value > best)
    if isBetter { (bestEpoch, best) = (report.epoch, value) }
    return isBetter
  }

  /// Whether the best epoch is too long ago.
  /// - Parameter epoch: The epochs done.
  public func isOver(after epoch: Int) -> Bool { patience.map { epoch - bestEpoch >= $0 } ?? false }

  /// Adds what it knows to a state that is saved.
  public func save(to state: inout TrainingState) {
    state.integers["best.epoch"] = UInt64(bestEpoch)
    state.integers["best.value"] = best.bitPattern
  }

  /// Goes on from a state that was saved.
  /// - Throws: `RecurrentError.invalidModel` if it is not there.
  public mutating func restore(from state: TrainingState) throws {
    bestEpoch = try state.count("best.epoch")
    best = try Double(bitPattern: state.integer("best.value"))
  }
}
