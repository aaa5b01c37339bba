import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// The pretrained vectors of translators.
package struct TranslatorVectors: ParsableArguments {
  @Option(
    help: .file(
      "Pretrained vectors of source tokens in the text format of GloVe or word2vec; they set the embedding size of both sides."
    ))
  package var sourceVectors: String?

  @Option(help: .file("Pretrained vectors of target tokens, of the same size."))
  package var targetVectors: String?

  @Flag(help: "Do not train the pretrained vectors, nor an output layer that is tied to them.")
  package var freezeVectors = false

  package init() {}

  /// Whether there are vectors, which set the embedding size.
  var areGiven: Bool { sourceVectors != nil || targetVectors != nil }

  /// - Throws: `RecurrentError.invalidArgument` if there is nothing to freeze.
  func check(isPretrained: Bool) throws {
    try requireUse(
      !freezeVectors || areGiven || isPretrained, "--freeze-vectors",
      "no vectors are given", remedy: "add --source-vectors or --target-vectors")
  }

  /// Sets the embedding size to that of the vectors.
  /// - Throws: As `PretrainedVectors.fit(_:)`; `RecurrentError.invalidArgument` if the sides have other sizes.
  func fit(_ embedding: inout Int?) throws {
    let files = [sourceVectors, targetVectors].compactMap(\.self)
    let sizes = try files.map { try WordVectors($0).size }
    try requireUse(
      Set(sizes).count < 2, "--target-vectors",
      "its vectors have \((sizes.last ?? 0).grouped) values, those of --source-vectors \((sizes.first ?? 0).grouped)",
      remedy: "use vectors of the same size")
    for file in files { try PretrainedVectors(file).fit(&embedding) }
  }

  /// Copies the vectors into the embeddings of a new model.
  /// - Returns: Notes about the vectors.
  func load(into model: Translator) throws -> [String] {
    let (source, target) = try model.codecs()
    return try [
      (sourceVectors, model.network.sourceEmbedding, source), (targetVectors, model.network.targetEmbedding, target),
    ].flatMap { file, embedding, codec in
      try file.map { try PretrainedVectors($0).load(into: embedding, of: codec.vocabulary) } ?? []
    }
  }

  /// Freezes the embeddings with vectors; of a model that was trained before, both.
  func freeze(_ model: Translator) {
    for (file, embedding) in [
      (sourceVectors, model.network.sourceEmbedding), (targetVectors, model.network.targetEmbedding),
    ] {
      embedding.weight.isFrozen = freezeVectors && (file != nil || !areGiven)
    }
  }
}
