import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// The options of `recur train text`.
package struct TextOptions: TokenTaskOptions {
  @OptionGroup(title: "Data") package var reading: Reading
  @OptionGroup(title: "Data") package var symbols: VocabularyOptions
  @OptionGroup(title: "Model") package var tokens: TokenOptions
  @OptionGroup(title: "Model") package var network: NetworkOptions<RecurrentCell>
  @OptionGroup(title: "Model") package var layers: Layers
  @OptionGroup(title: "Training") package var training: TrainingOptions<RecurrentCell>
  @OptionGroup(title: "Training") package var learning: Learning
  @OptionGroup(title: "Training") package var sampling: SamplingOptions

  package init() {}

  package static var describingModel: Set<String> {
    OptionValues.names(of: TokenOptions.self).union(OptionValues.names(of: Reading.self)).union(
      OptionValues.names(of: VocabularyOptions.self)
    )
    .union(OptionValues.names(of: Layers.self))
  }

  package func check(isPretrained: Bool) throws {
    try tokens.check(with: training)
    try requireUse(
      !symbols.lowercase || reading.tokens != .characters, "--lowercase", "it applies to words only",
      remedy: "use --tokens words or whitespace")
    try requireUse(
      !layers.tied || networkConfiguration().embedding == network.hidden, "--tied",
      "the embedding size differs from the hidden size, \(network.hidden)", remedy: "use --embedding \(network.hidden)")
    try requireUse(
      !layers.tied || !tokens.sparseEmbedding, "--sparse-embedding",
      "the output layer would change every vector of a tied embedding",
      remedy: "leave it out, or leave out --tied")
    try requireUse(
      network.dropout == 0 || network.layers > 1, "--dropout", "it applies between layers, and there is one layer",
      remedy: "use --layers 2 or more, or leave it out")
  }
}

extension TextOptions {
  /// The kind of tokens.
  package struct Reading: ParsableArguments {
    @Option(
      help: """
        Tokens: characters, words, or whitespace for a text that is already tokenized, such as Penn Treebank: its tokens are \
        separated by blanks, and each line end becomes <eos>.
        """)
    package var tokens = TokenKind.characters

    package init() {}
  }

  /// Dropout and weight tying around the recurrent layers.
  package struct Layers: ParsableArguments {
    @Option("Dropout probability of the input of the recurrent layers.", .range(0..<1))
    package var embeddingDropout: Float = 0

    @Option("Dropout probability of the input of the output layer.", .range(0..<1))
    package var headDropout: Float = 0

    @Flag(help: "Tie the weight of the output layer to the embedding; the embedding size must equal the hidden size.")
    package var tied = false

    package init() {}
  }

  /// Truncated backpropagation.
  package struct Learning: ParsableArguments {
    @Option(
      "Steps per sequence (truncated backpropagation); the state is carried over to the next.", .range(1...1_000_000))
    package var sequence = 50

    package init() {}
  }

  /// How long a model is trained.
  package struct Stopping: ParsableArguments {
    @Option(
      "Early stopping: keep the epoch with the lowest validation loss, and stop after this many epochs without a lower one. (default: no early stopping)",
      .atLeast(1))
    package var patience: Int?

    package init() {}
  }
}
