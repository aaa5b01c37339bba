import RecurrentCore
import RecurrentData

/// A file of a model folder besides the weights and `config.json`: a vocabulary, a scaler.
package struct ModelAsset<Model: StoredModel> {
  /// The name of the file: `vocabulary.json`.
  package let file: String
  /// The name in errors: `vocabulary`.
  let name: String
  /// Whether a model with this configuration has it.
  let isPart: (Model.Configuration) -> Bool
  /// The value in a model.
  package let value: (Model) -> (any Encodable)?
  /// Reads the value from a file and sets it.
  let read: ([UInt8], Model, Model.Configuration) throws -> Void

  /// An asset.
  /// - Parameters:
  ///   - file: The name of its file.
  ///   - name: The name in errors.
  ///   - path: The property of the model.
  ///   - isPart: Whether a model of this description has it; nil for all models.
  ///   - check: Throws if a value does not fit the description.
  package init<Value: Codable>(
    _ file: String, _ name: String, _ path: ReferenceWritableKeyPath<Model, Value?>,
    isPart: ((Model.Configuration) -> Bool)? = nil, check: @escaping (Value, Model.Configuration) throws -> Void
  ) {
    (self.file, self.name, self.isPart) = (file, name, isPart ?? { _ in true })
    value = { $0[keyPath: path] }
    read = { bytes, model, configuration in
      let value: Value = try JSON.decode(from: bytes)
      try check(value, configuration)
      model[keyPath: path] = value
    }
  }

  /// A vocabulary asset.
  /// - Parameters:
  ///   - path: The property of the model.
  ///   - file: The name of its file.
  ///   - size: The number of symbols in a configuration; nil if such a model has no such vocabulary.
  package static func vocabulary(
    _ path: ReferenceWritableKeyPath<Model, Vocabulary?>, file: String = "vocabulary.json",
    size: @escaping (Model.Configuration) -> Int?
  ) -> ModelAsset {
    ModelAsset(file, "vocabulary", path, isPart: { size($0) != nil }) { vocabulary, configuration in
      guard let size = size(configuration), vocabulary.count != size else { return }
      throw RecurrentError(.invalidModel, "has \(vocabulary.count) symbols, but config.json gives \(size)")
    }
  }
}
