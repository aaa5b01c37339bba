import RecurrentCore
import RecurrentModel

/// The recurrent layers of a translator and its attention in `config.json`.
package struct RecurrentTranslatorConfiguration: Codable, Hashable, Sendable {
  /// The layers of the decoder; the encoder has as many, which, in two directions, have half of the units each.
  package var layers: RecurrentConfiguration
  /// The kind of attention.
  package var attention: AttentionKind
  /// Whether a step reads the readout of the step before.
  package var feedsInput: Bool

  private enum CodingKeys: String, CodingKey {
    case attention
    case feedsInput = "input_feeding"
  }

  /// Layers.
  package init(layers: RecurrentConfiguration, attention: AttentionKind, feedsInput: Bool) {
    (self.layers, self.attention, self.feedsInput) = (layers, attention, feedsInput)
  }

  /// The configuration of a network.
  init(of network: RecurrentEncoderDecoder) {
    let decoder = network.decoder
    var layers = RecurrentConfiguration(of: decoder.rnn)
    layers.isBidirectional = network.encoder.isBidirectional
    layers.dropout = decoder.dropout
    self.init(layers: layers, attention: decoder.kind, feedsInput: decoder.feedsInput)
  }

  /// Reads `config.json`.
  /// - Throws: `DecodingError` or `RecurrentError.invalidModel` if a key is missing or has no such value.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      layers: RecurrentConfiguration(from: decoder), attention: values.decode(AttentionKind.self, forKey: .attention),
      feedsInput: values.decode(Bool.self, forKey: .feedsInput))
  }

  /// Writes `config.json`.
  /// - Throws: Errors of the encoder.
  package func encode(to encoder: any Encoder) throws {
    try layers.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(attention, forKey: .attention)
    try values.encode(feedsInput, forKey: .feedsInput)
  }

  /// A network with uninitialized weights.
  /// - Throws: `RecurrentError` if a size or an option is not usable.
  func makeNetwork(
    sourceTokens: Int, targetTokens: Int, embedding: Int, isTied: Bool, initialization: RecurrentInitialization?
  ) throws -> RecurrentEncoderDecoder {
    let isBidirectional = layers.isBidirectional
    guard !isBidirectional || layers.hidden.isMultiple(of: 2) else {
      throw RecurrentError(
        .invalidModel, "a hidden size of \(layers.hidden) for an encoder in two directions",
        remedy: "use an even hidden size, or one direction")
    }
    let make = { (inputSize: Int, isEncoder: Bool) throws -> RecurrentStack in
      var own = layers
      own.isBidirectional = isEncoder && isBidirectional
      if own.isBidirectional { own.hidden /= 2 }
      guard let stack = try own.makeLayers(inputSize: inputSize, initialization: initialization) else {
        throw RecurrentError(.invalidModel, "a translator that is feed-forward", remedy: "use a recurrent cell")
      }
      return stack
    }
    let encoder = try make(embedding, true)
    return try RecurrentEncoderDecoder(
      embedding: Embedding(
        tokens: sourceTokens, size: embedding, initializer: .normal(1 / Double(embedding).squareRoot())),
      encoder: encoder,
      decoder: AttentionDecoder(
        tokens: targetTokens, embedding: embedding, memory: encoder.outputSize, readout: embedding,
        attention: attention, feedsInput: feedsInput, isTied: isTied, dropout: layers.dropout
      ) { try make($0, false) })
  }
}
