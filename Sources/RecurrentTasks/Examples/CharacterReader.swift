import RecurrentModel

extension ExampleOptions {
  /// How many characters of a word are read.
  private static var characterLimit: Int { 50 }

  /// The characters of texts, and what reads them; nil if the model reads no characters. Characters that occur once teach the model what
  /// to make of unknown ones.
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
