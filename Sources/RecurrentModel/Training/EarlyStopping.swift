import RecurrentCore

/// Selects the best epoch, and stops training after epochs without improvement.
///
/// A better epoch has a better value of one metric, in that metric's direction. Of equal values the one with the lower validation
/// loss is kept, but equal is no improvement to the patience, as in Keras.
public struct EarlyStopping: Sendable, Hashable {
  /// The metric: `loss`, the mean validation loss, where lower is better; or the name of one of the report's metrics,
  /// with its direction.
  public let metric: String
  /// The number of epochs without improvement after which training stops; nil for no limit.
  ///
  /// Epochs count only once the best value is meaningful: not while it is undefined (NaN), or still the 0 of a metric of
  /// which higher is better, as an entity F1 before the first entity is found.
  public let patience: Int?
  /// The best epoch so far, from 1; 0 before the first.
  public private(set) var bestEpoch = 0
  /// The metric of the best epoch.
  public private(set) var best = Double.nan
  /// The validation loss of the best epoch.
  private var bestLoss = Double.nan
  /// The number of epochs without improvement since then.
  public private(set) var epochsWithoutBetter = 0

  /// - Throws: `RecurrentError.invalidArgument` if the patience is below 1.
  public init(metric: String = "loss", patience: Int? = nil) throws {
    if let patience { try requirePositive([("patience", patience)], at: "EarlyStopping") }
    self.metric = metric
    self.patience = patience
  }

  /// Compares the report of an epoch with the best one.
  /// - Returns: Whether it is the best so far.
  /// - Throws: `RecurrentError.invalidArgument` if the report does not have the metric.
  public mutating func record(_ report: TrainingReport) throws -> Bool {
    let loss = report.validationLoss.map { Metric("loss", $0, higherIsBetter: false) }
    guard let measured = metric == "loss" ? loss : report.metrics.first(where: { $0.name == metric }) else {
      throw RecurrentError(
        .invalidArgument, "unknown metric \(metric)", at: "EarlyStopping",
        remedy: "use one of " + (["loss"] + report.metrics.map(\.name)).joined(separator: ", "))
    }
    let (value, validationLoss) = (measured.value, report.validationLoss ?? .nan)
    let isBetter = isBetter(measured)
    let isEqual = value == best || value.isNaN && best.isNaN
    if isBetter {
      epochsWithoutBetter = 0
    } else if !best.isNaN, best != 0 || !measured.higherIsBetter {
      epochsWithoutBetter += 1
    }
    guard isBetter || isEqual && validationLoss < bestLoss else { return false }
    (bestEpoch, best, bestLoss) = (report.epoch, value, validationLoss)
    return true
  }

  /// Whether the metric is better than the best. NaN is better than none, and worse than any number.
  private func isBetter(_ measured: Metric) -> Bool {
    let value = measured.value
    if bestEpoch == 0 { return true }
    if value.isNaN || best.isNaN { return best.isNaN && !value.isNaN }
    return measured.higherIsBetter ? value > best : value < best
  }

  /// Whether training should stop.
  public var isOver: Bool { patience.map { epochsWithoutBetter >= $0 } ?? false }

  /// Saves its state to a training state.
  public func save(to state: inout TrainingState) {
    state.integers["best.epoch"] = UInt64(bestEpoch)
    state.integers["best.value"] = best.bitPattern
    state.integers["best.loss"] = bestLoss.bitPattern
    state.integers["best.since"] = UInt64(epochsWithoutBetter)
  }

  /// Restores a saved state.
  /// - Throws: `RecurrentError.invalidModel` if it is missing.
  public mutating func restore(from state: TrainingState) throws {
    bestEpoch = try state.count("best.epoch")
    best = try Double(bitPattern: state.integer("best.value"))
    // Older checkpoints have neither: all epochs since the best one counted, and of equal values the first won.
    bestLoss = Double(bitPattern: state.integers["best.loss"] ?? Double.nan.bitPattern)
    epochsWithoutBetter =
      try state.integers["best.since"] == nil
      ? max(0, state.count("epoch") - bestEpoch) : state.count("best.since")
  }
}
