import RecurrentCore
import RecurrentModel

/// The configuration of a language model: `config.json`.
package struct LanguageModelConfiguration: ModelConfiguration {
  /// The name of the task.
  package static let task = "language-model"

  /// The vocabulary size.
  package var vocabularySize: Int
  /// The input encoding and the recurrent layers.
  package var network: NetworkConfiguration
  /// The dropout probability of the input of the recurrent layers.
  package var embeddingDropout: Float
  /// The dropout probability of the input of the output layer.
  package var headDropout: Float
  /// Whether the weight of the output layer is that of the embedding.
  package var isTied: Bool

  private enum CodingKeys: String, CodingKey {
    case vocabularySize = "vocabulary_size"
    case embeddingDropout = "embedding_dropout"
    case headDropout = "head_dropout"
    case tied
  }

  /// A configuration with these values.
  package init(
    vocabularySize: Int, network: NetworkConfiguration, embeddingDropout: Float = 0, headDropout: Float = 0,
    isTied: Bool = false
  ) {
    self.vocabularySize = vocabularySize
    self.network = network
    (self.embeddingDropout, self.headDropout, self.isTied) = (embeddingDropout, headDropout, isTied)
  }

  /// The configuration of a model.
  package init(of model: LanguageModel) {
    self.init(
      vocabularySize: model.vocabularySize, network: NetworkConfiguration(of: model.rnn, encoding: model.encoding),
      embeddingDropout: model.embeddingDropout, headDropout: model.headDropout, isTied: model.isTied)
  }

  /// Reads `config.json`.
  /// - Throws: `DecodingError` or `RecurrentError.invalidModel` if a key is missing or has no such value.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    vocabularySize = try values.decode(Int.self, forKey: .vocabularySize)
    embeddingDropout = try values.decodeIfPresent(Float.self, forKey: .embeddingDropout) ?? 0
    headDropout = try values.decodeIfPresent(Float.self, forKey: .headDropout) ?? 0
    isTied = try values.decodeIfPresent(Bool.self, forKey: .tied) ?? false
    network = try NetworkConfiguration(from: decoder)
  }

  /// Writes `config.json`.
  /// - Throws: Errors of the encoder.
  package func encode(to encoder: any Encoder) throws {
    try ConfigurationHeading(Self.task).encode(to: encoder)
    try network.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(vocabularySize, forKey: .vocabularySize)
    if embeddingDropout > 0 { try values.encode(embeddingDropout, forKey: .embeddingDropout) }
    if headDropout > 0 { try values.encode(headDropout, forKey: .headDropout) }
    if isTied { try values.encode(true, forKey: .tied) }
  }

  /// The sizes by their keys, with their limits.
  package var sizes: [(key: String, size: Int, limit: Int)] {
    [("vocabulary_size", vocabularySize, NetworkConfiguration.Limit.vocabulary)] + network.sizes
  }

  /// A model with this configuration and uninitialized weights.
  /// - Throws: `RecurrentError.invalidModel` if a size is out of its range, `.invalidArgument` if a part does not fit.
  package func makeModel(initialization: RecurrentInitialization?) throws -> LanguageModel {
    try checkSizes()
    let encoding = network.encoding
    let size = encoding.size(tokens: vocabularySize)
    guard let rnn = try network.recurrent.makeLayers(inputSize: size, initialization: initialization),
      !rnn.isBidirectional
    else {
      throw RecurrentError(
        .invalidModel, "a language model that is feed-forward or bidirectional", remedy: "use a forward recurrent layer"
      )
    }
    return try LanguageModel(
      vocabularySize: vocabularySize, encoding: encoding, rnn: rnn, embeddingDropout: embeddingDropout,
      headDropout: headDropout, isTied: isTied)
  }
}

extension LanguageModel: StoredModel {
  /// The type of its `config.json`.
  package typealias Configuration = LanguageModelConfiguration

  /// Its vocabulary.
  package static var assets: [ModelAsset<LanguageModel>] { [.vocabulary(\.vocabulary) { $0.vocabularySize }] }

  /// Reads a model folder, which `save` or `recur train` wrote, and places the model on a device.
  /// - Throws: `RecurrentError.invalidModel` if a part is missing or damaged.
  public static func load(fromFolder folder: String, device: Device) throws -> LanguageModel {
    try ModelFolder(folder).load(LanguageModel.self, on: device)
  }

  /// Writes a model folder: configuration, vocabulary, and weights with PyTorch's names.
  /// - Throws: `RecurrentError` if a file cannot be written, a run is active in the folder, or a vocabulary is missing.
  public func save(toFolder folder: String) throws { try ModelFolder(folder).save(self) }
}
