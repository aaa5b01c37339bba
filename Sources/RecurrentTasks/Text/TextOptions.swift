import ArgumentParser
import RecurrentCore
import RecurrentModel

/// The options of `recur train text`.
package struct TextOptions: TaskOptions {
  @OptionGroup(title: "Data") package var validation: ValidationOptions

  @Option(
    help: """
      Tokens: characters, words, or whitespace for a text that is tokenized already, as Penn Treebank: its tokens as they are, \
      and <eos> for each line end.
      """)
  package var tokens = TokenKind.characters

  @Option("Maximum vocabulary size; rarer symbols become the unknown symbol. (default: all)", .atLeast(2))
  package var vocabulary: Int?

  @Option("Minimum count of a symbol in the training data; rarer ones become the unknown symbol.", .atLeast(1))
  package var minimumCount = 1

  @Flag(help: "Lower-case words.")
  package var lowercase = false

  @OptionGroup(title: "Model") package var network: NetworkOptions
  @Option("Dropout probability of what the recurrent layers read.", .range(0..<1))
  package var embeddingDropout: Float = 0

  @Option("Dropout probability of what the output layer reads.", .range(0..<1))
  package var headDropout: Float = 0

  @Flag(help: "Tie the output layer's weight to the embedding, whose size must be the hidden size.")
  package var tied = false

  @OptionGroup(title: "Training") package var training: TrainingOptions

  @Option(
    "Early stopping: keep the epoch with the lowest validation loss, and stop after this many without a lower one.",
    .atLeast(1))
  package var patience: Int?

  @Option("Truncated-BPTT length: steps of a sequence.", .range(1...1_000_000))
  package var sequence = 50

  package init() {}

  package static var describingModel: Set<String> {
    ["tokens", "vocabulary", "minimum-count", "lowercase", "embedding-dropout", "head-dropout", "tied"]
  }

  package func check(validates: Bool) throws {
    guard network.cell != .feedForward else {
      throw RecurrentError(
        .invalidArgument, "a language model has memory", at: "--cell", remedy: "take elman, lstm or gru")
    }
    try requireUse(
      patience == nil || validates, "--patience", "there is no validation data",
      remedy: "use a --validation-fraction above 0")
    try requireUse(
      !lowercase || tokens != .characters, "--lowercase", "it is a rule for words",
      remedy: "use --tokens words or whitespace")
    try requireUse(
      !tied || network.input == .embedding && network.embedding ?? 128 == network.hidden, "--tied",
      "the embedding has not the hidden size, \(network.hidden)", remedy: "use --embedding \(network.hidden)")
    try requireUse(
      !tied || !network.sparseEmbedding, "--sparse-embedding",
      "the output layer changes every vector of a tied embedding",
      remedy: "leave it out, or leave out --tied")
    try requireUse(
      network.dropout == 0 || network.layers > 1, "--dropout", "it is between layers, and there is one",
      remedy: "take --layers 2 or more, or leave it out")
  }
}
