import Recurrent

/// A classifier of texts.
struct ClassifyTask: TrainingTask {
  let settings: ClassifySettings
  let model: Classifier
  let unit = "texts"
  let stopping: EarlyStopping?
  let notes: [String]

  private let data: ExampleData<LabelledTexts>
  /// How many texts were given to measure with.
  private let given: Int
  /// What the mistakes in each class cost, or nil for the same.
  private let weights: [Float]?

  /// - Parameter resumed: The model of the run that goes on, without weights; nil for a new run.
  init(_ settings: ClassifySettings, resumed: Classifier?) throws {
    var settings = settings
    if resumed != nil { try settings.storage.readAsBefore(settings.data) }
    let contents = try settings.storage.labelledContents(of: settings.data)
    let dataFormat = settings.storage.keep(contents.format)
    let (training, validation) = try Self.split(contents.examples, settings)
    try self.init(settings, training: training, validation: validation, resumed: resumed)
    if resumed == nil { model.dataFormat = dataFormat }
  }

  /// - Parameter validation: Other texts, to measure with.
  init(
    _ settings: ClassifySettings, training: [TextExample], validation: [TextExample], resumed: Classifier? = nil
  ) throws {
    // A rare label may have been set apart with its only text.
    let all = training + (settings.validation == nil ? validation : [])
    let labels = Set(all.compactMap(\.label)).sorted()
    let model = try resumed ?? Self.makeModel(settings, training, labels)
    data = try ExampleData(
      training: model.texts(training), validation: model.texts(validation), settings.training)
    given = validation.count
    guard !data.training.tokens.isEmpty else {
      throw RecurrentError(
        .invalidData, "has no text with \(data.training.kind.noun) to train on", at: settings.data,
        remedy: "give texts with some")
    }
    self.model = model
    self.settings = try settings.checked(data)
    weights = try settings.classWeights?.values(model.labels, of: data.training.classes, kind: "class")
    stopping =
      data.validates
      ? try EarlyStopping(metric: settings.monitor.metric, patience: settings.examples.patience) : nil
    model.embedding?.isSparse = settings.network.sparseEmbedding ?? false
    notes =
      try settings.examples.loadVectors(into: model.embedding, of: model.vocabulary, isNew: resumed == nil)
      + [Self.about(data, model.labels)] + Self.noteOfRareLabels(data.training, model.labels)
      + noteOfTokenized(training.lazy.map(\.text), tokens: settings.reading.tokens, settings.data)
      + noteOfUnknown(data.validation.tokens, in: model.vocabulary, settings.validation)
      + UnseenClasses(of: data.validation, model).note("label", settings.validation ?? settings.data)
      + [(training, data.training), (validation, data.validation)].flatMap {
        noteOfSkipped($0, kept: $1.places, $1.kind, "left out")
      } + Self.warnings(settings)
  }

  var stepsPerEpoch: Int { data.stepsPerEpoch }

  func batches(epoch: Int) -> AnySequence<LabelledBatch> { data.batches(epoch: epoch) }

  func loss(of batch: LabelledBatch, carrying: [RecurrentState], on tape: Tape) throws -> BatchLoss {
    try model.loss(
      of: batch.tokens(on: tape), spelling: batch.spelling(on: tape), labels: batch.classes, weights: weights,
      smoothing: settings.examples.labelSmoothing)
  }

  func validate(_ trainer: Trainer<Classifier, LabelledBatch>) throws -> Validation {
    guard data.validates else { return .none }
    return try measure(trainer).map { .measured(loss: $0.loss, metrics: $0.metrics) } ?? .stopped
  }

  /// How well the model does on what was set apart; nil if the trainer was asked to stop before the end.
  func measure(_ trainer: Trainer<Classifier, LabelledBatch>) throws -> ClassificationResult? {
    let isPlain = settings.examples.plainValidation ?? false
    return try model.evaluate(
      data.validationBatches(), unseen: data.validation.unseen, weights: isPlain ? nil : weights,
      smoothing: isPlain ? 0 : settings.examples.labelSmoothing, on: trainer.tape, shouldStop: trainer.shouldStop)
  }

