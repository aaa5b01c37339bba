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

  /// What the model is made of, of which these options say the directions and the vectors.
  /// - Throws: `RecurrentError` if the vectors cannot be read, or are said to be of another size.
  func network(_ options: NetworkOptions) throws -> NetworkSettings {
    var network = NetworkSettings(options)
    network.bidirectional = bidirectional
    guard let vectors else { return network }
    let size = try WordVectors(vectors).size
    try requireUse(
      options.embedding ?? size == size, "--embedding", "the vectors of \(vectors) have \(size.grouped) numbers",
      remedy: "leave it out")
    network.embedding = size
    return network
  }

  /// The options that were given and differ from a run's settings.
  func differing(from settings: ExampleSettings, _ network: NetworkSettings) -> [String] {
    [
      ifChanged("--vocabulary", vocabulary, settings.vocabulary),
      ifChanged("--minimum-count", minimumCount, settings.minimumCount),
      ifChanged("--lowercase", lowercase ? true : nil, settings.lowercase),
      ifChanged("--bidirectional", bidirectional ? true : nil, network.bidirectional),
      ifChanged("--vectors", vectors, settings.vectors),
      ifChanged("--freeze-vectors", freezeVectors ? true : nil, settings.freezeVectors),
      ifChanged("--label-smoothing", labelSmoothing, settings.labelSmoothing),
      ifChanged("--patience", patience, settings.patience),
    ].compactMap(\.self)
  }
}
<<<<<<< HEAD
=======

/// What runs on labelled examples have in common, as checkpoints carry it.
struct ExampleSettings: Codable {
  var vocabulary: Int?
  var minimumCount: Int
  var lowercase: Bool
  var vectors: String?
  var freezeVectors: Bool
  var labelSmoothing: Float
  var patience: Int?

  /// What was given, and the defaults.
  init(_ options: ExampleOptions) {
    vocabulary = options.vocabulary
    minimumCount = options.minimumCount ?? 1
    lowercase = options.lowercase
    vectors = options.vectors
    freezeVectors = options.freezeVectors
    labelSmoothing = options.labelSmoothing ?? 0
    patience = options.patience
  }

  /// - Throws: `RecurrentError.invalidArgument` that names the first number that is out of range, or option that does nothing.
  func check(in settings: some RunSettings) throws {
    if let vocabulary { try require(vocabulary >= 2, "--vocabulary", vocabulary, "take 2 or more") }
    try require(minimumCount >= 1, "--minimum-count", minimumCount, "take 1 or more")
    try require(
      labelSmoothing >= 0 && labelSmoothing < 1, "--label-smoothing", labelSmoothing, "take 0 or more, and less than 1")
    if let patience { try require(patience >= 1, "--patience", patience, "take 1 or more") }
    try requireUse(
      settings.network.bidirectional != true || settings.network.cell != .feedForward, "--bidirectional",
      "a layer over a window has no direction", remedy: "leave it out")
    try requireUse(
      vectors == nil || settings.network.input == .embedding, "--vectors",
      "an input of \(settings.network.input.rawValue) has none", remedy: "take --input embedding")
    try requireUse(
      !freezeVectors || vectors != nil, "--freeze-vectors", "there are no vectors to freeze", remedy: "add --vectors")
    try requireUse(
      patience == nil || settings.validates, "--patience", "nothing is set apart to validate on",
      remedy: "take a --validation-fraction above 0")
  }
}
>>>>>>> efe5bc2 (wip)
