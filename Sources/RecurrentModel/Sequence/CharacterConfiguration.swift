/// How a model reads words letter by letter: by an LSTM in both directions.
public struct CharacterConfiguration: Codable, Hashable, Sendable {
  /// The number of characters that there are.
  public var vocabularySize: Int
  /// The size of a character's vector.
  public var embedding: Int
  /// The units of each direction.
  public var hidden: Int
  /// How many characters of a word are read.
  public var limit: Int

  private enum CodingKeys: String, CodingKey {
    case embedding, hidden, limit
    case vocabularySize = "vocabulary_size"
  }

  /// Describes what reads words' characters.
  public init(vocabularySize: Int, embedding: Int, hidden: Int, limit: Int) {
    self.vocabularySize = vocabularySize
    self.embedding = embedding
    self.hidden = hidden
    self.limit = limit
  }

  /// The description of an encoder that is there.
  init(of encoder: CharacterEncoder) {
    let table = encoder.embedding.weight.shape
    self.init(
      vocabularySize: table[0], embedding: table[1], hidden: encoder.rnn.hiddenSize, limit: encoder.limit)
  }

  /// The sizes by their keys, with their limits.
  package var sizes: [(key: String, size: Int, limit: Int)] {
    [
      ("characters.vocabulary_size", vocabularySize, NetworkConfiguration.Limit.vocabulary),
      ("characters.embedding", embedding, NetworkConfiguration.Limit.embedding),
      ("characters.hidden", hidden, NetworkConfiguration.Limit.hidden),
      ("characters.limit", limit, NetworkConfiguration.Limit.length),
    ]
  }

  func makeEncoder() throws -> CharacterEncoder {
    try CharacterEncoder(
      characters: vocabularySize, embedding: embedding,
      rnn: LSTM(input: embedding, hidden: hidden, bidirectional: true), limit: limit)
  }
}
