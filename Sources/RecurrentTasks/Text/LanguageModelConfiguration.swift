import RecurrentCore
import RecurrentModel

/// The configuration of a language model: `config.json`.
public struct LanguageModelConfiguration: ModelConfiguration {
  /// The name of the task.
  public static let task = "language-model"

  /// The vocabulary size.
  public var vocabularySize: Int
  /// The input encoding and the recurrent layers.
  public var network: NetworkConfiguration
  /// The dropout probability of the input of the recurrent layers.
  public var embeddingDropout: Float
  /// The dropout probability of the input of the output layer.
  public var headDropout: Float
  /// Whether the weight of the output layer is that of the embedding.
  public var isTied: Bool

  private enum CodingKeys: String, CodingKey {
    case vocabularySize = "vocabulary_size"
    case embeddingDropout = "embedding_dropout"
    case headDropout = "head_dropout"
    case tied
  }

  /// A configuration with these values.
  public init(
    vocabularySize: Int, network: NetworkConfiguration, embeddingDropout: Float = 0, headDropout: Float = 0,
    isTied: Bool = false
  ) {
    self.vocabularySize = vocabularySize
    self.network = network
    (self.embeddingDropout, self.headDropout, self.isTied) = (embeddingDropout, headDropout, isTied)
  }

  /// The configuration of a model.
  public init(of model: LanguageModel) {
    self.init(
      vocabularySize: model.vocabularySize, network: NetworkConfiguration(of: model.rnn, encoding: model.encoding),
      embeddingDropout: model.embeddingDropout, headDropout: model.headDropout, isTied: model.isTied)
  }

  /// Reads `config.json`.
  /// - Throws: `DecodingError` or `RecurrentError.invalidModel` if a key is missing or has no such value.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    vocabularySize = try values.decode(Int.self, forKey: .vocabularySize)
    embeddingDropout = try values.decodeIfPresent(Float.self, forKey: .embeddingDropout) ?? 0
    headDropout = try values.decodeIfPresent(Float.self, forKey: .headDropout) ?? 0
    isTied = try values.decodeIfPresent(Bool.self, forKey: .tied) ?? false
    network = try NetworkConfiguration(from: decoder)
  }

  /// Writes `config.json`.
  /// - Throws: Errors of the encoder.
  public func encode(to encoder: any Encoder) throws {
    try ConfigurationHeading(Self.task).encode(to: encoder)
    try network.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(vocabularySize, forKey: .vocabularySize)
    if embeddingDropout > 0 { try values.encode(embeddingDropout, forKey: .embeddingDropout) }
    if headDropout > 0 { try values.encode(headDropout, forKey: .headDropout) }
    if isTied { try values.encode(true, forKey: .tied) }
  }

  /// The sizes by their keys, with their limits.
  public var sizes: [(key: String, size: Int, limit: Int)] {
    [("vocabulary_size", vocabularySize, NetworkConfiguration.Limit.vocabulary)] + network.sizes
  }

  /// A model with this configuration and uninitialized weights.
  /// - Throws: `RecurrentError.invalidModel` if a size is out of its range, `.invalidArgument` if a part does not fit.
  public func makeModel(initialization: RecurrentInitialization?) throws -> LanguageModel {
    try checkSizes()
    let encoding = network.encoding
    let size = encoding.size(tokens: vocabularySize)
    guard let rnn = try network.makeLayers(inputSize: size, initialization: initialization), !rnn.isBidirectional else {
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
  public typealias Configuration = LanguageModelConfiguration

  /// Its vocabulary.
  public static var assets: [ModelAsset<LanguageModel>] { [.vocabulary(\.vocabulary) { $0.vocabularySize }] }
}
