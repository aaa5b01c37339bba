import RecurrentCore
import ArgumentParser
import RecurrentModel

/// Options of runs on labelled examples, texts or sentences.
package struct ExampleOptions: ParsableArguments {
  @Option("Maximum vocabulary size, the symbol for rare words included. (default: all)", .atLeast(2))
  package var vocabulary: Int?

  @Option("Minimum count of a symbol in the training data; rarer ones become the unknown symbol.", .atLeast(1))
  package var minimumCount = 1

  @Flag(help: "Lower-case words; the characters of --characters keep their case.")
  package var lowercase = false

  @Flag(help: "Add character features: a bidirectional LSTM reads each word's characters.")
  package var characters = false

  @Option("Embedding size of a character. (default: 32)", .range(1...NetworkConfiguration.Limit.embedding))
  package var characterEmbedding: Int?

  @Option(
    "Hidden size of each direction that reads characters. (default: 32)", .range(1...NetworkConfiguration.Limit.hidden))
  package var characterHidden: Int?

  @Flag(help: "Read sequences in both directions.")
  package var bidirectional = false

  @Option(help: "Pretrained word vectors, in the text format of GloVe or word2vec.")
  package var vectors: String?

  @Flag(help: "Do not train the pretrained vectors.")
  package var freezeVectors = false

  @Option("Label smoothing: the fraction of a target that is spread over all classes.", .range(0..<1))
  package var labelSmoothing: Float = 0

  @Option("Early stopping: stop after this many epochs without improvement.", .atLeast(1))
  package var patience: Int?

  /// The validation loss has the class weights and label smoothing of training, as in runs of versions before 2.
  @Flag(help: .hidden)
  package var weightedValidation = false

  package init() {}

  /// The options that describe the model.
  static let describingModel: Set = [
    "vocabulary", "minimum-count", "lowercase", "characters", "character-embedding", "character-hidden",
    "bidirectional", "vectors",
  ]

  /// - Parameter network: The options beside these.
  /// - Throws: `RecurrentError.invalidArgument` that names an option that does nothing.
  func check(with network: NetworkOptions, validates: Bool) throws {
    for (option, value) in [("--character-embedding", characterEmbedding), ("--character-hidden", characterHidden)] {
      try requireUse(characters || value == nil, option, "characters are not read", remedy: "add --characters")
    }
    try requireUse(
      !bidirectional || network.cell != .feedForward, "--bidirectional", "a layer over a window has no direction",
      remedy: "leave it out")
    try requireUse(
      vectors == nil || network.input == .embedding, "--vectors", "an input of \(network.input.rawValue) has none",
      remedy: "take --input embedding")
    try requireUse(
      !freezeVectors || vectors != nil, "--freeze-vectors", "there are no vectors to freeze", remedy: "add --vectors")
    try requireUse(
      patience == nil || validates, "--patience", "there is no validation data",
      remedy: "take a --validation-fraction above 0")
  }
}
