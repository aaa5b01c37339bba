import RecurrentCore
import RecurrentData
import RecurrentModel

/// The configuration of a translator: `config.json`.
package struct TranslatorConfiguration: ModelConfiguration {
  /// The name of the task.
  package static let task = "translation"

  /// The kinds of network.
  package enum Architecture: String, Codable, Sendable, CaseIterable {
    /// Recurrent layers with attention.
    case recurrent
    /// Layers of self-attention.
    case transformer
  }

  /// The layers.
  package enum Network: Hashable, Sendable {
    /// Recurrent layers with attention.
    case recurrent(RecurrentTranslatorConfiguration)
    /// Layers of self-attention.
    case transformer(TransformerConfiguration)
  }

  /// The number of source tokens, with the boundary.
  package var sourceTokens: Int
  /// The number of target tokens, with the boundary.
  package var targetTokens: Int
  /// The embedding size of both sides, and of the readout.
  package var embedding: Int
  /// The layers.
  package var network: Network
  /// Whether the output layer has the embedding's table as its weight.
  package var isTied: Bool
  /// The columns of the training data's table; nil if it was not a table.
  package var dataFormat: PairFormat?
  /// The largest number of lines of dialogue that a source has; nil if sources are not dialogue.
  package var context: Int?

  private enum CodingKeys: String, CodingKey {
    case embedding, architecture, tied, context
    case sourceTokens = "source_tokens"
    case targetTokens = "target_tokens"
    case dataFormat = "data"
  }

  /// A configuration with these values.
  package init(
    sourceTokens: Int, targetTokens: Int, embedding: Int, network: Network, isTied: Bool = true,
    dataFormat: PairFormat? = nil
  ) {
    (self.sourceTokens, self.targetTokens, self.embedding) = (sourceTokens, targetTokens, embedding)
    (self.network, self.isTied, self.dataFormat) = (network, isTied, dataFormat)
  }

  /// The configuration of a model.
  package init(of model: Translator) {
    let network = model.network
    let target = network.targetEmbedding.weight
    let own: Network =
      switch network {
      case let network as TransformerEncoderDecoder:
        .transformer(TransformerConfiguration(of: network))
      case let network as RecurrentEncoderDecoder:
        .recurrent(RecurrentTranslatorConfiguration(of: network))
      default: preconditionFailure("\(type(of: network)) has no configuration")
      }
    self.init(
      sourceTokens: network.sourceEmbedding.weight.shape[0], targetTokens: target.shape[0], embedding: target.shape[1],
      network: own, isTied: network.head.weight === target, dataFormat: model.dataFormat)
    context = model.context
  }

  /// Reads `config.json`.
  /// - Throws: `DecodingError` or `RecurrentError.invalidModel` if a key is missing or has no such value.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let network: Network =
      switch try values.decodeIfPresent(Architecture.self, forKey: .architecture) ?? .recurrent {
      case .recurrent: .recurrent(try RecurrentTranslatorConfiguration(from: decoder))
      case .transformer: .transformer(try TransformerConfiguration(from: decoder))
      }
    try self.init(
      sourceTokens: values.decode(Int.self, forKey: .sourceTokens),
      targetTokens: values.decode(Int.self, forKey: .targetTokens),
      embedding: values.decode(Int.self, forKey: .embedding), network: network,
      isTied: values.decode(Bool.self, forKey: .tied),
      dataFormat: values.decodeIfPresent(PairFormat.self, forKey: .dataFormat))
    context = try values.decodeIfPresent(Int.self, forKey: .context)
  }

  /// Writes `config.json`.
  /// - Throws: Errors of the encoder.
  package func encode(to encoder: any Encoder) throws {
    try ConfigurationHeading(Self.task).encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    switch network {
    case .recurrent(let network):
      try values.encode(Architecture.recurrent, forKey: .architecture)
      try network.encode(to: encoder)
    case .transformer(let network):
      try values.encode(Architecture.transformer, forKey: .architecture)
      try network.encode(to: encoder)
    }
    try values.encode(sourceTokens, forKey: .sourceTokens)
    try values.encode(targetTokens, forKey: .targetTokens)
    try values.encode(embedding, forKey: .embedding)
    try values.encode(isTied, forKey: .tied)
    try values.encodeIfPresent(dataFormat, forKey: .dataFormat)
    try values.encodeIfPresent(context, forKey: .context)
  }

  /// The sizes by their keys, with their limits.
  package var sizes: [(key: String, size: Int, limit: Int)] {
    let own =
      switch network {
      case .recurrent(let network): network.layers.sizes
      case .transformer(let network): network.sizes
      }
    return [
      ("source_tokens", sourceTokens, NetworkConfiguration.Limit.vocabulary),
      ("target_tokens", targetTokens, NetworkConfiguration.Limit.vocabulary),
      ("embedding", embedding, NetworkConfiguration.Limit.embedding),
    ] + (context.map { [("context", $0, DialogueContext.largest)] } ?? []) + own
  }

  /// A model with this configuration and uninitialized weights.
  /// - Throws: `RecurrentError` if a size or an option is not usable.
  package func makeModel(initialization: RecurrentInitialization?) throws -> Translator {
    try checkSizes()
    let network: any EncoderDecoder =
      switch network {
      case .recurrent(let network):
        try network.makeNetwork(
          sourceTokens: sourceTokens, targetTokens: targetTokens, embedding: embedding, isTied: isTied,
          initialization: initialization)
      case .transformer(let layers):
        try TransformerEncoderDecoder(
          sourceTokens: sourceTokens, targetTokens: targetTokens, features: embedding, heads: layers.heads,
          hidden: layers.hidden, layers: layers.layers, isTied: isTied, dropout: layers.dropout)
      }
    let model = Translator(network)
    model.dataFormat = dataFormat
    model.context = context
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

  /// Writes a model folder: configuration, vocabularies, and weights with PyTorch's names. The network is a `RecurrentEncoderDecoder` or
  /// a `TransformerEncoderDecoder`.
  /// - Throws: `RecurrentError` if a file cannot be written, a run is active in the folder, or a vocabulary is missing.
  public func save(toFolder folder: String) throws { try ModelFolder(folder).save(self) }
}
