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

  @Option(parsing: .unconditional, help: "The largest number of words, the one for rare words included.")
  var vocabulary: Int?

  @Option(
    parsing: .unconditional,
    help: "How often a word occurs in the training data at least, to be known as itself. (default: 1)")
  var minimumCount: Int?

  @Flag(help: "Make words lower-case; their characters stay.")
  var lowercase = false

  @OptionGroup(title: "Model") var network: NetworkOptions

  @Flag(help: "Read sentences in both directions.")
  var bidirectional = false

  @Flag(help: "Read words letter by letter, too: by an LSTM in both directions.")
  var characters = false

  @Option(parsing: .unconditional, help: "The size of a character's vector. (default: 32)")
  var characterEmbedding: Int?

  @Option(parsing: .unconditional, help: "Units of each direction that reads characters. (default: 32)")
  var characterHidden: Int?

  @Flag(help: "Score a sentence's tags together, by a conditional random field.")
  var crf = false

  @Option(parsing: .unconditional, help: "Words on either side that --cell feed-forward reads.")
  var window: Int?

  @Option(help: "Vectors of words to start from, in the text format of GloVe or word2vec.")
  var vectors: String?

  @Flag(help: "Leave these vectors as they are.")
  var freezeVectors = false

  @OptionGroup(title: "Training") var training: TrainingOptions

  @Option(
    help: "What chooses the epoch whose weights stay. (default: entity-f1 where tags mark entities, else accuracy)")
  var monitor: TagMonitor?

  @Option(parsing: .unconditional, help: "Stop after this many epochs without a better one.")
  var patience: Int?

  func settings(data: String, validation: String?, validationFraction: Double) throws -> TagSettings {
    for (option, value) in [("--character-embedding", characterEmbedding), ("--character-hidden", characterHidden)] {
      try requireUse(characters || value == nil, option, "characters are not read", remedy: "add --characters")
    }
    var network = NetworkSettings(network)
    network.bidirectional = bidirectional
    return TagSettings(
      data: data,
      columns: format.columns, validation: validation, validationFraction: validationFraction,
      reading: TagSettings.Reading(vocabulary: vocabulary, minimumCount: minimumCount ?? 1, lowercase: lowercase),
      characters: characters
        ? TagSettings.Characters(embedding: characterEmbedding ?? 32, hidden: characterHidden ?? 32) : nil,
      crf: crf, window: window, vectors: vectors, freezeVectors: freezeVectors, patience: patience, monitor: monitor,
      network: network, training: TrainingSettings(training))
  }

  func differing(from settings: TagSettings) -> [String] {
    let (columns, reading, letters) = (settings.columns, settings.reading, settings.characters)
    return [
      ifChanged("--word-column", format.words.wordColumn, columns.word),
      ifChanged("--comments", format.words.comments ? true : nil, columns.comments),
      ifChanged("--tag-column", format.tagColumn, columns.tag), ifChanged("--pos", format.pos, columns.pos),
      ifChanged("--vocabulary", vocabulary, reading.vocabulary),
      ifChanged("--minimum-count", minimumCount, reading.minimumCount),
      ifChanged("--lowercase", lowercase ? true : nil, reading.lowercase),
      ifChanged("--bidirectional", bidirectional ? true : nil, settings.network.bidirectional),
      ifChanged("--characters", characters ? true : nil, letters != nil),
      ifChanged("--character-embedding", characterEmbedding, letters?.embedding),
      ifChanged("--character-hidden", characterHidden, letters?.hidden),
      ifChanged("--crf", crf ? true : nil, settings.crf), ifChanged("--window", window, settings.window),
      ifChanged("--vectors", vectors, settings.vectors),
      ifChanged("--freeze-vectors", freezeVectors ? true : nil, settings.freezeVectors),
      ifChanged("--monitor", monitor, settings.monitor), ifChanged("--patience", patience, settings.patience),
    ].compactMap(\.self)
  }

  func task(_ settings: TagSettings, resumed: ModelFolder?) throws -> TagTask {
    try TagTask(settings, resumed: resumed?.emptyModel(Tagger.self))
  }
}

extension TagMonitor: ExpressibleByArgument {}
