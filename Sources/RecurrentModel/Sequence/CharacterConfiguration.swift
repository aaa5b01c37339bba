/// The character encoder of a model: a bidirectional LSTM.
package struct CharacterConfiguration: Codable, Hashable, Sendable {
  /// The number of characters in the vocabulary.
  package var vocabularySize: Int
  /// The embedding size of a character.
  package var embedding: Int
  /// The hidden size of each direction.
  package var hidden: Int
  /// The maximum number of characters read of a word.
  package var limit: Int

  private enum CodingKeys: String, CodingKey {
    case embedding, hidden, limit
    case vocabularySize = "vocabulary_size"
  }

  /// A character encoder with these sizes.
  package init(vocabularySize: Int, embedding: Int, hidden: Int, limit: Int) {
    self.vocabularySize = vocabularySize
    self.embedding = embedding
    self.hidden = hidden
    self.limit = limit
  }

  /// The configuration of an encoder.
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
