import RecurrentCore

/// Reduces the learning rate when the validation loss stops improving, like Keras' `ReduceLROnPlateau` with a
/// `min_delta` of 0.
///
/// ```swift
/// if plateau.record(report.validationLoss ?? .nan) { trainer.optimizer.learningRate *= plateau.factor }
/// ```
public struct PlateauDecay: Sendable, Hashable {
  /// The number of epochs without a lower validation loss after which the rate is reduced, and reduced again.
  public let patience: Int
  /// The factor of each reduction.
  public let factor: Double
  private var best = Double.infinity
  private var epochsWithoutBetter = 0

  /// - Throws: `RecurrentError.invalidArgument` if the patience is below 1, or the factor is not between 0 and 1.
  public init(patience: Int = 1, factor: Double = 0.5) throws {
    try requirePositive([("patience", patience)], at: "PlateauDecay")
    guard factor > 0, factor < 1 else {
      throw RecurrentError(
        .invalidArgument, "the factor is \(factor)", at: "PlateauDecay", remedy: "use a value between 0 and 1")
    }
    (self.patience, self.factor) = (patience, factor)
  }

  /// Compares the validation loss of an epoch with the lowest so far, and returns whether to reduce the rate.
  /// - Returns: Whether the learning rate is to be lowered now.
  public mutating func record(_ loss: Double) -> Bool {
    if loss < best {
      (best, epochsWithoutBetter) = (loss, 0)
      return false
    }
    epochsWithoutBetter += 1
    guard epochsWithoutBetter >= patience else { return false }
    epochsWithoutBetter = 0
    return true
  }

  /// Saves its state to a training state.
  public func save(to state: inout TrainingState) {
    state.integers["plateau.best"] = best.bitPattern
    state.integers["plateau.since"] = UInt64(epochsWithoutBetter)
  }

  /// Restores a saved state.
  /// - Throws: `RecurrentError.invalidModel` if it is missing.
  public mutating func restore(from state: TrainingState) throws {
    best = try Double(bitPattern: state.integer("plateau.best"))
    epochsWithoutBetter = try state.count("plateau.since")
  }
}
