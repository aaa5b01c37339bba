import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// The options of `recur train translate`.
package struct TranslateOptions: TaskOptions {
  package typealias Stopping = LossPatienceOptions

  @OptionGroup(title: "Data") package var pairs: PairOptions
  @OptionGroup(title: "Data") package var table: TableOptions
  @OptionGroup(title: "Data") package var reading: Reading
  @OptionGroup(title: "Data") package var symbols: VocabularyOptions
  @OptionGroup(title: "Model") package var network: NetworkOptions<TranslatorCell>
  @OptionGroup(title: "Model") package var layers: Layers
  @OptionGroup(title: "Model") package var vectors: TranslatorVectors
  @OptionGroup(title: "Training") package var training: TrainingOptions<TranslatorCell>
  @OptionGroup(title: "Training") package var learning: Learning
  @OptionGroup(title: "Training") package var sampling: SamplingOptions

  package init() {}

  package static var describingModel: Set<String> {
    OptionValues.names(of: Reading.self).subtracting(["limit"]).union(OptionValues.names(of: VocabularyOptions.self))
      .union(OptionValues.names(of: Layers.self))
      .union(OptionValues.names(of: TranslatorVectors.self).subtracting(["freeze-vectors"]))
  }

  package mutating func resolveDefaults() {
    network.resolveDefaults()
    layers.embedding = layers.embeddingSize
  }

  package var data: String? { pairs.source }

  package mutating func moveData(to other: Self) {
    (pairs.source, pairs.target) = (other.pairs.source, other.pairs.target)
    pairs.validationTarget = other.pairs.validationTarget
  }

  package func check(isPretrained: Bool) throws {
    try requireUse(
      (pairs.source == nil) == (pairs.target == nil), pairs.source == nil ? "--target" : "--source",
      "sources and targets are two files", remedy: "give --source and --target, or --data")
    try requireUse(
      reading.dialogue || reading.context == nil, "--context", "the lines are not dialogue",
      remedy: "add --dialogue, or leave it out")
    if pairs.source != nil {
      try requireNoColumns(
        [("--source-column", pairs.sourceColumn != nil), ("--target-column", pairs.targetColumn != nil)], table,
        "two files have no columns")
    }
    try requireUse(
      !symbols.lowercase || reading.tokens != .characters, "--lowercase", "it applies to words only",
      remedy: "use --tokens words or whitespace")
    try requireUse(
      reading.subwords == nil || reading.tokens == .words, "--subwords", "they are parts of words",
      remedy: "use --tokens words, or leave it out")
    try checkMerges(isPretrained: isPretrained)
    try vectors.check(isPretrained: isPretrained)
    try requireUse(
      !reading.jointSubwords || reading.subwords != nil, "--joint-subwords", "there are no subwords",
      remedy: "add --subwords, or leave it out")
    try requireUse(
      sampling.sampledSoftmax == nil || learning.labelSmoothing == 0, "--sampled-softmax",
      "label smoothing reads all tokens", remedy: "add --label-smoothing 0")
    try checkLayers()
  }

  /// - Throws: `RecurrentError.invalidArgument` if an option of the layers does not fit another one.
  private func checkLayers() throws {
    guard layers.architecture == .recurrent else {
      for (option, isGiven) in [
        ("--attention", layers.attention != .additive), ("--input-feeding", layers.inputFeeding),
        ("--no-bidirectional", !layers.bidirectional), ("--cell", network.cell != TranslatorCell.defaultCell),
        ("--initialization", network.initialization != .standard), ("--bias", network.bias != .both),
      ] {
        try requireUse(
          !isGiven, option, "a Transformer has no recurrent layers",
          remedy: "use --architecture recurrent, or leave it out")
      }
      let heads = layers.headCount
      // Vectors set the embedding size.
      return try requireUse(
        vectors.areGiven || layers.embeddingSize.isMultiple(of: heads), "--heads",
        "\(heads) heads cannot have the same share of \(layers.embeddingSize) features",
        remedy: "use a divisor of the embedding size")
    }
    try requireUse(
      layers.heads == nil, "--heads", "recurrent layers have none",
      remedy: "add --architecture transformer, or leave it out")
    try requireUse(
      !layers.bidirectional || network.hidden.isMultiple(of: 2), "--hidden",
      "the two directions of the encoder have half of \(network.hidden) units each",
      remedy: "use an even number, or --no-bidirectional")
  }

  /// - Throws: `RecurrentError.invalidArgument` that names an option that does not fit another one.
  private func checkMerges(isPretrained: Bool) throws {
    let own = [("--source-merges", reading.sourceMerges), ("--target-merges", reading.targetMerges)]
    for (option, file) in own + [("--merges", reading.merges)] where file != nil {
      try requireUse(
        reading.subwords == nil, "--subwords", "\(option) has the merges", remedy: "leave one of them out")
      try requireUse(
        reading.tokens == .words, option, "merges make parts of words", remedy: "use --tokens words, or leave it out")
      try requireUse(
        option == "--merges" || reading.merges == nil, option, "--merges is for both sides", remedy: "leave one out")
    }
    try requireUse(
      learning.subwordDropout == 0 || reading.hasSubwords || isPretrained, "--subword-dropout", "there are no subwords",
      remedy: "add --subwords or merges, or leave it out")
  }

  /// The context of a conversation that has not begun; nil if the lines are not dialogue.
  var dialogue: DialogueContext? {
    reading.contextLines.map { DialogueContext(lines: $0, tokens: reading.tokens) }
  }

  /// - Throws: `RecurrentError.invalidArgument` that names an option for other data than dialogue.
  func requireDialogue() throws {
    try RecurrentTasks.requireDialogue(
      [
        ("--source", pairs.source != nil), ("--validation-target", pairs.validationTarget != nil),
        ("--source-column", pairs.sourceColumn != nil), ("--target-column", pairs.targetColumn != nil),
      ], table)
  }

  /// The format of a table of pairs.
  var format: PairFormat {
    PairFormat(
      source: pairs.sourceColumn.map(TableFormat.Column.init) ?? .number(1),
      target: pairs.targetColumn.map(TableFormat.Column.init) ?? .number(2),
      layout: TableLayout(table.header, table.delimiter, else: nil))
  }
}

