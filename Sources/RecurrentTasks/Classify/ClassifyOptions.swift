import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// The options of `recur train classify`.
package struct ClassifyOptions: ExampleTaskOptions {
  @OptionGroup(title: "Data") package var format: TextFormatOptions
  @OptionGroup(title: "Data") package var table: TableOptions
  @OptionGroup(title: "Data") package var reading: TextReadingOptions
  @OptionGroup package var examples: ExampleOptions
  @OptionGroup(title: "Model") package var tokens: TokenOptions
  @OptionGroup(title: "Model") package var network: NetworkOptions<EncoderCell>
  @OptionGroup(title: "Model") package var layers: Layers
  @OptionGroup(title: "Training") package var training: TrainingOptions<EncoderCell>
  @OptionGroup(title: "Training") package var learning: Learning

  package init() {}

  package static var describingModel: Set<String> {
    ExampleOptions.describingModel.union(OptionValues.names(of: TextReadingOptions.self))
      .union(OptionValues.names(of: Layers.self))
  }

  /// The metric that selects the best epoch.
  package enum Monitor: String, CaseIterable, ExpressibleByArgument {
    case loss, accuracy
    case macroF1 = "macro-f1"

    /// The name of the metric in reports.
    var metric: String { self == .macroF1 ? "macro_f1" : rawValue }
  }

  package func check(isPretrained: Bool) throws {
    try tokens.check(with: training)
    try examples.check(with: network, tokens, isPretrained: isPretrained)
    try reading.check(with: network)
    try requireUse(
      network.cell != .feedForward || layers.pooling == .last, "--pooling",
      "a feed-forward layer has no states to pool",
      remedy: "leave it out")
    try requireUse(
      reading.tokens != .characters || !examples.symbols.lowercase, "--lowercase", "it applies to words only",
      remedy: "use --tokens words or whitespace")
    try requireUse(
      !examples.encoder.characters || reading.tokens != .characters, "--characters",
      "the tokens are characters already",
      remedy: "use --tokens words or whitespace, or leave it out")
    try requireUse(
      !examples.encoder.characters || network.cell != .feedForward, "--characters",
      "a feed-forward layer does not read characters", remedy: "leave it out, or use a recurrent cell")
    try requireUse(
      examples.encoder.vectors == nil || reading.tokens != .characters, "--vectors", "vectors belong to words",
      remedy: "use --tokens words or whitespace")
  }

  /// The format of the training data.
  var storage: TextStorage { format.storage(table) }
}

extension ClassifyOptions {
  /// The file of the labels of the validation data, and the selection of the best epoch.
  package struct Stopping: ParsableArguments {
    @Option(help: .file("File with the label of each line of --validation, for data with a text per line."))
    package var validationLabels: String?

    @Option("Metric that selects the best epoch.", default: "accuracy")
    package var monitor: Monitor?

    @OptionGroup package var early: PatienceOptions

    package init() {}
  }

  /// The layers after the encoder.
  package struct Layers: ParsableArguments {
    @Option(
      help: """
        Pooling of the states of a text over time: the last state of each direction, their mean or maximum, or a learned \
        weighted mean (attention).
        """)
    package var pooling = Pooling.last

    @Flag(help: "One logit instead of two for two labels, like Dense(1) in Keras.")
    package var binary = false

    package init() {}
  }

  /// The loss.
  package struct Learning: ParsableArguments {
    @Option(
      "Class weights of the training loss: balanced, as in scikit-learn, or LABEL=FACTOR,LABEL=FACTOR.",
      default: "1 for all")
    package var classWeights: ClassWeights?

    package init() {}
  }
}

/// The tokenization, truncation and padding of texts.
package struct TextReadingOptions: ParsableArguments {
  @Option(help: "Tokens: words, characters, or whitespace for texts that are already tokenized.")
  package var tokens = TokenKind.words

  @Flag(help: "Remove punctuation.")
  package var dropMarks = false

  @Option(
    "Maximum number of tokens of a text; longer texts are truncated. (default: all)",
    .range(1...NetworkConfiguration.Limit.length))
  package var length: Int?

  @Option(help: "Truncate longer texts at their start or end (Keras: truncating pre or post).")
  package var cut = SequencePadding.End.start

  @Option(
    help: """
      Pad shorter texts at their start or end (Keras: padding pre or post). Padding at the start is read like tokens, as in \
      Keras without masking; padding at the end is skipped. start needs --length.
      """)
  package var fill = SequencePadding.End.end

  package init() {}

  /// The rules for words. The line ends of a tokenized text are white space: a text has one label, for all of its
  /// lines.
  func rules(lowercases: Bool) -> WordRules {
    WordRules(lowercases: lowercases, keepsMarks: tokens != .whitespace && !dropMarks)
  }

  /// The truncation and padding of texts.
  func padding() throws -> SequencePadding { try SequencePadding(limit: length, truncating: cut, padding: fill) }

  func check(with network: NetworkOptions<EncoderCell>) throws {
    try requireUse(length != nil || fill == .end, "--fill", "padding needs a length", remedy: "add --length")
    try requireUse(
      length != nil || network.cell != .feedForward, "--cell", "a feed-forward layer needs a length",
      remedy: "add --length")
    try requireUse(
      tokens == .words || !dropMarks, "--drop-marks", "it applies to words only", remedy: "use --tokens words")
  }
}

extension SequencePadding.End: ExpressibleByArgument {}
extension Pooling: ExpressibleByArgument {}
