import RecurrentCore
import RecurrentData
import RecurrentModel

/// The configuration of a translator: `config.json`.
package struct TranslatorConfiguration: ModelConfiguration {
  /// The name of the task.
  package static let task = "translation"

  /// The number of source tokens, with the boundary.
  package var sourceTokens: Int
  /// The number of target tokens, with the boundary.
  package var targetTokens: Int
  /// The embedding size of both sides, and of the readout.
  package var embedding: Int
  /// The layers of the decoder; the encoder has as many, which, in two directions, have half of the units each.
  package var recurrent: RecurrentConfiguration
  /// The kind of attention.
  package var attention: AttentionKind
  /// Whether a step reads the readout of the step before.
  package var feedsInput: Bool
  /// Whether the output layer has the embedding's table as its weight.
  package var isTied: Bool
  /// The columns of the training data's table; nil if it was not a table.
  package var dataFormat: PairFormat?

  private enum CodingKeys: String, CodingKey {
    case embedding, attention, tied
    case sourceTokens = "source_tokens"
    case targetTokens = "target_tokens"
    case feedsInput = "input_feeding"
    case dataFormat = "data"
  }

  /// A configuration with these values.
  package init(
    sourceTokens: Int, targetTokens: Int, embedding: Int, recurrent: RecurrentConfiguration,
    attention: AttentionKind = .additive, feedsInput: Bool = false, isTied: Bool = true, dataFormat: PairFormat? = nil
  ) {
    (self.sourceTokens, self.targetTokens, self.embedding) = (sourceTokens, targetTokens, embedding)
    (self.recurrent, self.attention) = (recurrent, attention)
    (self.feedsInput, self.isTied, self.dataFormat) = (feedsInput, isTied, dataFormat)
  }

  /// The configuration of a model.
  package init(of model: Translator) {
    let decoder = model.decoder
    var recurrent = RecurrentConfiguration(of: decoder.rnn)
    recurrent.isBidirectional = model.encoder.isBidirectional
    recurrent.dropout = decoder.dropout
    self.init(
      sourceTokens: model.embedding.weight.shape[0], targetTokens: decoder.embedding.weight.shape[0],
      embedding: model.embedding.weight.shape[1], recurrent: recurrent, attention: decoder.kind,
      feedsInput: decoder.feedsInput, isTied: decoder.head.weight === decoder.embedding.weight,
      dataFormat: model.dataFormat)
  }

  /// Reads `config.json`.
  /// - Throws: `DecodingError` or `RecurrentError.invalidModel` if a key is missing or has no such value.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      sourceTokens: values.decode(Int.self, forKey: .sourceTokens),
      targetTokens: values.decode(Int.self, forKey: .targetTokens),
      embedding: values.decode(Int.self, forKey: .embedding), recurrent: RecurrentConfiguration(from: decoder),
      attention: values.decode(AttentionKind.self, forKey: .attention),
      feedsInput: values.decode(Bool.self, forKey: .feedsInput), isTied: values.decode(Bool.self, forKey: .tied),
      dataFormat: values.decodeIfPresent(PairFormat.self, forKey: .dataFormat))
  }

  /// Writes `config.json`.
  /// - Throws: Errors of the encoder.
  package func encode(to encoder: any Encoder) throws {
    try ConfigurationHeading(Self.task).encode(to: encoder)
    try recurrent.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(sourceTokens, forKey: .sourceTokens)
    try values.encode(targetTokens, forKey: .targetTokens)
    try values.encode(embedding, forKey: .embedding)
    try values.encode(attention, forKey: .attention)
    try values.encode(feedsInput, forKey: .feedsInput)
    try values.encode(isTied, forKey: .tied)
    try values.encodeIfPresent(dataFormat, forKey: .dataFormat)
  }

  /// The sizes by their keys, with their limits.
  package var sizes: [(key: String, size: Int, limit: Int)] {
    [
      ("source_tokens", sourceTokens, NetworkConfiguration.Limit.vocabulary),
      ("target_tokens", targetTokens, NetworkConfiguration.Limit.vocabulary),
      ("embedding", embedding, NetworkConfiguration.Limit.embedding),
    ] + recurrent.sizes
  }

  /// A model with this configuration and uninitialized weights.
  /// - Throws: `RecurrentError` if a size or an option is not usable.
  package func makeModel(initialization: RecurrentInitialization?) throws -> Translator {
    try checkSizes()
    let isBidirectional = recurrent.isBidirectional
    guard !isBidirectional || recurrent.hidden.isMultiple(of: 2) else {
      throw RecurrentError(
        .invalidModel, "a hidden size of \(recurrent.hidden) for an encoder in two directions",
        remedy: "use an even hidden size, or one direction")
    }
    let layers = { (inputSize: Int, isEncoder: Bool) throws -> RecurrentStack in
      var own = recurrent
      own.isBidirectional = isEncoder && isBidirectional
      if own.isBidirectional { own.hidden /= 2 }
      guard let layers = try own.makeLayers(inputSize: inputSize, initialization: initialization) else {
        throw RecurrentError(.invalidModel, "a translator that is feed-forward", remedy: "use a recurrent cell")
      }
      return layers
    }
    let encoder = try layers(embedding, true)
    let model = try Translator(
      embedding: Embedding(
        tokens: sourceTokens, size: embedding, initializer: .normal(1 / Double(embedding).squareRoot())),
      encoder: encoder,
      decoder: AttentionDecoder(
        tokens: targetTokens, embedding: embedding, memory: encoder.outputSize, readout: embedding,
        attention: attention, feedsInput: feedsInput, isTied: isTied, dropout: recurrent.dropout
      ) { try layers($0, false) })
    model.dataFormat = dataFormat
    return model
  }
}

extension Translator: StoredModel {
  /// The type of its `config.json`.
  package typealias Configuration = TranslatorConfiguration

  /// The tokens of both sides.
  package static var assets: [ModelAsset<Translator>] {
    [
      codec("source.json", \.source) { $0.sourceTokens }, codec("target.json", \.target) { $0.targetTokens },
    ]
  }

  private static func codec(
    _ file: String, _ path: ReferenceWritableKeyPath<Translator, TextCodec?>,
    count: @escaping (TranslatorConfiguration) -> Int
  ) -> ModelAsset<Translator> {
    ModelAsset(file, "vocabulary", path) { codec, configuration in
      guard codec.tokenCount != count(configuration) else { return }
      throw RecurrentError(
        .invalidModel, "has \(codec.tokenCount) tokens with the boundary, but config.json gives \(count(configuration))"
      )
    }
  }

  /// Reads a model folder, which `save` or `recur train` wrote, and places the model on a device.
  /// - Throws: `RecurrentError.invalidModel` if a part is missing or damaged.
  public static func load(fromFolder folder: String, device: Device) throws -> Translator {
    try ModelFolder(folder).load(Translator.self, on: device)
  }

  /// Writes a model folder: configuration, vocabularies, and weights with PyTorch's names.
  /// - Throws: `RecurrentError` if a file cannot be written, a run is active in the folder, or a vocabulary is missing.
  public func save(toFolder folder: String) throws { try ModelFolder(folder).save(self) }
}