  /// What the model predicts of each text that was set apart, in their order; nil of one without a token.
  func predictions(_ trainer: Trainer<Classifier, LabelledBatch>) throws -> [Prediction?] {
    try data.validation.predictions(by: model, count: given, rows: settings.training.batch, on: trainer.tape)
  }

  // MARK: Data

  /// All texts with their labels.
  static func examples(_ settings: ClassifySettings) throws -> [TextExample] {
    try settings.storage.labelledContents(of: settings.data).examples
  }

  private static func split(_ examples: [TextExample], _ settings: ClassifySettings) throws
    -> (training: [TextExample], validation: [TextExample])
  {
    if let file = settings.validation {
      var storage = settings.storage
      storage.labels = settings.validationLabels
      return (examples, try storage.labelledContents(of: file, labelsBy: "--validation-labels").examples)
    }
    return try setApart(
      settings.validationFraction, of: examples, "texts", seed: settings.training.seed, place: settings.data)
  }

  // MARK: Model

  private static func makeModel(
    _ settings: ClassifySettings, _ examples: [TextExample], _ labels: [String]
  ) throws -> Classifier {
    guard labels.count >= 2 else {
      throw RecurrentError(
        .invalidData, "has one label only, \(labels.map(\.shown).listed)", at: settings.data,
        remedy: "give texts of two or more labels")
    }
    guard !settings.binary || labels.count == 2 else {
      throw RecurrentError(
        .invalidArgument, "one logit decides between two labels, and there are \(labels.count)", at: "--binary",
        remedy: "leave it out")
    }
    let reading = settings.reading
    let texts = examples.lazy.map(\.text)
    let vocabulary = try Vocabulary(
      of: texts, kind: reading.tokens, maximumSize: settings.examples.vocabulary,
      minimumCount: settings.examples.minimumCount,
      knowsUnknown: true, rules: reading.rules(lowercases: settings.examples.lowercase))
    let characters = try settings.examples.characters?.reader(of: texts)
    let network = settings.network.configuration
    let model = try settings.network.initialization.makeModel(
      ClassifierConfiguration(
        vocabularySize: vocabulary.count, network: network, characters: characters?.configuration,
        pooling: settings.pooling, labels: labels, isBinary: settings.binary, padding: settings.padding()), network)
    (model.vocabulary, model.characterVocabulary) = (vocabulary, characters?.vocabulary)
    return model
  }

  private static func about(_ data: ExampleData<LabelledTexts>, _ labels: [String]) -> String {
    let lengths = data.training.lengths
    let mean = Double(lengths.reduce(0, +)) / Double(max(lengths.count, 1))
    return "\(lengths.count.grouped) texts with \(labels.count) labels (\(labels.map(\.shown).listed)), "
      + "\(mean.text(0)) tokens on average; \(data.paddingText)."
  }

  /// Names labels with less than a twentieth of the median label's texts. They may be none: a `README.txt` in a folder of
  /// classes, a slip of the pen in a table.
  private static func noteOfRareLabels(_ texts: LabelledTexts, _ labels: [String]) -> [String] {
    let counts = texts.classes.counts(below: labels.count)
    let median = counts.sorted().dropFirst((counts.count - 1) / 2).first ?? 0
    let rare = labels.indices.filter { 20 * counts[$0] < median }.map { "\(labels[$0].shown) (\(counts[$0].grouped))" }
    return rare.isEmpty
      ? []
      : [
        "Rare labels: \(rare.listed); half of the labels have \(median.grouped) texts or more. See whether they are meant to be "
          + "labels."
      ]
  }

  private static func warnings(_ settings: ClassifySettings) -> [String] {
    settings.network.input != .integer
      ? []
      : [
        "The input is the number of each token, as a magnitude: that one word has a larger number than another carries no "
          + "meaning, so expect little more than chance. An embedding (--input embedding) learns what words mean."
      ]
  }
}

extension ClassificationResult {
  /// What runs report.
  var metrics: [Metric] { [Metric("accuracy", confusion.accuracy), Metric("macro_f1", confusion.macroF1)] }
}
