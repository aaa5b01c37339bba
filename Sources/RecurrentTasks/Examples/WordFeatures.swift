import RecurrentCore
import RecurrentData
import RecurrentModel

// The features of words: their characters, and pretrained vectors.
extension ExampleOptions {
  /// The maximum number of characters read of a word.
  private static var characterLimit: Int { 50 }

  /// The encoder and the vocabulary of characters; nil if the model does not read characters. Characters that occur
  /// once train the embedding of the unknown one.
  func characterReader(
    of texts: some Sequence<String>
  ) throws -> (vocabulary: Vocabulary, configuration: CharacterConfiguration)? {
    guard encoder.characters else { return nil }
    let vocabulary = try Vocabulary(of: texts, kind: .characters, minimumCount: 2, knowsUnknown: true)
    let configuration = CharacterConfiguration(
      vocabularySize: vocabulary.count, embedding: encoder.characterEmbeddingSize,
      hidden: encoder.characterHiddenSize, limit: Self.characterLimit)
    return (vocabulary, configuration)
  }

  /// Sets the embedding size to that of the pretrained vectors.
  /// - Throws: As `PretrainedVectors.fit(_:)`.
  func fitVectors(_ tokens: inout TokenOptions) throws {
    try encoder.vectors.map(PretrainedVectors.init)?.fit(&tokens.embedding)
  }

  /// Copies the pretrained vectors into a new model's embedding.
  /// - Returns: Notes about the vectors.
  func loadVectors(into embedding: Embedding?, of vocabulary: Vocabulary?, isNew: Bool) throws -> [String] {
    guard isNew, let vectors = encoder.vectors, let embedding, let vocabulary else { return [] }
    return try PretrainedVectors(vectors).load(into: embedding, of: vocabulary)
  }
}
