import Recurrent

/// Vectors of words that an embedding starts from: `--vectors`.
extension ExampleSettings {
  /// A network whose embedding has the vectors' size, if there are some.
  func configuration(of network: NetworkSettings) throws -> NetworkConfiguration {
    var network = network
    if let vectors { network.embedding = try WordVectors(vectors).size }
    return network.configuration
  }

  /// Fills the embedding of a new model, and freezes any model's if that is asked for.
  /// - Returns: What is to be said of it.
  func loadVectors(into embedding: Embedding?, of vocabulary: Vocabulary?, isNew: Bool) throws -> [String] {
    guard let vectors, let embedding, let vocabulary else { return [] }
    embedding.weight.isFrozen = freezeVectors
    guard isNew else { return [] }
    let (values, found) = try WordVectors(vectors).vectors(for: vocabulary)
    try embedding.weight.setValues(values)
    return ["\(vectors) has vectors of \(found.grouped) of the \(vocabulary.count.grouped) words."]
  }
}