/// The files and columns of pairs. A resume may change the files.
package struct PairOptions: ParsableArguments {
  @Option(help: .file("File of sources, one per line, in place of --data; with --target."))
  package var source: String?

  @Option(help: .file("File of targets, one per line, in the order of --source."))
  package var target: String?

  @Option(help: .file("File of targets of --validation, which then is a file of sources, one per line."))
  package var validationTarget: String?

  @Option(
    help: ArgumentHelp(
      "Column of sources: a name in the header, or a number from 1. (default: source, or 1)", valueName: "column"))
  package var sourceColumn: String?

  @Option(
    help: ArgumentHelp(
      "Column of targets: a name in the header, or a number from 1. (default: target, or 2)", valueName: "column"))
  package var targetColumn: String?

  package init() {}
}

extension TranslateOptions {
  /// The tokens.
  package struct Reading: ParsableArguments {
    @Option(
      help: """
        Tokens: words and punctuation marks; whitespace for texts that are already tokenized, with blanks between tokens; or characters.
        """)
    package var tokens = TokenKind.words

    @Option(
      "Number of merges of byte-pair encoding, learned from each side: words are split into subwords. (default: whole words)",
      .range(1...1_000_000))
    package var subwords: Int?

    @Flag(help: "Learn the merges from both sides together.")
    package var jointSubwords = false

    @Option(help: .file("Merges of both sides, as subword-nmt or Recur wrote them, in place of --subwords."))
    package var merges: String?

    @Option(help: .file("Merges of sources, in place of --subwords."))
    package var sourceMerges: String?

    @Option(help: .file("Merges of targets, in place of --subwords."))
    package var targetMerges: String?

    @Option(
      "Maximum number of tokens of a source or target; longer pairs are left out of the training.", .range(1...100_000))
    package var limit = 100

    @Flag(
      help: """
        The data is dialogue: a text file with an utterance per line and empty lines between conversations, in which each line is the \
        target of those before it.
        """)
    package var dialogue = false

    @Option(
      "Number of lines before a target that its source has, with --dialogue. (default: \(defaultContext))",
      .range(1...DialogueContext.largest))
    package var context: Int?

    package init() {}

    private static let defaultContext = 1

    /// Whether a side is split into subwords.
    var hasSubwords: Bool { subwords != nil || merges != nil || sourceMerges != nil || targetMerges != nil }

    /// The number of lines of a source; nil if the lines are not dialogue.
    var contextLines: Int? { dialogue ? context ?? Self.defaultContext : nil }
  }

