import RecurrentData
import RecurrentModel

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
      hidden: encoder.characterHiddenSize,
      limit: Self.characterLimit)
    return (vocabulary, configuration)
  }
}
