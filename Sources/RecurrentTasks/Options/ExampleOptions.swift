import ArgumentParser
import RecurrentCore
import RecurrentModel

/// The options of runs on labelled examples, texts or sentences.
package struct ExampleOptions: ParsableArguments {
  @OptionGroup(title: "Data") package var symbols: VocabularyOptions
  @OptionGroup(title: "Model") package var encoder: EncoderOptions
  @OptionGroup(title: "Training") package var learning: ExampleTrainingOptions

  package init() {}

  /// The options that describe the model.
  static let describingModel = OptionValues.names(of: VocabularyOptions.self)
    .union(OptionValues.names(of: EncoderOptions.self)).subtracting(["freeze-vectors"])

  /// Marks an embedding as sparse or frozen.
  func prepare(_ embedding: Embedding?, by network: NetworkOptions) {
    embedding?.isSparse = network.sparseEmbedding
    embedding?.weight.isFrozen = encoder.freezeVectors
  }

  /// - Parameters:
  ///   - network: The other options.
  ///   - training: The options of training.
  /// - Throws: `RecurrentError.invalidArgument` that names an option that does nothing.
  func check(with network: NetworkOptions, _ training: TrainingOptions, validates: Bool) throws {
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
      encoder.vectors == nil || network.input == .embedding, "--vectors",
      "--input \(network.input.rawValue) has no embedding", remedy: "use --input embedding")
    try requireUse(
      !encoder.freezeVectors || encoder.vectors != nil || training.from != nil, "--freeze-vectors",
      "no vectors are given",
      remedy: "add --vectors")
    try requireUse(
      learning.patience == nil || validates, "--patience", "no validation data",
      remedy: "use a --validation-fraction above 0")
  }
}

/// The options of a task with labelled examples.
protocol ExampleTaskOptions: TaskOptions {
  var examples: ExampleOptions { get set }
}

extension ExampleTaskOptions {
  package mutating func resolveDefaults() {
    network.resolveDefaults()
    examples.encoder.resolveDefaults()
  }
}

/// The input and the directions of the recurrent layers of a classifier or tagger.
package struct EncoderOptions: ParsableArguments {
  @Flag(help: "Read sequences in both directions.")
  package var bidirectional = false

  @Flag(
    help: """
      Add character features: a bidirectional LSTM reads the first 50 characters of each word, in their original case.
      """)
  package var characters = false

  @Option("Embedding size of a character. (default: 32)", .range(1...NetworkConfiguration.Limit.embedding))
  package var characterEmbedding: Int?

  @Option(
    "Hidden size of each direction of the character LSTM. (default: 32)", .range(1...NetworkConfiguration.Limit.hidden))
  package var characterHidden: Int?

  @Option(
    help: .file("Pretrained word vectors in the text format of GloVe or word2vec; they set the embedding size."))
  package var vectors: String?

  @Flag(help: "Do not train the pretrained vectors.")
  package var freezeVectors = false

  package init() {}

  var characterEmbeddingSize: Int { characterEmbedding ?? 32 }
  var characterHiddenSize: Int { characterHidden ?? 32 }

  /// Sets the defaults of options that only some models have.
  mutating func resolveDefaults() {
    guard characters else { return }
    (characterEmbedding, characterHidden) = (characterEmbeddingSize, characterHiddenSize)
  }
}

/// The loss of a classifier or tagger, and early stopping.
package struct ExampleTrainingOptions: ParsableArguments {
  @Option(
    "Label smoothing: the fraction of a target that is spread over all classes in the training loss.", .range(0..<1))
  package var labelSmoothing: Float = 0

  @Option("Early stopping: stop after this many epochs without improvement of --monitor.", .atLeast(1))
  package var patience: Int?

  /// Whether the validation loss has the class weights and label smoothing of training, as in versions before 2.
  @Flag(help: .hidden)
  package var weightedValidation = false

  package init() {}

  /// The label smoothing of the validation loss.
  var validationSmoothing: Float { weightedValidation ? labelSmoothing : 0 }

  /// The class weights of the validation loss.
  func validationWeights(of weights: [Float]?) -> [Float]? { weightedValidation ? weights : nil }
}
