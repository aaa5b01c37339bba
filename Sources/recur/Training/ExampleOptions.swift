import ArgumentParser
import Recurrent

/// What runs on labelled examples, texts or sentences, have in common. Nothing has a default here, so that it is known what was
/// given.
struct ExampleOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: "The largest number of symbols, the one for rare words included. (default: all)")
  var vocabulary: Int?

  @Option(
    parsing: .unconditional,
    help: "How often a symbol occurs in the training data at least, to be known as itself. (default: 1)")
  var minimumCount: Int?

  @Flag(help: "Make words lower-case; where their characters are read, too, these stay.")
  var lowercase = false

  @Flag(help: "Read words letter by letter, too: by an LSTM in both directions.")
  var characters = false

  @Option(parsing: .unconditional, help: "The size of a character's vector. (default: 32)")
  var characterEmbedding: Int?

  @Option(parsing: .unconditional, help: "Units of each direction that reads characters. (default: 32)")
  var characterHidden: Int?

  @Flag(help: "Read in both directions.")
  var bidirectional = false

  @Option(help: "Vectors of words to start from, in the text format of GloVe or word2vec.")
  var vectors: String?

  @Flag(help: "Leave these vectors as they are.")
  var freezeVectors = false

  @Option(parsing: .unconditional, help: "The share of a target that goes to all classes alike. (default: 0)")
  var labelSmoothing: Float?

  @Option(parsing: .unconditional, help: "Stop after this many epochs without a better one.")
  var patience: Int?

  /// The options that were given and differ from a run's settings.
  func differing(from settings: ExampleSettings, _ network: NetworkSettings) -> [String] {
    [
      ifChanged("--vocabulary", vocabulary, settings.vocabulary),
      ifChanged("--minimum-count", minimumCount, settings.minimumCount),
      ifChanged("--lowercase", lowercase ? true : nil, settings.lowercase),
      ifChanged("--characters", characters ? true : nil, settings.characters != nil),
      ifChanged("--character-embedding", characterEmbedding, settings.characters?.embedding),
      ifChanged("--character-hidden", characterHidden, settings.characters?.hidden),
      ifChanged("--bidirectional", bidirectional ? true : nil, network.bidirectional),
      ifChanged("--vectors", vectors, settings.vectors),
      ifChanged("--freeze-vectors", freezeVectors ? true : nil, settings.freezeVectors),
      ifChanged("--label-smoothing", labelSmoothing, settings.labelSmoothing),
      ifChanged("--patience", patience, settings.patience),
    ].compactMap(\.self)
  }
}
