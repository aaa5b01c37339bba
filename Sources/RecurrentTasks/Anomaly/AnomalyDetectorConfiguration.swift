import RecurrentCore
import RecurrentData
import RecurrentModel

/// The configuration of an anomaly detector: `config.json`, with the keys of a forecaster's.
package struct AnomalyDetectorConfiguration: ModelConfiguration {
  /// The name of the task.
  package static let task = "anomaly-detector"

  /// The model of the usual course of the series.
  package var forecaster: ForecasterConfiguration

  /// The configuration of a model.
  package init(of model: AnomalyDetector) { forecaster = ForecasterConfiguration(of: model.forecaster) }

  /// Reads `config.json`.
  /// - Throws: `DecodingError` or `RecurrentError.invalidModel` if a key is missing or has no such value.
  package init(from decoder: any Decoder) throws { forecaster = try ForecasterConfiguration(from: decoder) }

  /// Writes `config.json`.
  /// - Throws: Errors of the encoder.
  package func encode(to encoder: any Encoder) throws {
    try ConfigurationHeading(Self.task).encode(to: encoder)
    try forecaster.encodeParts(to: encoder)
  }

  /// The sizes by their keys, with their limits.
  package var sizes: [(key: String, size: Int, limit: Int)] { forecaster.sizes }

  /// A model with this configuration and uninitialized weights.
  /// - Throws: `RecurrentError.invalidModel` if a size is out of its range, `.invalidArgument` if a part does not fit.
  package func makeModel(initialization: RecurrentInitialization?) throws -> AnomalyDetector {
    try AnomalyDetector(forecaster.makeModel(initialization: initialization))
  }
}

extension AnomalyDetector: StoredModel {
  /// The type of its `config.json`.
  package typealias Configuration = AnomalyDetectorConfiguration

  /// What it needs to read data, and to find anomalies.
  package static var assets: [ModelAsset<AnomalyDetector>] {
    [
      ModelAsset("series.json", "description of the series", \.forecaster.series) { series, configuration in
        try series.check(configuration.forecaster.shape)
      },
      ModelAsset("detector.json", "description of the detector", \.detection) { detection, _ in try detection.check() },
    ]
  }

  /// Reads a model folder, which `save` or `recur train` wrote, and places the model on a device.
  /// - Throws: `RecurrentError.invalidModel` if a part is missing or damaged.
  public static func load(fromFolder folder: String, device: Device) throws -> AnomalyDetector {
    try ModelFolder(folder).load(AnomalyDetector.self, on: device)
  }

  /// Writes a model folder: configuration, what it needs to read data and to find anomalies, and weights with PyTorch's names.
  /// - Throws: `RecurrentError` if a file cannot be written, a run is active in the folder, or the model has read no data.
  public func save(toFolder folder: String) throws { try ModelFolder(folder).save(self) }
}
