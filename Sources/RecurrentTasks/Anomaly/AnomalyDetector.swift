import RecurrentCore
import RecurrentData
import RecurrentModel

/// Finds anomalies of series: steps whose values are not those that a forecast, or a sequence autoencoder, expects.
///
/// Parameters have the names of a PyTorch module with the members `forecaster`, `threshold`, `deviations`.
public final class AnomalyDetector: Module {
  /// The model of the usual course of the series.
  public let forecaster: Forecaster
  /// The threshold that training found, `[1]`, if it is a quantile of scores. Not trained.
  public let threshold: Parameter
  /// The root mean square of the errors of each target before the test part, `[C]`, in units of the scaled series. Not
  /// trained.
  public let deviations: Parameter
  /// How it finds anomalies; nil if it was not trained.
  package var detection: AnomalyDescription?

  /// A detector with a model of the usual course of series.
  public init(_ forecaster: Forecaster) {
    self.forecaster = forecaster
    threshold = Parameter([1], .constant(1))
    deviations = Parameter([forecaster.shape.channels], .constant(1))
    threshold.isFrozen = true
    deviations.isFrozen = true
  }

  /// What it knows of its detection.
  /// - Throws: `RecurrentError.invalidModel` if it was not trained.
  package func description() throws -> AnomalyDescription {
    guard let detection else {
      throw RecurrentError(
        .invalidModel, "the model has read no data", at: "AnomalyDetector",
        remedy: "train it, or load it from a folder")
    }
    return detection
  }

  /// The state before the first step of a series.
  func start() throws -> AnomalyState {
    try AnomalyState(
      description(), AnomalyCalibration(threshold: threshold.values()[0], deviations: deviations.values()))
  }

  /// Sets the threshold and the deviations of errors.
  /// - Parameters:
  ///   - expected: The expected values of the steps before the test part.
  ///   - ends: The first step of the test part of each series.
  func calibrate(_ series: PreparedSeries, _ expected: ExpectedValues, ends: [Int]) throws {
    let calibration = try AnomalyCalibration(description(), series, expected.values, ends: ends)
    try deviations.setValues(calibration.deviations)
    try threshold.setValues([calibration.threshold])
  }
}
