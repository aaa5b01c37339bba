import ArgumentParser
import Recurrent

/// `recur train classify`
struct TrainClassify: TrainCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify", abstract: "Train a model that gives a text a label.",
    discussion: """
      The data is a table (.tsv, .csv) with a text and a label in each row; a folder of folders, one a label, with a file a \
      text; a folder of files, one a label, with a text a line; or a file with a text a line, and --labels. All but folders \
      may be packed by gzip (.gz). Rows need no order: they are shuffled, and those of similar length are read together.
      """)

  @OptionGroup(title: "Run") var options: RunOptions
  @OptionGroup(title: "Data") var format: TextFormatOptions

  @Option(help: "What a token is. (default: words)")
  var tokens: TokenKind?

  @Option(
    parsing: .unconditional, help: "The largest number of symbols, those for rare words and for nothing included.")
  var vocabulary: Int?

  @Option(parsing: .unconditional, help: "How often a symbol occurs in the training data at least. (default: 1)")
  var minimumCount: Int?

  @Flag(help: "Make words lower-case.")
  var lowercase = false

  @Flag(help: "Leave punctuation out.")
  var dropMarks = false

  @Option(parsing: .unconditional, help: "The most tokens that are read of a text. (default: all)")
  var length: Int?

  @Option(help: "Where texts are cut that have more, Keras' truncating: pre is start. (default: start)")
  var cut: SequencePadding.End?

  @Option(
    help: """
      Where texts are filled that have less, Keras' padding: the filling at the end changes nothing, that at the start is \
      read. (default: end)
      """)
  var fill: SequencePadding.End?

  @OptionGroup(title: "Model") var network: NetworkOptions

  @Flag(help: "Read texts in both directions.")
  var bidirectional = false

  @Option(help: "How the states of a text become one vector. (default: last)")
  var pooling: Pooling?

  @Flag(help: "One logit for two labels, as Keras' Dense(1), instead of two.")
  var binary = false

  @Option(help: "Vectors of words to start from, in the text format of GloVe or word2vec.")
  var vectors: String?

  @Flag(help: "Leave these vectors as they are.")
  var freezeVectors = false

  @OptionGroup(title: "Training") var training: TrainingOptions

  @Option(help: "What mistakes cost, by label: balanced, or LABEL=FACTOR,LABEL=FACTOR. (default: all the same)")
  var classWeights: ClassWeights?

  @Option(parsing: .unconditional, help: "The share of a target that goes to all labels alike. (default: 0)")
  var labelSmoothing: Float?

  @Option(help: "What chooses the epoch whose weights stay. (default: accuracy)")
  var monitor: Monitor?

  @Option(parsing: .unconditional, help: "Stop after this many epochs without a better one.")
  var patience: Int?

  @Option(
    parsing: .unconditional,
    help: "Instead of a model, train so many, each without another part of the data, and measure it on that part.")
  var folds: Int?

  func train() throws {
    guard let folds else { return try trainRun() }
    for (option, isGiven) in [
      ("--model", options.model != nil), ("--resume", options.resume), ("--validation", options.validation != nil),
      ("--validation-fraction", options.validationFraction != nil), ("--patience", patience != nil),
      ("--profile", options.profile),
    ] {
      try requireUse(!isGiven, option, "--folds keeps no model and sets its own data apart", remedy: "leave it out")
    }
    let settings = try givenSettings()
    try settings.check()
    try CrossValidation(settings: settings, folds: folds, device: options.device.open(), isJSON: options.json).run()
  }

  func settings(data: String, validation: String?, validationFraction: Double) throws -> ClassifySettings {
    var network = NetworkSettings(network)
    network.bidirectional = bidirectional
    return ClassifySettings(
      data: data, storage: format.storage,
      validation: validation, validationFraction: validationFraction,
      reading: ClassifySettings.Reading(
        tokens: tokens ?? .words, vocabulary: vocabulary, minimumCount: minimumCount ?? 1, lowercase: lowercase,
        dropMarks: dropMarks, length: length, cut: cut ?? .start, fill: fill ?? .end),
      pooling: pooling ?? .last, binary: binary, classWeights: classWeights, labelSmoothing: labelSmoothing ?? 0,
      vectors: vectors, freezeVectors: freezeVectors, patience: patience, monitor: monitor ?? .accuracy,
      network: network, training: TrainingSettings(training))
  }

  func differing(from settings: ClassifySettings) -> [String] {
    let reading = settings.reading
    return [
      ifChanged("--text-column", format.textColumn, settings.storage.textColumn),
      ifChanged("--label-column", format.labelColumn, settings.storage.labelColumn),
      ifChanged("--labels", format.labels, settings.storage.labels), ifChanged("--tokens", tokens, reading.tokens),
      ifChanged("--vocabulary", vocabulary, reading.vocabulary),
      ifChanged("--minimum-count", minimumCount, reading.minimumCount),
      ifChanged("--lowercase", lowercase ? true : nil, reading.lowercase),
      ifChanged("--drop-marks", dropMarks ? true : nil, reading.dropMarks),
      ifChanged("--length", length, reading.length), ifChanged("--cut", cut, reading.cut),
      ifChanged("--fill", fill, reading.fill),
      ifChanged("--bidirectional", bidirectional ? true : nil, settings.network.bidirectional),
      ifChanged("--pooling", pooling, settings.pooling), ifChanged("--binary", binary ? true : nil, settings.binary),
      ifChanged("--vectors", vectors, settings.vectors),
      ifChanged("--freeze-vectors", freezeVectors ? true : nil, settings.freezeVectors),
      ifChanged("--class-weights", classWeights, settings.classWeights),
      ifChanged("--label-smoothing", labelSmoothing, settings.labelSmoothing),
      ifChanged("--monitor", monitor, settings.monitor), ifChanged("--patience", patience, settings.patience),
    ].compactMap(\.self)
  }

  func task(_ settings: ClassifySettings, resumed: ModelFolder?) throws -> ClassifyTask {
    try ClassifyTask(settings, resumed: resumed?.emptyModel(Classifier.self))
  }
}

extension SequencePadding.End: ExpressibleByArgument {}
extension Pooling: ExpressibleByArgument {}
extension Monitor: ExpressibleByArgument {}

extension ClassWeights: ExpressibleByArgument {
  static let allValueStrings = ["balanced", "LABEL=FACTOR,…"]
  static let defaultCompletionKind = CompletionKind.list(["balanced"])

  init?(argument: String) {
    if argument == "balanced" {
      self = .balanced
      return
    }
    var factors: [String: Float] = [:]
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let mark = part.lastIndex(of: "="), let factor = Float(part[part.index(after: mark)...]),
        factor >= 0, factor.isFinite, factors.updateValue(factor, forKey: String(part[..<mark])) == nil
      else { return nil }
    }
    self = .factors(factors)
  }
}
