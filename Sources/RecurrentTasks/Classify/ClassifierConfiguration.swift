import RecurrentCore
import RecurrentModel

/// What a classifier is, without its weights.
public struct ClassifierConfiguration: ModelConfiguration {
  /// It gives a text a label.
  public static let task = "classification"

  /// The part that reads texts.
  public var encoder: EncoderConfiguration
  /// How the states of a sequence become one vector.
  public var pooling: Pooling
  /// The names of the classes, in the order of the logits.
  public var labels: [String]
  /// Whether one logit decides between two classes.
  public var isBinary: Bool
  /// How texts are cut and filled.
  public var padding: SequencePadding
  /// How the table was stored that it was trained on; nil if it was no table.
  public var dataFormat: TableFormat?

  private enum CodingKeys: String, CodingKey {
    case pooling, labels, binary
    case dataFormat = "data"
    case padding = "sequence"
  }

  /// Describes a model.
  public init(
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

  /// The description of a model.
  public init(of model: Classifier) {
    encoder = EncoderConfiguration(of: model.encoder, dropout: model.dropout)
    (pooling, labels, isBinary) = (model.pooling, model.labels, model.isBinary)
    (padding, dataFormat) = (model.padding, model.dataFormat)
  }

  /// Reads `config.json`.
  /// - Throws: `DecodingError` or `RecurrentError.invalidModel` if a key is missing or has no such value.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    pooling = try values.decode(Pooling.self, forKey: .pooling)
    labels = try values.decode([String].self, forKey: .labels)
    isBinary = try values.decode(Bool.self, forKey: .binary)
    padding = try values.decode(SequencePadding.self, forKey: .padding)
    dataFormat = try values.decodeIfPresent(TableFormat.self, forKey: .dataFormat)
    encoder = try EncoderConfiguration(from: decoder)
  }

  /// Writes `config.json`.
  /// - Throws: What the encoder throws.
  public func encode(to coder: any Encoder) throws {
    try ConfigurationHeading(Self.task).encode(to: coder)
    try encoder.encode(to: coder)
    var values = coder.container(keyedBy: CodingKeys.self)
    try values.encode(pooling, forKey: .pooling)
    try values.encode(labels, forKey: .labels)
    try values.encode(isBinary, forKey: .binary)
    try values.encode(padding, forKey: .padding)
    try values.encodeIfPresent(dataFormat, forKey: .dataFormat)
  }

  /// The sizes, by their keys, with their largest values.
  public var sizes: [(key: String, size: Int, limit: Int)] {
    [
      ("labels", labels.count, NetworkConfiguration.Limit.labels),
      ("sequence.limit", padding.limit ?? 1, NetworkConfiguration.Limit.length),
    ] + encoder.sizes
  }

  /// A model of this description, its weights not yet drawn.
  /// - Throws: `RecurrentError.invalidModel` if the classes do not have different names, or a part does not fit.
  public func makeModel(initialization: RecurrentInitialization?) throws -> Classifier {
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
    // A layer over a window has nothing to pool.
    let model = try Classifier(
      encoder: encoder, pooling: encoder.rnn == nil ? .last : pooling, classes: labels.count, dropout: encoder.dropout,
      isBinary: isBinary)
    (model.labels, model.padding, model.dataFormat) = (labels, padding, dataFormat)
    return model
  }
}

extension Classifier: StoredModel {
  /// What its `config.json` says.
  public typealias Configuration = ClassifierConfiguration

  /// Its vocabularies, of the tokens and of their characters.
  public static var assets: [ModelAsset<Classifier>] {
    [
      .vocabulary(\.vocabulary) { $0.encoder.vocabularySize },
      .vocabulary(\.characterVocabulary, file: "characters.json") { $0.encoder.characters?.vocabularySize },
    ]
  }
}

extension Pooling: Codable {}
