import Recurrent

/// Vectors of words that an embedding starts from: `--vectors`.
struct PretrainedVectors {
  private let file: String?
  private let areFrozen: Bool

  init(_ settings: ExampleSettings) { (file, areFrozen) = (settings.vectors, settings.freezeVectors) }

  /// Fills the embedding of a new model, and freezes any model's if that is asked for.
  /// - Returns: What is to be said of it.
  func load(into embedding: Embedding?, vocabulary: Vocabulary?, isNew: Bool) throws -> [String] {
    guard let file, let embedding, let vocabulary else { return [] }
    embedding.weight.isFrozen = areFrozen
    guard isNew else { return [] }
    let (values, found) = try WordVectors(file).vectors(for: vocabulary)
    try embedding.weight.setValues(values)
    return ["\(file) has vectors of \(found.grouped) of the \(vocabulary.count.grouped) words."]
  }
}
