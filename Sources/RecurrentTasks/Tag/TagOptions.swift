import ArgumentParser
import RecurrentCore
import RecurrentModel

/// The options of `recur train tag`.
package struct TagOptions: ExampleTaskOptions {
  @OptionGroup(title: "Data") package var format: TaggedFormatOptions
  @OptionGroup(title: "Data") package var table: TableOptions
  @OptionGroup(title: "Data") package var entities: EntityOptions
  @OptionGroup(title: "Data") package var reading: Reading
  @OptionGroup package var examples: ExampleOptions
  @OptionGroup(title: "Model") package var tokens: TokenOptions
  @OptionGroup(title: "Model") package var network: NetworkOptions<EncoderCell>
  @OptionGroup(title: "Model") package var layers: Layers
  @OptionGroup(title: "Training") package var training: TrainingOptions<EncoderCell>
  @OptionGroup(title: "Training") package var learning: Learning

  package init() {}

  package static var describingModel: Set<String> {
    ExampleOptions.describingModel.union(OptionValues.names(of: Reading.self))
      .union(OptionValues.names(of: Layers.self)).union(["scheme"])
  }

  /// The metric that selects the best epoch.
  package enum Monitor: String, CaseIterable, ExpressibleByArgument {
    case loss, accuracy
    case entityF1 = "entity-f1"

    /// The name of the metric in reports.
    var metric: String { self == .entityF1 ? "entity_f1" : rawValue }
  }

  package func check(isPretrained: Bool) throws {
    try tokens.check(with: training)
    try examples.check(with: network, tokens, isPretrained: isPretrained)
    try requireUse(
      layers.window == nil || network.cell == .feedForward, "--window", "recurrent layers read whole sentences",
      remedy: "add --cell feed-forward, or leave it out")
    try requireUse(
      layers.window != nil || network.cell != .feedForward, "--cell", "a feed-forward layer needs a window",
      remedy: "add --window")
    for (option, isGiven) in [
      ("--tag-weights", learning.tagWeights != nil), ("--label-smoothing", examples.learning.labelSmoothing > 0),
    ] {
      try requireUse(
        !layers.crf || !isGiven, option, "a CRF scores whole sentences",
        remedy: "leave it out, or leave out --crf")
    }
  }

  /// The format of the training data.
  var columns: TaggedColumns { format.columns(table) }
}

extension TagOptions {
  /// The kind of tokens.
  package struct Reading: ParsableArguments {
    @Flag(help: "Replace each digit of words with 0, except for the characters of --characters.")
    package var foldDigits = false

    package init() {}
  }

  /// The layers after the encoder.
  package struct Layers: ParsableArguments {
    @Flag(help: "Add a conditional random field (CRF), which scores the tags of a sentence together.")
    package var crf = false

    @Option(
      "Number of words on either side that --cell feed-forward reads; required with it.",
      .range(0...NetworkConfiguration.Limit.window))
    package var window: Int?

    package init() {}
  }

  /// The loss.
  package struct Learning: ParsableArguments {
    @Option(
      "Class weights of the training loss: balanced, as in scikit-learn, or TAG=FACTOR,TAG=FACTOR; not with --crf.",
      default: "1 for all")
    package var tagWeights: ClassWeights?

    package init() {}
  }

  /// What chooses the best epoch.
  package struct Stopping: ParsableArguments {
    @Option(
      "Metric that selects the best epoch.", default: "entity-f1 where tags mark entities, else accuracy")
    package var monitor: Monitor?

    @OptionGroup package var early: PatienceOptions

    package init() {}
  }
}
