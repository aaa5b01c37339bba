import RecurrentCore
import RecurrentData
import RecurrentModel

/// The configuration of a forecaster: `config.json`.
package struct ForecasterConfiguration: ModelConfiguration {
  /// The name of the task.
  package static let task = "forecaster"

  /// The recurrent layers.
  package var recurrent: RecurrentConfiguration
  /// The sizes, and what is read.
  package var shape: ForecasterShape
  /// What is predicted.
  package var output: ForecastOutput

  private enum CodingKeys: String, CodingKey { case shape, output }

  /// A configuration with these values.
  package init(_ shape: ForecasterShape, output: ForecastOutput, recurrent: RecurrentConfiguration) {
    (self.shape, self.output, self.recurrent) = (shape, output, recurrent)
  }

  /// The configuration of a model.
  package init(of model: Forecaster) {
    self.init(model.shape, output: model.output, recurrent: RecurrentConfiguration(of: model.rnn))
  }

  /// Reads `config.json`.
  /// - Throws: `DecodingError` or `RecurrentError.invalidModel` if a key is missing or has no such value.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    shape = try values.decode(ForecasterShape.self, forKey: .shape)
    output = try values.decode(ForecastOutput.self, forKey: .output)
    recurrent = try RecurrentConfiguration(from: decoder)
  }

  /// Writes `config.json`.
  /// - Throws: Errors of the encoder.
  package func encode(to encoder: any Encoder) throws {
    try ConfigurationHeading(Self.task).encode(to: encoder)
    try encodeParts(to: encoder)
  }

  /// Writes the keys that all models with a forecaster share.
  func encodeParts(to encoder: any Encoder) throws {
    try recurrent.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(shape, forKey: .shape)
    try values.encode(output, forKey: .output)
  }

  /// The limits of sizes.
  package enum Limit {
    /// The number of steps of a window or a horizon.
    package static let steps = 100_000
    /// The number of targets, covariates or categories.
    package static let columns = 100_000
    /// The number of values of a category.
    package static let values = 1_000_000
  }

  /// The sizes by their keys, with their limits.
  package var sizes: [(key: String, size: Int, limit: Int)] {
    let lists = [("categories", shape.categories), ("static_categories", shape.staticCategories)]
    return recurrent.sizes + [
      ("shape.window", shape.window, Limit.steps), ("shape.horizon", shape.horizon, Limit.steps),
      ("shape.segment", shape.segment, shape.window), ("shape.channels", shape.channels, Limit.columns),
      ("shape.past", shape.past + 1, Limit.columns), ("shape.known", shape.known + 1, Limit.columns),
    ] + lists.flatMap { key, counts in counts.map { ("shape.\(key)", $0, Limit.values) } }
  }

  /// A model with this configuration and uninitialized weights.
  /// - Throws: `RecurrentError.invalidModel` if a size is out of its range, `.invalidArgument` if a part does not fit.
  package func makeModel(initialization: RecurrentInitialization?) throws -> Forecaster {
    try checkSizes()
    guard let rnn = try recurrent.makeLayers(inputSize: recurrent.hidden, initialization: initialization) else {
      throw RecurrentError(.invalidModel, "a forecaster that is feed-forward", remedy: "use a recurrent layer")
    }
    return try Forecaster(shape, output: output, rnn: rnn)
  }
}

extension Forecaster: StoredModel {
  /// The type of its `config.json`.
  package typealias Configuration = ForecasterConfiguration

  /// What it needs to read data.
  package static var assets: [ModelAsset<Forecaster>] {
    [
      ModelAsset("series.json", "description of the series", \.series) { series, configuration in
        try series.check(configuration.shape)
      }
    ]
  }

  /// Reads a model folder, which `save` or `recur train` wrote, and places the model on a device.
  /// - Throws: `RecurrentError.invalidModel` if a part is missing or damaged.
  public static func load(fromFolder folder: String, device: Device) throws -> Forecaster {
    try ModelFolder(folder).load(Forecaster.self, on: device)
  }

  /// Writes a model folder: configuration, what it needs to read data, and weights with PyTorch's names.
  /// - Throws: `RecurrentError` if a file cannot be written, a run is active in the folder, or the model has read no data.
  public func save(toFolder folder: String) throws { try ModelFolder(folder).save(self) }
}

extension SeriesDescription {
  /// - Throws: `RecurrentError.invalidModel` if it does not fit a model.
  func check(_ shape: ForecasterShape) throws {
    let due = [shape.channels, shape.past, shape.known, shape.categories.count, shape.staticCategories.count]
    let given = [targets.count, past.count, knownCount, categories.count, staticCategories.count]
    guard given == due else {
      throw RecurrentError(.invalidModel, "has \(given) columns, but config.json gives \(due)")
    }
  }
}
