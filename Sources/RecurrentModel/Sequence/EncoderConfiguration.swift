import RecurrentCore

/// The sequence encoder of a model, in its `config.json`: the keys of the network, the vocabulary size, and the characters.
package struct EncoderConfiguration: Codable, Hashable, Sendable {
  /// The vocabulary size.
  package var vocabularySize: Int
  /// The input encoding, and the layers.
  package var network: NetworkConfiguration
  /// The character encoder; nil for none.
  package var characters: CharacterConfiguration?

  private enum CodingKeys: String, CodingKey {
    case characters
    case vocabularySize = "vocabulary_size"
  }

  /// An encoder with these configurations.
  package init(vocabularySize: Int, network: NetworkConfiguration, characters: CharacterConfiguration? = nil) {
    self.vocabularySize = vocabularySize
    self.network = network
    self.characters = characters
  }

  /// The configuration of an encoder. Characters, if any, are read by a bidirectional LSTM.
  /// - Parameter dropout: The dropout probability of the whole model.
  package init(of encoder: SequenceEncoder, dropout: Float) {
    self.init(
      vocabularySize: encoder.vocabularySize,
      network: NetworkConfiguration(
        of: encoder.rnn, orOverWindow: encoder.hidden, encoding: encoder.encoding, dropout: dropout),
      characters: encoder.characters.map(CharacterConfiguration.init(of:)))
  }

  /// Reads its keys of `config.json`, and ignores others.
  /// - Throws: `DecodingError` or `RecurrentError.invalidModel` if a key is missing or has no such value.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    vocabularySize = try values.decode(Int.self, forKey: .vocabularySize)
    characters = try values.decodeIfPresent(CharacterConfiguration.self, forKey: .characters)
    network = try NetworkConfiguration(from: decoder)
  }

  /// Writes the keys of `config.json`.
  /// - Throws: Errors of the encoder.
  package func encode(to encoder: any Encoder) throws {
    try network.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(vocabularySize, forKey: .vocabularySize)
    try values.encodeIfPresent(characters, forKey: .characters)
  }

  /// The sizes by their keys, with their limits.
  package var sizes: [(key: String, size: Int, limit: Int)] {
    [("vocabulary_size", vocabularySize, NetworkConfiguration.Limit.vocabulary)] + network.sizes
      + (characters?.sizes ?? [])
  }

  /// An encoder with this configuration and uninitialized weights.
  /// - Parameters:
  ///   - initialization: How the recurrent parameters start; nil for PyTorch's default.
  ///   - location: The model that errors name.
  ///   - reader: The feed-forward layer, of an encoder without recurrent layers.
  /// - Throws: `RecurrentError` if a size or an option is not usable.
  package func makeEncoder(
    _ initialization: RecurrentInitialization?, at location: String,
    overWindow reader: (_ hidden: Int) throws -> SequenceEncoder.Reader
  ) throws -> SequenceEncoder {
    let encoding = network.encoding
    let encoder = try characters?.makeEncoder()
    let size = encoding.size(tokens: vocabularySize) + (encoder?.outputSize ?? 0)
    let layers = try network.recurrent.makeLayers(inputSize: size, initialization: initialization)
    return try SequenceEncoder(
      vocabularySize: vocabularySize, encoding: encoding, characters: encoder,
      reader: layers.map(SequenceEncoder.Reader.layers) ?? reader(network.hidden), dropout: network.dropout,
      at: location)
  }
}
