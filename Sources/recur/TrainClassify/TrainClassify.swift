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
  @OptionGroup(title: "Data") var table: TableOptions
  @OptionGroup(title: "Examples") var examples: ExampleOptions

  @Option(help: "A file with the label of each line of --validation, where that is a text a line.")
  var validationLabels: String?

  @Option(help: "What a token is; whitespace is for texts that are tokenized already. (default: words)")
  var tokens: TokenKind?

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

  @Option(help: "How the states of a text become one vector. (default: last)")
  var pooling: Pooling?

  @Flag(help: "One logit for two labels, as Keras' Dense(1), instead of two.")
  var binary = false

  @OptionGroup(title: "Training") var training: TrainingOptions

  @Option(help: "What mistakes cost, by label: balanced, or LABEL=FACTOR,LABEL=FACTOR. (default: all the same)")
  var classWeights: ClassWeights?

  @Option(help: "What chooses the epoch whose weights stay. (default: accuracy)")
  var monitor: ClassifySettings.Monitor?

  @Option(
    parsing: .unconditional,
    help: "Instead of a model, train so many, each without another part of the data, and measure it on that part.")
  var folds: Int?

  @Option(parsing: .unconditional, help: "Run only this one of the --folds, from 1. (default: all)")
  var fold: Int?

  @Option(
    help: """
      A table (.csv, else with tabs) for the prediction of each text by the model of --folds that did not see it: its row, \
      fold, label, prediction and probability.
      """)
  var outOfFold: String?

  func train() throws {
    guard let folds else {
      for (option, isGiven) in [("--fold", fold != nil), ("--out-of-fold", outOfFold != nil)] {
        try requireUse(!isGiven, option, "there are no folds", remedy: "add --folds, or leave it out")
      }
      return try trainRun()
    }
    for (option, isGiven) in [
      ("--model", options.model != nil), ("--resume", options.resume), ("--validation", options.validation != nil),
      ("--validation-fraction", options.validationFraction != nil), ("--patience", examples.patience != nil),
      ("--monitor", monitor != nil), ("--keep", options.keep != nil),
      ("--checkpoint-every", options.checkpointEvery != nil), ("--profile", options.profile),
    ] {
      try requireUse(
        !isGiven, option, "--folds keeps no model, chooses no epoch and sets its own data apart", remedy: "leave it out"
      )
    }
    let settings = try givenSettings()
    try settings.check()
    try CrossValidation(
      settings: settings, folds: folds, fold: fold, outOfFold: outOfFold, device: options.device.open(),
      isJSON: options.json
    ).run()
  }

  func settings(data: String, validation: String?, validationFraction: Double) throws -> ClassifySettings {
    try requireUse(
      monitor == nil || validation != nil || validationFraction > 0, "--monitor",
      "nothing is set apart to validate on", remedy: "take a --validation-fraction above 0")
    return try ClassifySettings(
      data: data, storage: format.storage(table), validation: validation, validationLabels: validationLabels,
      validationFraction: validationFraction,
      reading: ClassifySettings.Reading(
        tokens: tokens ?? .words, dropMarks: dropMarks, length: length, cut: cut ?? .start, fill: fill ?? .end),
      examples: ExampleSettings(examples), pooling: pooling ?? .last, binary: binary, classWeights: classWeights,
      monitor: monitor ?? .accuracy, network: examples.network(network),
      training: TrainingSettings(training))
  }

  func differing(from settings: ClassifySettings) -> [String] {
    let reading = settings.reading
    return [
      ifChanged("--text-column", format.text.textColumn, settings.storage.textColumn),
      ifChanged("--label-column", format.labelColumn, settings.storage.labelColumn),
      ifChanged("--labels", format.labels, settings.storage.labels),
      ifChanged("--header", table.header?.isThere.map(HeaderChoice.init), settings.storage.header),
      ifChanged("--delimiter", table.delimiter?.character, settings.storage.delimiter?.character),
      ifChanged("--validation-labels", validationLabels, settings.validationLabels),
      ifChanged("--tokens", tokens, reading.tokens),
      ifChanged("--drop-marks", dropMarks ? true : nil, reading.dropMarks),
      ifChanged("--length", length, reading.length), ifChanged("--cut", cut, reading.cut),
      ifChanged("--fill", fill, reading.fill),
      ifChanged("--pooling", pooling, settings.pooling), ifChanged("--binary", binary ? true : nil, settings.binary),
      ifChanged("--class-weights", classWeights, settings.classWeights),
      ifChanged("--monitor", monitor, settings.monitor),
    ].compactMap(\.self) + examples.differing(from: settings.examples, settings.network)
  }

  func task(_ settings: ClassifySettings, resumed: ModelFolder?) throws -> ClassifyTask {
    try ClassifyTask(settings, resumed: resumed?.emptyModel(Classifier.self))
  }
}

extension SequencePadding.End: ExpressibleByArgument {}
extension Pooling: ExpressibleByArgument {}
extension ClassifySettings.Monitor: ExpressibleByArgument {}
