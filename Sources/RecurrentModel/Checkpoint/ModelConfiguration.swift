import RecurrentCore
import RecurrentData

/// The configuration of a model: the contents of `config.json`.
package protocol ModelConfiguration: Codable, Hashable, Sendable {
  /// The type of the model.
  associatedtype Model: StoredModel where Model.Configuration == Self

  /// The name of the model's task, the `task` of its `config.json`: `language-model`.
  static var task: String { get }
  /// The sizes by their keys, with their limits; the minimum is 1.
  var sizes: [(key: String, size: Int, limit: Int)] { get }

  /// The configuration of a model.
  init(of model: Model)
  /// A model with this configuration and uninitialized weights.
  /// - Parameter initialization: How the recurrent parameters start; nil for PyTorch's default.
  /// - Throws: `RecurrentError` if a size or an option is not usable.
  func makeModel(initialization: RecurrentInitialization?) throws -> Model
}

/// A model that can be saved in a model folder.
package protocol StoredModel: Module {
  /// The type of its `config.json`.
  associatedtype Configuration: ModelConfiguration where Configuration.Model == Self

  /// The files of its folder besides the weights and `config.json`.
  static var assets: [ModelAsset<Self>] { get }
}

/// The keys of `config.json` that determine the meaning of the others.
package struct ConfigurationHeading: Codable {
  var format = 1
  var task: String

  package init(_ task: String) { self.task = task }

  /// The name of the task, if the format is supported.
  /// - Throws: `RecurrentError.invalidModel` if the format is not of this version.
  func known() throws -> String {
    guard format == 1 else {
      throw RecurrentError(
        .invalidModel, "has format \(format) and task \(task.shown)", remedy: "use the version of recur that wrote it"
      )
    }
    return task
  }
}

extension ModelConfiguration {
  /// Reads `config.json`.
  /// - Throws: `RecurrentError` that names the key that is missing, unknown, of another type, there twice, or out of range;
  ///   of another version only the version, whatever else it has; of another task the task.
  package init(json bytes: [UInt8]) throws {
    let task = try JSON.decode(ConfigurationHeading.self, from: bytes).known()
    guard task == Self.task else {
      throw RecurrentError(
        .invalidModel, "describes a \(task.shown) model, not \(Self.task)", remedy: "load it as a model of that task")
    }
    self = try JSON.decode(from: bytes)
    try checkSizes()
  }

  /// - Throws: `RecurrentError.invalidModel` that names the first size out of range.
  package func checkSizes() throws {
    for (name, size, limit) in sizes where !(1...limit).contains(size) {
      throw RecurrentError(.invalidModel, "\(name) is \(size)", remedy: "use 1 to \(limit.grouped)")
    }
  }

  /// A model with this configuration and uninitialized weights, with PyTorch's initialization.
  /// - Throws: `RecurrentError` if a size or an option is not usable.
  package func makeModel() throws -> Model { try makeModel(initialization: nil) }
}
