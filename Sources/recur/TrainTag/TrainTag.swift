import ArgumentParser
import Recurrent

/// `recur train tag`
struct TrainTag: TrainCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag", abstract: "Train a model that gives each word of a sentence a tag.",
    discussion: """
      The data has a line a word, and an empty line after a sentence: columns as the CoNLL tasks have them, or CoNLL-U, by its \
      name .conllu. It may be packed by gzip (.gz). Sentences need no order: they are shuffled, and those of similar length are \
      read together.
      """)

  @OptionGroup(title: "Run") var options: RunOptions
  @OptionGroup(title: "Data") var format: TaggedFormatOptions
  @OptionGroup(title: "Data") var table: TableOptions
  @OptionGroup(title: "Data") var entities: EntityOptions
  @OptionGroup(title: "Examples") var examples: ExampleOptions

  @OptionGroup(title: "Model") var network: NetworkOptions

  @Flag(help: "Score a sentence's tags together, by a conditional random field.")
  var crf = false

  @Option(parsing: .unconditional, help: "Words on either side that --cell feed-forward reads.")
  var window: Int?

  @OptionGroup(title: "Training") var training: TrainingOptions

  @Option(help: "What mistakes cost, by tag: balanced, or TAG=FACTOR,TAG=FACTOR. (default: all the same)")
  var tagWeights: ClassWeights?

  @Option(
    help: "What chooses the epoch whose weights stay. (default: entity-f1 where tags mark entities, else accuracy)")
  var monitor: TagSettings.Monitor?

  func settings(data: String, validation: String?, validationFraction: Double) throws -> TagSettings {
    try TagSettings(
      data: data, columns: format.columns(table), validation: validation, validationFraction: validationFraction,
      scheme: entities.scheme?.scheme, examples: ExampleSettings(examples),
      crf: crf, window: window, tagWeights: tagWeights, monitor: monitor,
      network: examples.network(network), training: TrainingSettings(training))
  }

  func differing(from settings: TagSettings) -> [String] {
    let columns = settings.columns
    return [
      ifChanged("--word-column", format.words.wordColumn, columns.word),
      ifChanged("--comments", format.words.comments, columns.comments ?? false),
      ifChanged("--tag-column", format.tagColumn, columns.tag), ifChanged("--pos", format.pos, columns.pos),
      ifChanged("--header", table.header?.isThere.map(HeaderChoice.init), columns.header),
      ifChanged("--delimiter", table.delimiter?.character, columns.delimiter?.character),
      ifChanged("--scheme", entities.scheme.map(\.scheme), settings.scheme),
      ifChanged("--crf", crf ? true : nil, settings.crf), ifChanged("--window", window, settings.window),
      ifChanged("--tag-weights", tagWeights, settings.tagWeights),
      ifChanged("--monitor", monitor, settings.monitor),
    ].compactMap(\.self) + examples.differing(from: settings.examples, settings.network)
  }

  func task(_ settings: TagSettings, resumed: ModelFolder?) throws -> TagTask {
    try TagTask(settings, resumed: resumed?.emptyModel(Tagger.self))
  }
}

extension TagSettings.Monitor: ExpressibleByArgument {}
