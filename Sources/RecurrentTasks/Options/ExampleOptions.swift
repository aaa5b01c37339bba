import ArgumentParser
import RecurrentCore
import RecurrentModel

/// The options of runs on labelled examples.
package struct ExampleOptions: ParsableArguments {
  @OptionGroup(title: "Data") package var symbols: VocabularyOptions
  @OptionGroup(title: "Model") package var encoder: EncoderOptions
  @OptionGroup(title: "Training") package var learning: ExampleTrainingOptions

  package init() {}

  /// The options that describe the model.
  static let describingModel = OptionValues.names(of: TokenOptions.self).union(
    OptionValues.names(of: VocabularyOptions.self)
  )
  .union(OptionValues.names(of: EncoderOptions.self)).subtracting(["freeze-vectors"])

  /// Marks an embedding as sparse or frozen.
  func prepare(_ embedding: Embedding?, by tokens: TokenOptions) {
    embedding?.isSparse = tokens.sparseEmbedding
    embedding?.weight.isFrozen = encoder.freezeVectors
  }

  /// - Parameters:
  ///   - network: The layers.
  ///   - tokens: The input encoding.
  ///   - isPretrained: Whether the run starts from another model.
  /// - Throws: `RecurrentError.invalidArgument` that names an option that does nothing.
  func check(with network: NetworkOptions<EncoderCell>, _ tokens: TokenOptions, isPretrained: Bool) throws {
    for (option, value) in [
      ("--character-embedding", encoder.characterEmbedding), ("--character-hidden", encoder.characterHidden),
    ] {
      try requireUse(
        encoder.characters || value == nil, option, "the model reads no characters", remedy: "add --characters")
    }
    try requireUse(
      !encoder.bidirectional || network.cell != .feedForward, "--bidirectional",
      "a feed-forward layer has no direction", remedy: "leave it out")
    try requireUse(
      encoder.vectors == nil || tokens.input == .embedding, "--vectors",
      "--input \(tokens.input.rawValue) has no embedding", remedy: "use --input embedding")
    try requireUse(
      !encoder.freezeVectors || encoder.vectors != nil || isPretrained, "--freeze-vectors", "no vectors are given",
      remedy: "add --vectors")
  }
}

/// The options of a task with labelled examples.
protocol ExampleTaskOptions: TokenTaskOptions where Cell == EncoderCell {
  var examples: ExampleOptions { get set }
}

extension ExampleTaskOptions {
  package mutating func resolveDefaults() {
    network.resolveDefaults()
    tokens.resolveDefaults()
    examples.encoder.resolveDefaults()
  }
}

/// The default of the embedding size and of the hidden size of characters.
private let characterSize = 32

/// The input and the directions of a sequence encoder.
package struct EncoderOptions: ParsableArguments {
  @Flag(help: "Read sequences in both directions.")
  package var bidirectional = false

  @Flag(
    help: """
      Add character features: a bidirectional LSTM reads the first 50 characters of each word, in their original case.
      """)
  package var characters = false

  @Option(
    "Embedding size of a character. (default: \(characterSize))", .range(1...NetworkConfiguration.Limit.embedding))
  package var characterEmbedding: Int?

  @Option(
    "Hidden size of each direction of the character LSTM. (default: \(characterSize))",
    .range(1...NetworkConfiguration.Limit.hidden))
  package var characterHidden: Int?

  @Option(
    help: .file("Pretrained word vectors in the text format of GloVe or word2vec; they set the embedding size."))
  package var vectors: String?

  @Flag(help: "Do not train the pretrained vectors.")
  package var freezeVectors = false

  package init() {}

  var characterEmbeddingSize: Int { characterEmbedding ?? characterSize }
  var characterHiddenSize: Int { characterHidden ?? characterSize }

  /// Sets the defaults of options that only some models have.
  mutating func resolveDefaults() {
    guard characters else { return }
    (characterEmbedding, characterHidden) = (characterEmbeddingSize, characterHiddenSize)
  }
}

/// The loss.
package struct ExampleTrainingOptions: ParsableArguments {
  @Option(
    "Label smoothing: the fraction of a target that is spread over all classes in the training loss.", .range(0..<1))
  package var labelSmoothing: Float = 0

  /// Whether the validation loss has the class weights and label smoothing of training, as in versions before 2.
  @Flag(help: .hidden)
  package var weightedValidation = false

  package init() {}

  /// The label smoothing of the validation loss.
  var validationSmoothing: Float { weightedValidation ? labelSmoothing : 0 }

  /// The class weights of the validation loss.
  func validationWeights(of weights: [Float]?) -> [Float]? { weightedValidation ? weights : nil }
}

/// Early stopping by one of several metrics.
package struct PatienceOptions: ParsableArguments {
  @Option(
    "Early stopping: stop after this many epochs without improvement of --monitor. (default: no early stopping)",
    .atLeast(1))
  package var patience: Int?

  package init() {}
}

/// Early stopping by the validation loss.
package struct LossPatienceOptions: ParsableArguments {
  @Option(
    "Early stopping: stop after this many epochs without a lower validation loss. (default: no early stopping)",
    .atLeast(1))
  package var patience: Int?

  package init() {}
}
