import RecurrentCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A language model on the disk; `docs/model-format.md` describes the files.
///
/// Each file is replaced as a whole, so that a kill at any instant leaves the old one or the new one; but the history grows
/// line by line. `config.json`, which makes the folder a model's, is written last.
public struct ModelFolder: Sendable {
  /// The folder.
  public let path: String

  /// A folder that may or may not be there yet.
  public init(_ path: String) {
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  private var configurationPath: String { path + "/config.json" }
  private var weightsPath: String { path + "/model.safetensors" }
  private var vocabularyPath: String { path + "/vocabulary.json" }
  private var checkpointPath: String { path + "/training/state.safetensors" }
  private var historyPath: String { path + "/training/history.jsonl" }
  /// Where the timeline of a profiled run goes.
  public var profilePath: String { path + "/training/profile.json" }

  /// Whether there is a model in it, finished or in training.
  public var hasModel: Bool { Files.exists(configurationPath) }

  /// Whether there is a run to go on with.
  public var hasCheckpoint: Bool { Files.exists(checkpointPath) }

  // MARK: Reading

  /// What the model is.
  /// - Throws: `RecurrentError.invalidModel` if there is no model, or its configuration cannot be read.
  public func configuration() throws -> ModelConfiguration {
    guard hasModel else {
      try Files.requireKnown(configurationPath)
      throw RecurrentError(
        .invalidModel, Files.exists(path) ? "is not a model folder: it has no config.json" : "is not there", at: path,
        remedy: "name the folder that recur train wrote")
    }
    return try read(configurationPath)
  }

  /// The model's tokens.
  /// - Throws: `RecurrentError.invalidModel` if they cannot be read.
  public func vocabulary() throws -> Vocabulary { try read(vocabularyPath) }

  /// The model with its weights and its vocabulary.
  /// - Throws: `RecurrentError.invalidModel` if a part is missing or damaged, or the parts do not fit each other.
  public func load() throws -> LanguageModel {
    let model = try emptyModel()
    try placed(weightsPath) { try model.load(from: weightsPath) }
    return model
  }

  /// The model and its vocabulary, without weights: what a checkpoint's weights go into.
  /// - Throws: As `load`.
  public func emptyModel() throws -> LanguageModel {
    let configuration = try configuration()
    let vocabulary = try vocabulary()
    guard vocabulary.count == configuration.vocabularySize else {
      throw RecurrentError(
        .invalidModel, "has \(vocabulary.count) symbols where config.json says \(configuration.vocabularySize)",
        at: vocabularyPath, remedy: "restore the file that was saved with the model")
    }
    let model = try placed(configurationPath) { try configuration.makeModel() }
    model.vocabulary = vocabulary
    return model
  }

  /// The run at its last checkpoint.
  /// - Throws: `RecurrentError.invalidModel` if there is none or it is damaged.
  public func checkpoint() throws -> Checkpoint {
    guard hasCheckpoint else {
      throw RecurrentError(
        .invalidModel, "has no training to go on with", at: path, remedy: "start one without --resume")
    }
    return try placed(checkpointPath) { try Checkpoint(Safetensors(contentsOf: checkpointPath)) }
  }

  // MARK: Writing

  /// Writes a model: its weights, its vocabulary, and its configuration.
  /// - Throws: `RecurrentError` if the system refuses, or the model has no vocabulary.
  public func save(_ model: LanguageModel) throws {
    let vocabulary = try savedVocabulary(of: model)
    try Files.makeFolder(path)
    try saveWeights(model.stateDictionary())
    try write(vocabulary, to: vocabularyPath)
    try write(ModelConfiguration(of: model), to: configurationPath)
  }

  /// Makes the folder ready for a run, so that one that cannot be written is found before the training: makes what is
  /// missing, and removes what killed programs left beside the files that they were writing.
  /// - Throws: `RecurrentError.invalidData` if the system refuses.
  public func prepare() throws {
    let written = [checkpointPath, weightsPath, vocabularyPath, configurationPath, historyPath, profilePath]
    for folder in [path, path + "/training"] {
      try Files.makeFolder(folder)
      try Files.requireWritable(folder)
      try Files.removeLeftovers(of: written.compactMap { $0.split(separator: "/").last.map(String.init) }, in: folder)
    }
    if Files.exists(historyPath) { try Files.requireWritable(historyPath) }
    // A run that ended before its first save has no place in the history of the next.
    if !hasModel { try cutHistory(afterEpoch: 0) }
  }

  /// Takes back what `prepare` made, where nothing was saved since.
  public func removeIfEmpty() {
    for folder in [path + "/training", path] { Files.removeEmptyFolder(folder) }
  }

  /// Writes a model in training: the checkpoint first, since it is all that a resume reads, then the weights, then what
  /// does not change, if it is not there yet.
  /// - Throws: `RecurrentError` if the system refuses, or the model has no vocabulary.
  public func save(_ checkpoint: Checkpoint, of model: LanguageModel) throws {
    let vocabulary = try savedVocabulary(of: model)
    try Files.makeFolder(path + "/training")
    try checkpoint.safetensors.write(to: checkpointPath)
    try saveWeights(checkpoint.state.tensors(under: "model"))
    guard !hasModel else { return }
    try write(vocabulary, to: vocabularyPath)
    try write(ModelConfiguration(of: model), to: configurationPath)
  }

  private func savedVocabulary(of model: LanguageModel) throws -> Vocabulary {
    guard let vocabulary = model.vocabulary else {
      throw RecurrentError(
        .invalidModel, "the model has no vocabulary", at: path, remedy: "set the model's vocabulary, then save it")
    }
    return vocabulary
  }

  private func saveWeights(_ weights: StateDictionary) throws {
    try Safetensors(weights: weights).write(to: weightsPath)
  }

  // MARK: History

  /// Adds a line of JSON to the run's history.
  public func appendHistory(_ line: String) throws {
    try Files.makeFolder(path + "/training")
    try Files.append(Array((line + "\n").utf8), to: historyPath)
  }

  /// Drops what the history says of epochs after this one: a run goes on from there.
  public func cutHistory(afterEpoch epoch: Int) throws {
    struct Line: Decodable { let epoch: Int }
    guard Files.exists(historyPath) else { return }
    let kept = try Files.readText(historyPath).split(separator: "\n").filter { line in
      (try? JSONDecoder().decode(Line.self, from: Data(line.utf8))).map { $0.epoch <= epoch } ?? false
    }
    try Files.replace(historyPath, with: Array(kept.map { $0 + "\n" }.joined().utf8))
  }

  // MARK: JSON

  private func read<Value: Decodable>(_ path: String) throws -> Value {
    try placed(path) {
      let bytes = try Files.read(path)
      do {
        return try JSONDecoder().decode(Value.self, from: Data(bytes))
      } catch let error as DecodingError {
        throw RecurrentError(
          .invalidModel, "cannot be read: \(error.reason)", remedy: "restore the file that was saved with the model")
      }
    }
  }

  private func write(_ value: some Encodable, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try Files.replace(path, with: [UInt8](encoder.encode(value)) + [UInt8(ascii: "\n")])
  }

  /// Runs a part, and names the file in its errors.
  private func placed<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as RecurrentError {
      let isPlaced = error.place?.hasPrefix(self.path) ?? false
      let what = isPlaced || error.place == nil ? error.what : "\(error.place ?? ""): \(error.what)"
      throw RecurrentError(.invalidModel, what, at: isPlaced ? error.place : path, remedy: error.remedy)
    }
  }
}

extension DecodingError {
  /// What is wrong, in a few words.
  fileprivate var reason: String {
    switch self {
    case .keyNotFound(let key, _): "\(key.stringValue) is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      context.codingPath.map(\.stringValue).joined(separator: ".") + " is of another type"
    case .dataCorrupted(let context):
      context.codingPath.isEmpty
        ? "it is not JSON" : context.codingPath.map(\.stringValue).joined(separator: ".") + " has an unknown value"
    @unknown default: "it is damaged"
    }
  }
}
