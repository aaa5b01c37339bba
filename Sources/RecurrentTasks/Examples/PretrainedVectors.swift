import RecurrentCore
import RecurrentData
import RecurrentModel

/// A file of word vectors that initialize an embedding.
struct PretrainedVectors {
  private let path: String

  init(_ path: String) { self.path = path }

  /// Sets the embedding size to that of the vectors.
  /// - Throws: `RecurrentError` if they cannot be read, or `--embedding` is another size.
  func fit(_ embedding: inout Int?) throws {
    let size = try WordVectors(path).size
    try requireUse(
      embedding ?? size == size, "--embedding", "the vectors of \(path) have \(size.grouped) values",
      remedy: "leave it out")
    embedding = size
  }

  /// Copies the vectors into an embedding. Tokens behind those of the vocabulary get initial vectors.
  /// - Returns: Notes about the vectors.
  func load(into embedding: Embedding, of vocabulary: Vocabulary) throws -> [String] {
    let file = try WordVectors(path)
    let (values, found, words) = try file.vectors(for: vocabulary)
    guard found > 0 else {
      throw RecurrentError(
        .invalidData, "has a vector for none of the \(vocabulary.count.grouped) words", at: path,
        remedy: "use vectors of the same language, and --lowercase if their words are in lower case")
    }
    // The model has no values yet.
    var random = RandomSource(seed: 0)
    let others = embedding.weight.shape[0] - vocabulary.count
    try embedding.weight.setValues(values + embedding.weight.initializer([others, file.size], &random))
    return ["\(path) has vectors for \(found.grouped) of the \(vocabulary.count.grouped) words."]
      + (file.count ?? words == words
        ? []
        : [
          "\(path): its first line gives \(file.count?.grouped ?? "") words, but it has \(words.grouped); all were read."
        ])
  }
}
