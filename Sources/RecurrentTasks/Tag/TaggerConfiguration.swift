import RecurrentCore
import RecurrentData
import RecurrentModel

/// The configuration of a tagger: `config.json`.
package struct TaggerConfiguration: ModelConfiguration {
  /// The name of the task.
  package static let task = "tagging"

  /// The configuration of the encoder.
  package var encoder: EncoderConfiguration
  /// The tag names, in the order of the logits.
  package var tags: [String]
  /// The tagging scheme; nil if the tags mark no entities.
  package var scheme: EntityScheme?
  /// Whether a CRF scores the tags of a sentence jointly.
  package var hasCRF: Bool
  /// The number of words on either side of a feed-forward layer's window; nil for recurrent layers.
  package var window: Int?
  /// The format of the training data; nil if unknown.
  package var dataFormat: TaggedFormat?

  private enum CodingKeys: String, CodingKey {
    case tags, scheme, crf, window
    case dataFormat = "data"
  }

  /// A configuration with these values.
  package init(
    vocabularySize: Int, network: NetworkConfiguration, characters: CharacterConfiguration? = nil, tags: [String],
    scheme: EntityScheme? = nil, hasCRF: Bool = false, window: Int? = nil, dataFormat: TaggedFormat? = nil
  ) {
    encoder = EncoderConfiguration(vocabularySize: vocabularySize, network: network, characters: characters)
    self.tags = tags
    self.scheme = scheme
    self.hasCRF = hasCRF
    self.window = window
    self.dataFormat = dataFormat
  }

  /// The configuration of a model.
  package init(of model: Tagger) {
    encoder = EncoderConfiguration(of: model.encoder, dropout: model.dropout)
    (tags, scheme, hasCRF) = (model.labels, model.scheme, model.crf != nil)
    (window, dataFormat) = (model.window, model.dataFormat)
  }

  /// Reads `config.json`.
  /// - Throws: `DecodingError` or `RecurrentError.invalidModel` if a key is missing or has no such value.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    tags = try values.decode([String].self, forKey: .tags)
    scheme = try values.decodeIfPresent(EntityScheme.self, forKey: .scheme) ?? Self.formerScheme(of: tags)
    hasCRF = try values.decode(Bool.self, forKey: .crf)
    window = try values.decodeIfPresent(Int.self, forKey: .window)
    dataFormat = try values.decodeIfPresent(TaggedFormat.self, forKey: .dataFormat)
    encoder = try EncoderConfiguration(from: decoder)
  }

  /// The scheme of models without the key `scheme`: their tags mark entities if all are `O`, `B-`, `I-` or `E-`.
  private static func formerScheme(of tags: [String]) -> EntityScheme? {
    guard tags.allSatisfy({ "OBIE".contains($0.prefix(1)) }) else { return nil }
    return EntityScheme(of: tags.map { [$0] })
  }

  /// Writes `config.json`.
  /// - Throws: Errors of the encoder.
  package func encode(to coder: any Encoder) throws {
    try ConfigurationHeading(Self.task).encode(to: coder)
    try encoder.encode(to: coder)
    var values = coder.container(keyedBy: CodingKeys.self)
    try values.encode(tags, forKey: .tags)
    try values.encodeIfPresent(scheme, forKey: .scheme)
    try values.encode(hasCRF, forKey: .crf)
    try values.encodeIfPresent(window, forKey: .window)
    try values.encodeIfPresent(dataFormat, forKey: .dataFormat)
  }

  /// The sizes by their keys, with their limits.
  package var sizes: [(key: String, size: Int, limit: Int)] {
    [("tags", tags.count, NetworkConfiguration.Limit.labels)] + encoder.sizes
  }

  /// A model with this configuration and uninitialized weights.
  /// - Throws: `RecurrentError.invalidModel` if the tags do not have different names, or a part does not fit.
  package func makeModel(initialization: RecurrentInitialization?) throws -> Tagger {
    try checkSizes()
    guard Set(tags).count == tags.count else {
      throw RecurrentError(.invalidModel, "tags contains a name twice", remedy: "name each tag once")
    }
    let encoder = try encoder.makeEncoder(initialization, at: "Tagger") { hidden in
      guard let window, (0...NetworkConfiguration.Limit.window).contains(window) else {
        throw RecurrentError(
          .invalidModel,
          "a feed-forward layer with a window of \(window.map(String.init) ?? "no") words on either side",
          remedy: "give a window of 0 to \(NetworkConfiguration.Limit.window.grouped)")
      }
      return .neighbours(window: window, hidden: hidden)
    }
    let model = try Tagger(encoder: encoder, tags: tags.count, dropout: encoder.dropout, hasCRF: hasCRF)
    model.labels = tags
    // Setting the labels sets the scheme.
    (model.scheme, model.dataFormat) = (scheme, dataFormat)
    return model
  }
}

extension Tagger: StoredModel {
  /// The type of its `config.json`.
  package typealias Configuration = TaggerConfiguration

  /// The vocabularies of the tokens and of their characters.
  package static var assets: [ModelAsset<Tagger>] {
    [
      .vocabulary(\.vocabulary) { $0.encoder.vocabularySize },
      .vocabulary(\.characterVocabulary, file: "characters.json") { $0.encoder.characters?.vocabularySize },
    ]
  }

  /// Reads a model folder, which `save` or `recur train` wrote, and places the model on a device.
  /// - Throws: `RecurrentError.invalidModel` if a part is missing or damaged.
  public static func load(fromFolder folder: String, device: Device) throws -> Tagger {
    try ModelFolder(folder).load(Tagger.self, on: device)
  }

  /// Writes a model folder: configuration, vocabularies, and weights with PyTorch's names.
  /// - Throws: `RecurrentError` if a file cannot be written, a run is active in the folder, or a vocabulary is missing.
  public func save(toFolder folder: String) throws { try ModelFolder(folder).save(self) }
}
