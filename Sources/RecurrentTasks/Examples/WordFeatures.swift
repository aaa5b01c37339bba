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
  /// - Throws: `RecurrentError` if they cannot be read, or `--embedding` is another size.
  func fitVectors(_ tokens: inout TokenOptions) throws {
    guard let vectors = encoder.vectors else { return }
    let size = try WordVectors(vectors).size
    try requireUse(
      tokens.embedding ?? size == size, "--embedding", "the vectors of \(vectors) have \(size.grouped) values",
      remedy: "leave it out")
    tokens.embedding = size
  }

  /// Copies the pretrained vectors into a new model's embedding.
  /// - Returns: Notes about the vectors.
  func loadVectors(into embedding: Embedding?, of vocabulary: Vocabulary?, isNew: Bool) throws -> [String] {
    guard isNew, let vectors = encoder.vectors, let embedding, let vocabulary else { return [] }
    let file = try WordVectors(vectors)
    let (values, found, words) = try file.vectors(for: vocabulary)
    guard found > 0 else {
      throw RecurrentError(
        .invalidData, "has a vector for none of the \(vocabulary.count.grouped) words", at: vectors,
        remedy: "use vectors of the same language, and --lowercase if their words are in lower case")
    }
    try embedding.weight.setValues(values)
    return ["\(vectors) has vectors for \(found.grouped) of the \(vocabulary.count.grouped) words."]
      + (file.count ?? words == words
        ? []
        : [
          "\(vectors): its first line gives \(file.count?.grouped ?? "") words, but it has \(words.grouped); all were read."
        ])
  }
}
