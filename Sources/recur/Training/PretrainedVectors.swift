import Recurrent

/// Vectors of words that an embedding starts from: `--vectors`.
extension ExampleOptions {
  /// What the model is made of: in one direction or both, its embedding of the vectors' size if there are some.
  /// - Throws: `RecurrentError` if the vectors cannot be read, or are said to be of another size.
  func network(_ options: NetworkOptions) throws -> NetworkSettings {
    var network = NetworkSettings(options, bidirectional: bidirectional)
    guard let vectors else { return network }
    let size = try WordVectors(vectors).size
    try requireUse(
      options.embedding ?? size == size, "--embedding", "the vectors of \(vectors) have \(size.grouped) numbers",
      remedy: "leave it out")
    network.embedding = size
    return network
  }
}

extension ExampleSettings {
  /// Fills the embedding of a new model, and freezes any model's if that is asked for.
  /// - Returns: What is to be said of it.
  func loadVectors(into embedding: Embedding?, of vocabulary: Vocabulary?, isNew: Bool) throws -> [String] {
    guard let vectors, let embedding, let vocabulary else { return [] }
    embedding.weight.isFrozen = freezeVectors
    guard isNew else { return [] }
    let file = try WordVectors(vectors)
    let (values, found, words) = try file.vectors(for: vocabulary)
    guard found > 0 else {
      throw RecurrentError(
        .invalidData, "has vectors of none of the \(vocabulary.count.grouped) words", at: vectors,
        remedy: "take vectors of this language, and --lowercase if they are of words in lower case")
    }
    try embedding.weight.setValues(values)
    return ["\(vectors) has vectors of \(found.grouped) of the \(vocabulary.count.grouped) words."]
      + (file.count ?? words == words
        ? []
        : [
          "\(vectors): its first line says \(file.count?.grouped ?? "") words, and it has \(words.grouped): all were read."
        ])
  }
}