  /// The layers of the model.
  package struct Layers: ParsableArguments {
    @Option(
      help: """
        Recurrent layers with attention; or a Transformer, --layers of self-attention on each side, with --embedding features and \
        feed-forward networks of --hidden units.
        """)
    package var architecture = TranslatorConfiguration.Architecture.recurrent

    @Option(
      "Number of attention heads of a Transformer. (default: \(defaultHeads))",
      .range(1...NetworkConfiguration.Limit.embedding))
    package var heads: Int?

    @Option(
      "Embedding size of both sides, and size of the readout. (default: \(defaultEmbedding))",
      .range(1...NetworkConfiguration.Limit.embedding))
    package var embedding: Int?

    @Option(
      help: """
        Attention of the decoder over the states of the encoder: additive (Bahdanau), dot or general (Luong), or none, with which the \
        decoder knows only the final state.
        """)
    package var attention = AttentionKind.additive

    @Flag(help: "Input feeding: each step of the decoder also reads the readout of the step before (Luong); slower.")
    package var inputFeeding = false

    @Flag(inversion: .prefixedNo, help: "Tie the weight of the output layer to the target embedding.")
    package var tied = true

    @Flag(inversion: .prefixedNo, help: "Read sources in both directions, with half of the hidden size each.")
    package var bidirectional = true

    package init() {}

    private static let defaultEmbedding = 256
    private static let defaultHeads = 4

    var embeddingSize: Int { embedding ?? Self.defaultEmbedding }
    var headCount: Int { heads ?? Self.defaultHeads }
  }

  /// The loss.
  package struct Learning: ParsableArguments {
    @Option(
      "Label smoothing: the fraction of a target that is spread over all tokens in the training loss.", .range(0..<1))
    package var labelSmoothing: Float = 0.1

    @Option(
      help: """
        Probability that a step of the decoder reads the target's token in training, and not a predicted one: a constant, or \
        linear:P, from 1 at the first step of the training to P at the last (scheduled sampling). Below 1 a step takes half as long again.
        """)
    package var teacherForcing = TeacherForcing.constant(1)

    @Option(
      "BPE dropout: the probability with which a merge is left out, anew in each epoch (Provilkov et al. 2020); 0.1 is usual.",
      .range(0..<1))
    package var subwordDropout: Double = 0

    package init() {}
  }
}

/// The cells of translators.
package enum TranslatorCell: String, CaseIterable, CellChoice {
  case elman, lstm, gru

  package static let defaultCell = gru
  package static let defaults = {
    var defaults = OptionDefaults()
    (defaults.hidden, defaults.layers, defaults.dropout) = (512, 1, 0.3)
    (defaults.batch, defaults.learningRate, defaults.schedule) = (96, 2e-3, .cosine(warmUp: 200))
    (defaults.clipNorm, defaults.epochs) = (1, 7)
    return defaults
  }()
  package static let help = "Recurrent cell of encoder and decoder."
  package static let dropoutHelp =
    "Dropout probability of the embeddings, between recurrent layers and before the output layer."
}

extension AttentionKind: ExpressibleByArgument {}
extension TranslatorConfiguration.Architecture: ExpressibleByArgument {}

extension TranslateOptions.Layers {
  /// The layers in `config.json`.
  /// - Parameter layers: The layers of `--hidden`, `--layers` and the other options that all models share.
  func network(_ layers: RecurrentConfiguration) -> TranslatorConfiguration.Network {
    switch architecture {
    case .recurrent:
      .recurrent(RecurrentTranslatorConfiguration(layers: layers, attention: attention, feedsInput: inputFeeding))
    case .transformer:
      .transformer(
        TransformerConfiguration(
          heads: headCount, hidden: layers.hidden, layers: layers.layers, dropout: layers.dropout))
    }
  }
}
