import RecurrentCore
import RecurrentData

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A model folder; `docs/model-format.md` describes the files.
///
/// Each file is replaced as a whole, so that a kill at any instant leaves the old one or the new one; but the history grows
/// line by line. `config.json`, which makes the folder a model's, is written last. `TrainingFolder` writes it during a run, its
/// weights last.
package struct ModelFolder: Sendable {
  /// The path of the folder.
  package let path: String

  /// A folder, which need not exist yet.
  package init(_ path: String) {
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  private var configurationPath: String { path + "/config.json" }
  private var weightsPath: String { path + "/model.safetensors" }
  private func assetPath(_ file: String) -> String { "\(path)/\(file)" }
  /// The folder of a run's checkpoints.
  var trainingPath: String { path + "/training" }
  /// The file of a profiled run's timeline.
  package var profilePath: String { trainingPath + "/profile.json" }
  /// Whether a file name is one of a model folder, except for checkpoints.
  static func isPart(_ name: String) -> Bool {
    ["json", "jsonl"].contains(where: name.hasExtension) || name == "model.safetensors"
  }

  /// Whether it contains a model, finished or in training.
  package var hasModel: Bool { Files.exists(configurationPath) }
  /// Whether it contains weights; without a model, `config.json` is missing.
  package var hasWeights: Bool { Files.exists(weightsPath) }

  // MARK: Reading

  /// The name of the model's task.
  /// - Throws: `RecurrentError.invalidModel` if there is no model, or one of another version.
  package func taskName() throws -> String {
    let bytes = try configurationBytes()
    return try placed(configurationPath) { try JSON.decode(ConfigurationHeading.self, from: bytes).known() }
  }

  /// Reads the configuration of the model.
  /// - Throws: `RecurrentError.invalidModel` if there is no model, it does something else, or its configuration cannot be
  ///   read.
  package func configuration<Configuration: ModelConfiguration>(
    _: Configuration.Type
  ) throws -> Configuration {
    let bytes = try configurationBytes()
    return try placed(configurationPath) { try Configuration(json: bytes) }
  }

  private func configurationBytes() throws -> [UInt8] {
    guard hasModel else {
      try Files.requireKnown(configurationPath)
      throw RecurrentError(
        .invalidModel, Files.exists(path) ? "is not a model folder: it has no config.json" : "does not exist", at: path,
        remedy: "name a folder with a saved model")
    }
    return try placed(configurationPath) { try bytes(configurationPath, limit: .settings) }
  }

  /// Loads the model with its weights and assets.
  /// - Parameters:
  ///   - type: The sort of model: `LanguageModel.self`, `Classifier.self`, `Tagger.self`.
  ///   - requiresFinite: Whether weights that are NaN or infinite are refused: such a model is of no use, but can be looked at.
  /// - Throws: `RecurrentError.invalidModel` if a part is missing or damaged, or the parts do not fit each other.
  package func load<Model: StoredModel>(
    _ type: Model.Type, requiresFinite: Bool = true
  ) throws -> Model {
    let model = try emptyModel(Model.self)
    guard !Files.isMissing(weightsPath) || !Files.isFolder(trainingPath) else {
      // A run that was killed in its first save has them in its checkpoint.
      try model.load(checkpoint().state.weights)
      return model
    }
    try placed(weightsPath) {
      try Files.requireFile(weightsPath)
      let weights = try Safetensors(contentsOf: weightsPath).stateDictionary()
      if requiresFinite { try weights.requireFinite() }
      try model.load(weights)
    }
    return model
  }

  /// The model with its weights and assets, on a device.
  /// - Throws: As `load`; what `Module.move` throws.
  package func load<Model: StoredModel>(_ type: Model.Type, on device: Device) throws -> Model {
    let model = try load(type)
    try model.move(to: device)
    return model
  }

  /// Loads the model with its assets, without weights, for those of a checkpoint.
  /// - Throws: As `load`.
  package func emptyModel<Model: StoredModel>(_: Model.Type) throws -> Model {
    let configuration = try configuration(Model.Configuration.self)
    let model = try placed(configurationPath) { try configuration.makeModel() }
    for asset in Model.assets where asset.isPart(configuration) {
      let path = assetPath(asset.file)
      try placed(path) { try asset.read(bytes(path, limit: .list), model, configuration) }
    }
    return model
  }

  /// The newest intact checkpoint; see `TrainingFolder.checkpoint()`.
  /// - Throws: `RecurrentError.invalidModel` if there is none.
  package func checkpoint() throws -> Checkpoint { try TrainingFolder(self).checkpoint() }

  // MARK: Writing

  /// Saves a model: weights, assets and configuration.
  /// - Throws: `RecurrentError` if the system refuses, a run is active in the folder, or the model lacks an asset.
  package func save(_ model: some StoredModel) throws {
    _ = try description(of: model)
    try Files.makeFolder(path)
    let lock = Files.isFolder(trainingPath) ? try FolderLock(trainingPath, of: path) : nil
    try withExtendedLifetime(lock) {
      try saveWeights(model.stateDictionary())
      try saveDescription(of: model)
    }
  }

  /// Writes the files that do not change during training; last the configuration, which makes it a model folder.
  func saveDescription(of model: some StoredModel) throws {
    let (configuration, assets) = try description(of: model)
    for (file, value) in assets { try write(value, to: assetPath(file)) }
    try write(configuration, to: configurationPath)
  }

  private func description<Model: StoredModel>(
    of model: Model
  ) throws -> (Model.Configuration, [(file: String, value: any Encodable)]) {
    let configuration = Model.Configuration(of: model)
    let assets = try Model.assets.filter { $0.isPart(configuration) }.map { asset in
      guard let value = asset.value(model) else {
        throw RecurrentError(
          .invalidModel, "the model has no \(asset.name)", at: path,
          remedy: "set the model's \(asset.name), then save it")
      }
      return (asset.file, value)
    }
    return (configuration, assets)
  }

  func saveWeights(_ weights: StateDictionary) throws {
    try Safetensors(weights: weights).write(to: weightsPath)
  }

  // MARK: JSON

  /// Reads a file of the model.
  private func bytes(_ path: String, limit: Files.Limit) throws -> [UInt8] {
    try Files.requireFile(path)
    return try Files.read(path, limit: limit)
  }

  private func write(_ value: some Encodable, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try Files.replace(path, with: [UInt8](encoder.encode(value)) + [UInt8(ascii: "\n")])
  }

  /// Runs a body, and adds the file to its errors.
  func placed<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as RecurrentError {
      let isPlaced = error.location?.hasPrefix(self.path) ?? false
      let what = isPlaced || error.location == nil ? error.what : "\(error.location ?? ""): \(error.what)"
      // A machine without memory does not make a file bad.
      let kind = error.kind == .outOfMemory ? error.kind : .invalidModel
      throw RecurrentError(
        kind, what, at: isPlaced ? error.location : path,
        remedy: error.remedy ?? "restore the file that was saved with the model")
    }
  }
}
