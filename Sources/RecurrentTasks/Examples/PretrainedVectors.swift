import RecurrentData
import RecurrentCore
import RecurrentModel

extension ExampleOptions {
  /// Sets the embedding size to that of the pretrained vectors.
  /// - Throws: `RecurrentError` if they cannot be read, or `--embedding` is another size.
  func fitVectors(_ network: inout NetworkOptions) throws {
    guard let vectors = encoder.vectors else { return }
    let size = try WordVectors(vectors).size
    try requireUse(
      network.embedding ?? size == size, "--embedding", "the vectors of \(vectors) have \(size.grouped) values",
      remedy: "leave it out")
    network.embedding = size
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
