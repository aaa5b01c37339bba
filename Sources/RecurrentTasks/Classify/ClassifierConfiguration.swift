import RecurrentCore
import RecurrentData
import RecurrentModel

/// The configuration of a classifier: `config.json`.
package struct ClassifierConfiguration: ModelConfiguration {
  /// The name of the task.
  package static let task = "classification"

  /// The configuration of the encoder.
  package var encoder: EncoderConfiguration
  /// The pooling of the states of a sequence to one vector.
  package var pooling: Pooling
  /// The label names, in the order of the logits.
  package var labels: [String]
  /// Whether one logit separates two classes.
  package var isBinary: Bool
  /// The truncation and padding of texts.
  package var padding: SequencePadding
  /// The format of the training data's table; nil if it was not a table.
  package var dataFormat: TableFormat?

  private enum CodingKeys: String, CodingKey {
    case pooling, labels, binary
    case dataFormat = "data"
    case padding = "sequence"
  }

  /// A configuration with these values.
  package init(
    vocabularySize: Int, network: NetworkConfiguration, characters: CharacterConfiguration? = nil,
    pooling: Pooling = .last, labels: [String], isBinary: Bool = false, padding: SequencePadding,
    dataFormat: TableFormat? = nil
  ) {
    encoder = EncoderConfiguration(vocabularySize: vocabularySize, network: network, characters: characters)
    self.pooling = pooling
    self.labels = labels
    self.isBinary = isBinary
    self.padding = padding
    self.dataFormat = dataFormat
  }

  /// The configuration of a model.
  package init(of model: Classifier) {
    encoder = EncoderConfiguration(of: model.encoder, dropout: model.dropout)
    (pooling, labels, isBinary) = (model.pooling, model.labels, model.isBinary)
    (padding, dataFormat) = (model.padding, model.dataFormat)
  }

  /// Reads `config.json`.
  /// - Throws: `DecodingError` or `RecurrentError.invalidModel` if a key is missing or has no such value.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    pooling = try values.decode(Pooling.self, forKey: .pooling)
    labels = try values.decode([String].self, forKey: .labels)
    isBinary = try values.decode(Bool.self, forKey: .binary)
    padding = try values.decode(SequencePadding.self, forKey: .padding)
    dataFormat = try values.decodeIfPresent(TableFormat.self, forKey: .dataFormat)
    encoder = try EncoderConfiguration(from: decoder)
  }

  /// Writes `config.json`.
  /// - Throws: Errors of the encoder.
  package func encode(to coder: any Encoder) throws {
    try ConfigurationHeading(Self.task).encode(to: coder)
    try encoder.encode(to: coder)
    var values = coder.container(keyedBy: CodingKeys.self)
    try values.encode(pooling, forKey: .pooling)
    try values.encode(labels, forKey: .labels)
    try values.encode(isBinary, forKey: .binary)
    try values.encode(padding, forKey: .padding)
    try values.encodeIfPresent(dataFormat, forKey: .dataFormat)
  }

  /// The sizes by their keys, with their limits.
  package var sizes: [(key: String, size: Int, limit: Int)] {
    [
      ("labels", labels.count, NetworkConfiguration.Limit.labels),
      ("sequence.limit", padding.limit ?? 1, NetworkConfiguration.Limit.length),
    ] + encoder.sizes
  }

  /// A model with this configuration and uninitialized weights.
  /// - Throws: `RecurrentError.invalidModel` if the classes do not have different names, or a part does not fit.
  package func makeModel(initialization: RecurrentInitialization?) throws -> Classifier {
    try checkSizes()
    guard Set(labels).count == labels.count else {
      throw RecurrentError(.invalidModel, "labels contains a name twice", remedy: "name each class once")
    }
    let encoder = try encoder.makeEncoder(initialization, at: "Classifier") { hidden in
      guard self.encoder.characters == nil else {
        throw RecurrentError(
          .invalidModel, "a feed-forward layer with character features",
          remedy: "leave out the characters, or use a recurrent cell")
      }
      guard let window = padding.limit else {
        throw RecurrentError(
          .invalidModel, "a feed-forward layer without a length", remedy: "set the limit of sequence")
      }
      return .whole(window: window, hidden: hidden)
    }
    // A feed-forward layer has nothing to pool.
    let model = try Classifier(
      encoder: encoder, pooling: encoder.rnn == nil ? .last : pooling, classes: labels.count, dropout: encoder.dropout,
      isBinary: isBinary)
    (model.labels, model.padding, model.dataFormat) = (labels, padding, dataFormat)
    return model
  }
}

extension Classifier: StoredModel {
  /// The type of its `config.json`.
  package typealias Configuration = ClassifierConfiguration

  /// The vocabularies of the tokens and of their characters.
  package static var assets: [ModelAsset<Classifier>] {
    [
      .vocabulary(\.vocabulary) { $0.encoder.vocabularySize },
      .vocabulary(\.characterVocabulary, file: "characters.json") { $0.encoder.characters?.vocabularySize },
    ]
  }

  /// Reads a model folder, which `save` or `recur train` wrote, and places the model on a device.
  /// - Throws: `RecurrentError.invalidModel` if a part is missing or damaged.
  public static func load(fromFolder folder: String, device: Device) throws -> Classifier {
    try ModelFolder(folder).load(Classifier.self, on: device)
  }

  /// Writes a model folder: configuration, vocabularies, and weights with PyTorch's names.
  /// - Throws: `RecurrentError` if a file cannot be written, a run is active in the folder, or a vocabulary is missing.
  public func save(toFolder folder: String) throws { try ModelFolder(folder).save(self) }
}

extension Pooling: Codable {}
