import RecurrentCore
import RecurrentData
import RecurrentModel

/// The task of tagging words.
package struct TagTask: Task {
  package typealias Evaluation = TagEvaluation
  package typealias Prediction = TagPrediction
  package typealias Flow = TagFlow

  package static let name = "tag"
  package static let abstract = "Train a tagger: it assigns a tag to each word of a sentence."
  package static let discussion = """
    The data has one word per line and an empty line after each sentence, in columns as in the CoNLL tasks, or in CoNLL-U \
    (.conllu). Files may be compressed with gzip (.gz). Sentences are shuffled, and sentences of similar length are batched \
    together.
    """
  package static let noun = "tagger"
  package static let usage = "recur predict"
  package static func usageInput(_ data: String) -> String { " --text TEXT" }
  package static let predictions: String? = """
    a line per word, with the word, a tab, and its tag, and an empty line after each sentence. With --json, an object per sentence. The \
    words of --text are separated by blanks.
    """
  package static let tensors = "the input contains \(InputTensors.tokensHelp). The output contains `logits` [T, N, K]."

  package let settings: TrainingSettings<TagOptions>
  package let model: Tagger
  package let stopping: EarlyStopping?
  package let notes: [String]

  private let data: ExampleData<TaggedTexts>
  /// The weight of each tag in the loss; nil for 1.
  private let weights: [Float]?

  package init(_ settings: TrainingSettings<TagOptions>, _ origin: ModelOrigin<Tagger>, say: (String) -> Void) throws {
    var settings = settings
    var columns = settings.options.columns
    if origin.isResumed { columns.readAsBefore(settings.data) }
    let contents = try columns.contents(of: settings.data, say: say)
    // The header that was found is kept, so that the run reads all its data alike, also when it is resumed.
    if case .columns(_, _, _, let layout) = contents.format, let header = layout.header {
      settings.options.table.header = HeaderChoice(header)
    }
    let examples = settings.options.examples
    if origin.model == nil { try examples.fitVectors(&settings.options.tokens) }
    let (training, validation) = try Self.split(contents.sentences, settings, say: say)
    // A rare tag may have been set apart with its only sentence.
    let all = training + (settings.validation == nil ? validation : [])
    let model = try origin.model ?? Self.makeModel(settings, training, tagged: all)
    if !origin.isResumed { model.dataFormat = contents.format }
    data = try ExampleData(
      training: model.texts(training), validation: model.texts(validation), settings.training)
    try requireKnown(data.training.unseen, "tags", at: settings.data)
    // A model of --from may have one that no option says.
    let isWeighted = settings.options.learning.tagWeights != nil
    try requireUse(
      model.crf == nil || !isWeighted && examples.learning.labelSmoothing == 0,
      isWeighted ? "--tag-weights" : "--label-smoothing", "a CRF scores whole sentences",
      remedy: "leave it out")
    self.model = model
    self.settings = try settings.checked(data)
    weights = try settings.options.learning.tagWeights?.values(
      model.labels, of: data.training.tags.joined(), kind: "tag", option: "--tag-weights")
    let monitor = try Self.monitor(settings.stopping.monitor, model)
    stopping =
      data.validates ? try EarlyStopping(metric: monitor.metric, patience: settings.stopping.early.patience) : nil
    Self.prepare(model, for: settings.options)
    notes =
      try examples.loadVectors(into: model.embedding, of: model.vocabulary, isNew: origin.model == nil)
      + [Self.about(data, model)] + Self.noteOfUncounted(data.training, model)
      + noteOfIllFormed(
        model.scheme?.illFormed(in: (training + validation).map(\.tags)) ?? 0, model.scheme, "in the data")
      + data.validation.unseenClasses(by: model).note("tag", settings.validation ?? settings.data)
      + noteOfUnknown(data.validation.words, in: model.vocabulary, settings.validation)
  }

  /// The unit of the weight of a loss: sentences with a CRF, which scores whole sentences.
  package var unit: String { model.crf != nil ? "sentences" : "words" }

  package static func prepare(_ model: Tagger, for options: TagOptions) {
    options.examples.prepare(model.embedding, by: options.tokens)
  }

  package var stepsPerEpoch: Int { data.stepsPerEpoch }

  package func batches(epoch: Int) -> AnySequence<TaggedBatch> { data.batches(epoch: epoch) }

  package func loss(of batch: TaggedBatch, carrying: [RecurrentState], on tape: Tape) throws -> BatchLoss {
    try model.loss(
      of: batch, on: tape, weights: weights, smoothing: settings.options.examples.learning.labelSmoothing)
  }

  package func validate(_ trainer: Trainer<Tagger, TaggedBatch>) throws -> Validation {
    guard data.validates else { return .none }
    let learning = settings.options.examples.learning
    let result = try model.evaluate(
      data.validationBatches(), unseen: data.validation.unseen, weights: learning.validationWeights(of: weights),
      smoothing: learning.validationSmoothing, on: trainer.tape, shouldStop: trainer.shouldStop)
    return .measured(loss: result.loss, metrics: result.metrics)
  }

  // MARK: Data

  private static func split(
    _ sentences: [TaggedSentence], _ settings: TrainingSettings<TagOptions>, say: (String) -> Void
  ) throws -> (training: [TaggedSentence], validation: [TaggedSentence]) {
    if let file = settings.validation {
      var columns = settings.options.columns
      columns.header = nil
      let remembered = TaggedFormat.columns(layout: TableLayout(header: settings.options.table.header?.isThere))
      return (sentences, try columns.contents(of: file, remembered: remembered, say: say).sentences)
    }
    return try setApart(
      settings.validationFraction, of: sentences, "sentence", seed: settings.training.seed, location: settings.data,
      more: "give more, with an empty line after each")
  }

  private static func monitor(_ given: TagOptions.Monitor?, _ model: Tagger) throws -> TagOptions.Monitor {
    let haveEntities = model.scheme != nil
    try requireUse(
      given != .entityF1 || haveEntities, "--monitor",
      "the tags mark no entities: \(model.labels.map(\.shown).listed)", remedy: "use loss or accuracy")
    return given ?? (haveEntities ? .entityF1 : .accuracy)
  }

  // MARK: Model

  /// - Parameter tagged: The sentences whose tags the model knows.
  private static func makeModel(
    _ settings: TrainingSettings<TagOptions>, _ sentences: [TaggedSentence], tagged: [TaggedSentence]
  ) throws -> Tagger {
    let options = settings.options
    let tags = Set(tagged.flatMap(\.tags)).sorted()
    guard tags.count >= 2 else {
      throw RecurrentError(
        .invalidData, "has only one tag, \(tags.map(\.shown).listed)", at: settings.data,
        remedy: "give words with two or more tags, or name another column: --tag-column")
    }
    try options.entities.scheme?.scheme?.check(tags)
    let words = sentences.lazy.flatMap(\.words)
    let vocabulary = try Vocabulary(
      ofWords: words, maximumSize: options.examples.symbols.vocabulary,
      minimumCount: options.examples.symbols.minimumCount,
      lowercases: options.examples.symbols.lowercase, foldsDigits: options.reading.foldDigits)
    let characters = try options.examples.characterReader(of: words)
    let network = options.networkConfiguration(bidirectional: options.examples.encoder.bidirectional)
    let model = try options.network.initialization.makeModel(
      TaggerConfiguration(
        vocabularySize: vocabulary.count, network: network, characters: characters?.configuration,
        tags: tags, scheme: options.entities.scheme?.scheme ?? EntityScheme(of: tagged.map(\.tags)),
        hasCRF: options.layers.crf,
        window: options.layers.window), network.recurrent)
    (model.vocabulary, model.characterVocabulary) = (vocabulary, characters?.vocabulary)
    return model
  }

  /// A note why entities are not counted although some tags mark them: other tags do not (a header, a typing error), or
  /// no scheme has their prefixes.
  private static func noteOfUncounted(_ texts: TaggedTexts, _ model: Tagger) -> [String] {
    let (tags, marked) = (model.labels, model.labels.filter(Entity.isMarked))
    guard model.scheme == nil, !marked.isEmpty else { return [] }
    let others = tags.indices.filter { tags[$0] != "O" && !marked.contains(tags[$0]) }
    guard !others.isEmpty else {
      let prefixes = Set(marked.map { String($0.prefix(1)) }).sorted().listed
      return ["Entities are not counted: the tags begin with \(prefixes), which no scheme combines."]
    }
    let counts = texts.tags.joined().counts(below: tags.count)
    return [
      "Entities are not counted: some tags other than O mark no entity: "
        + "\(others.map { "\(tags[$0].shown) (\(counts[$0].grouped))" }.listed)."
    ]
  }

  private static func about(_ data: ExampleData<TaggedTexts>, _ model: Tagger) -> String {
    let sentences = data.training.words
    let words = data.training.lengths.reduce(0, +)
    let rare = model.vocabulary?.percentUnknown(of: sentences) ?? 0
    return
      "\(sentences.count.counted("sentence"))\(data.validationText) of \(words.counted("word")) with \(model.labels.count.counted("tag")) "
      + "(\(model.labels.map(\.shown).listed))\(model.scheme.map { " in the scheme \($0.rawValue)" } ?? ""); "
      + "\(rare.text(1)) % of the words are unknown; \(data.paddingText)."
  }
}

extension TaggingResult {
  /// The metrics in reports.
  var metrics: [Metric] {
    let accuracy = [Metric("accuracy", confusion.accuracy)]
    guard let all = entities?.overall else { return accuracy }
    return accuracy + [
      Metric("entity_precision", all.precision), Metric("entity_recall", all.recall), Metric("entity_f1", all.f1),
    ]
  }
}

// MARK: - Tensors

extension TagTask {
  package static func run(_ model: Tagger, _ input: InputTensors, on tape: Tape) throws -> [String: Tensor] {
    let words = try input.paddedTokens(beside: model.characters, on: tape)
    return ["logits": try input.placed { try model(words) }]
  }
}
