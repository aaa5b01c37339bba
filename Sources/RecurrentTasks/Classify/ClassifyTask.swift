import RecurrentCore
import RecurrentData
import RecurrentModel

/// The task of text classification.
package struct ClassifyTask: Task {
  package typealias Evaluation = ClassifyEvaluation
  package typealias Prediction = ClassifyPrediction
  package typealias Flow = ClassifyFlow

  package static let name = "classify"
  package static let abstract = "Train a text classifier."
  package static let discussion = """
    The data is a table (.tsv, .csv) with a text and a label in each row; a folder with a subfolder per label and a file per text; a folder \
    with a file per label and a text per line; or a file with a text per line, with --labels. Files may be compressed with \
    gzip (.gz). Texts are shuffled, and texts of similar length are batched together.
    """
  package static let noun = "classifier"
  package static let usage = "recur predict"
  package static func usageInput(_ data: String) -> String { " --text TEXT" }
  package static let predictions: String? = """
    a line per text, with the label, a tab, and its probability. A text without words has an empty label (null with --json), so that \
    line numbers match the data. With --json, an object per text, with the probabilities of all labels.
    """
  package static let tensors = "the input contains \(InputTensors.tokensHelp). The output contains `logits` [N, K]."

  package let settings: TrainingSettings<ClassifyOptions>
  package let model: Classifier
  package let unit = "texts"
  package let stopping: EarlyStopping?
  package let notes: [String]

  private let data: ExampleData<LabelledTexts>
  /// The number of validation texts, including those without tokens.
  private let given: Int
  /// The weight of each class in the loss; nil for 1.
  private let weights: [Float]?

  package init(
    _ settings: TrainingSettings<ClassifyOptions>, _ origin: ModelOrigin<Classifier>, say: (String) -> Void
  ) throws {
    try requireUse(
      settings.stopping.validationLabels == nil || settings.validation != nil, "--validation-labels",
      "no validation data is given", remedy: "add --validation")
    var settings = settings
    var storage = settings.options.storage
    if origin.isResumed { try storage.readAsBefore(settings.data) }
    let contents = try storage.labelledContents(of: settings.data, say: say)
    let dataFormat = storage.remembered(contents.format, of: settings.data)
    // The header that was found is kept, so that the run reads all its data alike, also when it is resumed.
    if let header = dataFormat?.layout.header { settings.options.table.header = HeaderChoice(header) }
    let (training, validation) = try Self.split(contents.examples, settings, say: say)
    try self.init(settings, training: training, validation: validation, origin)
    if !origin.isResumed { model.dataFormat = dataFormat }
  }

  /// - Parameter validation: Other texts, to measure with.
  init(
    _ settings: TrainingSettings<ClassifyOptions>, training: [TextExample], validation: [TextExample],
    _ origin: ModelOrigin<Classifier>
  ) throws {
    var settings = settings
    let examples = settings.options.examples
    if origin.model == nil { try examples.fitVectors(&settings.options.tokens) }
    // A rare label may have been set apart with its only text.
    let all = training + (settings.validation == nil ? validation : [])
    let labels = Set(all.compactMap(\.label)).sorted()
    let model = try origin.model ?? Self.makeModel(settings, training, labels)
    data = try ExampleData(
      training: model.texts(training), validation: model.texts(validation), settings.training)
    given = validation.count
    guard !data.training.tokens.isEmpty else {
      throw RecurrentError(
        .invalidData, "has no text with \(data.training.kind.noun)", at: settings.data,
        remedy: "use texts with \(data.training.kind.noun)")
    }
    try requireKnown(data.training.unseen, "labels", at: settings.data)
    self.model = model
    self.settings = try settings.checked(data)
    weights = try settings.options.learning.classWeights?.values(
      model.labels, of: data.training.classes, kind: "label", option: "--class-weights")
    let monitor = settings.stopping.monitor ?? .accuracy
    stopping =
      data.validates ? try EarlyStopping(metric: monitor.metric, patience: settings.stopping.early.patience) : nil
    Self.prepare(model, for: settings.options)
    notes =
      try examples.loadVectors(into: model.embedding, of: model.vocabulary, isNew: origin.model == nil)
      + [Self.about(data, model.labels)] + Self.noteOfRareLabels(data.training, model.labels)
      + noteOfTokenized(training.lazy.map(\.text), tokens: model.vocabulary?.kind ?? .words, settings.data)
      + noteOfUnknown(data.validation.tokens, in: model.vocabulary, settings.validation)
      + data.validation.unseenClasses(by: model).note("label", settings.validation ?? settings.data)
      + [(training, data.training), (validation, data.validation)].flatMap {
        noteOfSkipped($0, kept: $1.indices, $1.kind, "left out")
      } + Self.warnings(model)
  }

  package static func prepare(_ model: Classifier, for options: ClassifyOptions) {
    options.examples.prepare(model.embedding, by: options.tokens)
  }

  package var stepsPerEpoch: Int { data.stepsPerEpoch }

  package func batches(epoch: Int) -> AnySequence<LabelledBatch> { data.batches(epoch: epoch) }

  package func loss(of batch: LabelledBatch, carrying: [RecurrentState], on tape: Tape) throws -> BatchLoss {
    try model.loss(
      of: batch, on: tape, weights: weights, smoothing: settings.options.examples.learning.labelSmoothing)
  }

  package func validate(_ trainer: Trainer<Classifier, LabelledBatch>) throws -> Validation {
    guard data.validates else { return .none }
    let result = try measure(trainer)
    return .measured(loss: result.loss, metrics: result.metrics)
  }

  /// Evaluates the model on the validation data.
  /// - Throws: `CancellationError` if the trainer was stopped before the end.
  func measure(_ trainer: Trainer<Classifier, LabelledBatch>) throws -> ClassificationResult {
    let learning = settings.options.examples.learning
    return try model.evaluate(
      data.validationBatches(), unseen: data.validation.unseen, weights: learning.validationWeights(of: weights),
      smoothing: learning.validationSmoothing, on: trainer.tape, shouldStop: trainer.shouldStop)
  }

  /// The prediction for each validation text, in order; nil for texts without tokens.
  func predictions(_ trainer: Trainer<Classifier, LabelledBatch>) throws -> [LabelPrediction?] {
    try data.validation.predictions(by: model, count: given, rows: settings.training.batch, on: trainer.tape)
  }

  // MARK: Data

  private static func split(
    _ examples: [TextExample], _ settings: TrainingSettings<ClassifyOptions>, say: (String) -> Void
  ) throws -> (training: [TextExample], validation: [TextExample]) {
    if let file = settings.validation {
      var storage = settings.options.storage
      storage.labels = settings.stopping.validationLabels
      storage.header = nil
      let remembered = TableFormat(layout: TableLayout(header: settings.options.table.header?.isThere))
      let contents = try storage.labelledContents(
        of: file, labelsBy: "--validation-labels", remembered: remembered, say: say)
      return (examples, contents.examples)
    }
    return try setApart(
      settings.validationFraction, of: examples, "text", seed: settings.training.seed, location: settings.data)
  }

  // MARK: Model

  private static func makeModel(
    _ settings: TrainingSettings<ClassifyOptions>, _ examples: [TextExample], _ labels: [String]
  ) throws -> Classifier {
    let options = settings.options
    guard labels.count >= 2 else {
      throw RecurrentError(
        .invalidData, "has only one label, \(labels.map(\.shown).listed)", at: settings.data,
        remedy: "use texts with at least two labels")
    }
    guard !options.layers.binary || labels.count == 2 else {
      throw RecurrentError(
        .invalidArgument, "one logit separates two labels, but there are \(labels.count)", at: "--binary",
        remedy: "leave it out")
    }
    let texts = examples.lazy.map(\.text)
    let vocabulary = try Vocabulary(
      of: texts, kind: options.reading.tokens, maximumSize: options.examples.symbols.vocabulary,
      minimumCount: options.examples.symbols.minimumCount,
      knowsUnknown: true, rules: options.reading.rules(lowercases: options.examples.symbols.lowercase))
    let characters = try options.examples.characterReader(of: texts)
    let network = options.networkConfiguration(bidirectional: options.examples.encoder.bidirectional)
    let model = try options.network.initialization.makeModel(
      ClassifierConfiguration(
        vocabularySize: vocabulary.count, network: network, characters: characters?.configuration,
        pooling: options.layers.pooling, labels: labels, isBinary: options.layers.binary,
        padding: options.reading.padding()), network.recurrent)
    (model.vocabulary, model.characterVocabulary) = (vocabulary, characters?.vocabulary)
    return model
  }

  private static func about(_ data: ExampleData<LabelledTexts>, _ labels: [String]) -> String {
    let lengths = data.training.lengths
    let mean = Double(lengths.reduce(0, +)) / Double(max(lengths.count, 1))
    return
      "\(lengths.count.counted("text"))\(data.validationText) with \(labels.count.counted("label")) (\(labels.map(\.shown).listed)), "
      + "\(mean.text(0)) tokens on average; \(data.paddingText)."
  }

  /// A note of labels with less than a twentieth of the median number of texts. They may be errors: a `README.txt` in a
  /// folder of classes, a typing error in a table.
  private static func noteOfRareLabels(_ texts: LabelledTexts, _ labels: [String]) -> [String] {
    let counts = texts.classes.counts(below: labels.count)
    let median = counts.sorted().dropFirst((counts.count - 1) / 2).first ?? 0
    let rare = labels.indices.filter { 20 * counts[$0] < median }.map { "\(labels[$0].shown) (\(counts[$0].grouped))" }
    return rare.isEmpty
      ? []
      : [
        "Rare labels: \(rare.listed); half of the labels have \(median.grouped) texts or more. Check that they are meant to be "
          + "labels."
      ]
  }

  private static func warnings(_ model: Classifier) -> [String] {
    model.encoding != .integer
      ? []
      : [
        "The input is the index of each token as one value. The order of indices has no "
          + "meaning, so expect an accuracy near chance. An embedding (--input embedding) learns a vector per token."
      ]
  }
}

extension ClassificationResult {
  /// The metrics in reports.
  var metrics: [Metric] { [Metric("accuracy", confusion.accuracy), Metric("macro_f1", confusion.macroF1)] }
}

// MARK: - Tensors

extension ClassifyTask {
  package static func run(_ model: Classifier, _ input: InputTensors, on tape: Tape) throws -> [String: Tensor] {
    let tokens = try input.paddedTokens(beside: model.characters, on: tape)
    return ["logits": try input.placed { try model(tokens) }]
  }
}
