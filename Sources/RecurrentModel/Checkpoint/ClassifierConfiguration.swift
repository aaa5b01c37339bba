import RecurrentCore

/// What a classifier is, without its weights.
public struct ClassifierConfiguration: ModelConfiguration {
  /// It gives a text a label.
  public static let task = ModelTask.classification

  /// The number of symbols.
  public var vocabularySize: Int
  /// How tokens become numbers, and what reads them.
  public var network: NetworkConfiguration
  /// How words' characters are read beside them, or nil.
  public var characters: CharacterConfiguration?
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
    case characters, pooling, labels, binary
    case dataFormat = "data"
    case vocabularySize = "vocabulary_size"
    case padding = "sequence"
  }

  /// Describes a model.
  public init(
    vocabularySize: Int, network: NetworkConfiguration, characters: CharacterConfiguration? = nil,
    pooling: Pooling = .last, labels: [String], isBinary: Bool = false, padding: SequencePadding,
    dataFormat: TableFormat? = nil
  ) {
    self.vocabularySize = vocabularySize
    self.network = network
    self.characters = characters
    self.pooling = pooling
    self.labels = labels
    self.isBinary = isBinary
    self.padding = padding
    self.dataFormat = dataFormat
  }

  /// The description of a model that is there. Characters are read by an LSTM in both directions, if at all.
  public init(of model: Classifier) {
    self.init(
      vocabularySize: model.vocabularySize,
      network: NetworkConfiguration(
        of: model.rnn, orOverWindow: model.hidden, encoding: model.encoding, dropout: model.dropout),
      characters: model.characters.map(CharacterConfiguration.init(of:)), pooling: model.pooling, labels: model.labels,
      isBinary: model.isBinary, padding: model.padding, dataFormat: model.dataFormat)
  }

  /// Reads `config.json`.
  /// - Throws: `DecodingError` or `RecurrentError.invalidModel` if a key is missing or has no such value.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    vocabularySize = try values.decode(Int.self, forKey: .vocabularySize)
    characters = try values.decodeIfPresent(CharacterConfiguration.self, forKey: .characters)
    pooling = try values.decode(Pooling.self, forKey: .pooling)
    labels = try values.decode([String].self, forKey: .labels)
    isBinary = try values.decode(Bool.self, forKey: .binary)
    padding = try values.decode(SequencePadding.self, forKey: .padding)
    dataFormat = try values.decodeIfPresent(TableFormat.self, forKey: .dataFormat)
    network = try NetworkConfiguration(from: decoder)
  }

  /// Writes `config.json`.
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    try ConfigurationHeading(Self.task).encode(to: encoder)
    try network.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(vocabularySize, forKey: .vocabularySize)
    try values.encodeIfPresent(characters, forKey: .characters)
    try values.encode(pooling, forKey: .pooling)
    try values.encode(labels, forKey: .labels)
    try values.encode(isBinary, forKey: .binary)
    try values.encode(padding, forKey: .padding)
    try values.encodeIfPresent(dataFormat, forKey: .dataFormat)
  }

  /// The sizes, by their keys, with their largest values.
  public var sizes: [(key: String, size: Int, limit: Int)] {
    [
      ("vocabulary_size", vocabularySize, NetworkConfiguration.Limit.vocabulary),
      ("labels", labels.count, NetworkConfiguration.Limit.labels),
      ("sequence.limit", padding.limit ?? 1, NetworkConfiguration.Limit.length),
    ] + network.sizes + (characters?.sizes ?? [])
  }

  /// One for its tokens, and one for their characters if it reads them.
  public var vocabularySizes: [VocabularyFile: Int] { .init(vocabularySize, characters?.vocabularySize) }

  /// A model of this description, its weights not yet drawn.
  /// - Throws: `RecurrentError.invalidModel` if the classes do not have different names, or a part does not fit.
  public func makeModel(initialization: RecurrentInitialization?) throws -> Classifier {
    try checkSizes()
    guard Set(labels).count == labels.count else {
      throw RecurrentError(.invalidModel, "labels has a name twice", remedy: "name each class once")
    }
    let encoding = network.encoding
    let encoder = try characters?.makeEncoder()
    let model: Classifier
    if let rnn = try network.makeLayers(
      inputSize: encoding.size(tokens: vocabularySize) + (encoder?.outputSize ?? 0), initialization: initialization)
    {
      model = try Classifier(
        vocabularySize: vocabularySize, encoding: encoding, characters: encoder, rnn: rnn, pooling: pooling,
        classes: labels.count,
        dropout: network.dropout, isBinary: isBinary)
    } else {
      guard encoder == nil else {
        throw RecurrentError(
          .invalidModel, "a layer over a window that reads characters",
          remedy: "leave characters out, or take another cell")
      }
      guard let window = padding.limit else {
        throw RecurrentError(
          .invalidModel, "a layer over a window without its length", remedy: "give sequence a limit")
      }
      model = try Classifier(
        vocabularySize: vocabularySize, encoding: encoding, window: window, hidden: network.hidden,
        classes: labels.count, dropout: network.dropout, isBinary: isBinary)
    }
    (model.labels, model.padding, model.dataFormat) = (labels, padding, dataFormat)
    return model
  }
}

extension Classifier: StoredModel {
  /// What its `config.json` says.
  public typealias Configuration = ClassifierConfiguration

  /// Those of its tokens and of their characters, where they are text.
  public var vocabularies: [VocabularyFile: Vocabulary] {
    get { .init(vocabulary, characterVocabulary) }
    set { (vocabulary, characterVocabulary) = (newValue[.tokens], newValue[.characters]) }
  }
}

extension Pooling: Codable {}
