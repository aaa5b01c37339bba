import Recurrent

/// A tagger of words.
struct TagTask: TrainingTask {
  let settings: TagSettings
  let model: Tagger
  let stopping: EarlyStopping?
  let notes: [String]

  private let data: ExampleData<TaggedTexts>
  /// What the mistakes in each tag cost, or nil for the same.
  private let weights: [Float]?

  /// - Parameter resumed: The model of the run that goes on, without weights; nil for a new run.
  init(_ settings: TagSettings, resumed: Tagger?) throws {
    var settings = settings
    if resumed != nil { settings.columns.readAsBefore(settings.data) }
    let contents = try settings.columns.contents(of: settings.data)
    settings.columns.keep(contents.format)
    let (training, validation) = try Self.split(contents.sentences, settings)
    // A rare tag may have been set apart with its only sentence.
    let all = training + (settings.validation == nil ? validation : [])
    let model = try resumed ?? Self.makeModel(settings, training, tags: Set(all.flatMap(\.tags)).sorted())
    if resumed == nil { model.dataFormat = contents.format }
    data = try ExampleData(
      training: model.texts(training), validation: model.texts(validation), settings.training)
    self.model = model
    self.settings = try settings.checked(data)
    weights = try settings.tagWeights?.values(model.labels, of: data.training.tags.joined(), kind: "tag")
    let monitor = try Self.monitor(settings, tags: model.labels)
    stopping =
      data.validates ? try EarlyStopping(metric: monitor.metric, patience: settings.examples.patience) : nil
    model.embedding?.isSparse = settings.network.sparseEmbedding ?? false
    notes =
      try settings.examples.loadVectors(into: model.embedding, of: model.vocabulary, isNew: resumed == nil)
      + [Self.about(data, model)] + Self.noteOfOtherTags(data.training, model.labels)
      + noteOfStarts(training + validation, of: model)
      + noteOfUnknown(data.validation.words, in: model.vocabulary, settings.validation)
  }

  /// What a loss's weight counts: a field scores whole sentences.
  var unit: String { settings.crf ? "sentences" : "words" }

  var stepsPerEpoch: Int { data.stepsPerEpoch }

  func batches(epoch: Int) -> AnySequence<TaggedBatch> { data.batches(epoch: epoch) }

  func loss(of batch: TaggedBatch, carrying: [RecurrentState], on tape: Tape) throws -> BatchLoss {
    try model.loss(
      of: batch.words(on: tape), spelling: batch.spelling(on: tape), tags: batch.tags, weights: weights,
      smoothing: settings.examples.labelSmoothing)
  }

  func validate(_ trainer: Trainer<Tagger, TaggedBatch>) throws -> Validation {
    guard data.validates else { return .none }
    let isPlain = settings.examples.plainValidation ?? false
    let result = try model.evaluate(
      data.validationBatches(), weights: isPlain ? nil : weights,
      smoothing: isPlain ? 0 : settings.examples.labelSmoothing, on: trainer.tape, shouldStop: trainer.shouldStop)
    return result.map { .measured(loss: $0.loss, metrics: $0.metrics) } ?? .stopped
  }

  // MARK: Data

  private static func split(
    _ sentences: [TaggedSentence], _ settings: TagSettings
  ) throws -> (training: [TaggedSentence], validation: [TaggedSentence]) {
    if let file = settings.validation { return (sentences, try settings.columns.contents(of: file).sentences) }
    return try setApart(
      settings.validationFraction, of: sentences, "sentences", seed: settings.training.seed, place: settings.data)
  }

  private static func monitor(_ settings: TagSettings, tags: [String]) throws -> TagSettings.Monitor {
    let haveEntities = Entity.areMarked(by: tags)
    try requireUse(
      settings.monitor != .entityF1 || haveEntities, "--monitor",
      "the tags mark no entities: they are \(tags.map(\.shown).listed)", remedy: "take loss or accuracy")
    return settings.monitor ?? (haveEntities ? .entityF1 : .accuracy)
  }

  // MARK: Model

  private static func makeModel(
    _ settings: TagSettings, _ sentences: [TaggedSentence], tags: [String]
  ) throws -> Tagger {
    guard tags.count >= 2 else {
      throw RecurrentError(
        .invalidData, "has one tag only, \(tags.map(\.shown).listed)", at: settings.data,
        remedy: "give words with two or more tags, or name another column: --tag-column")
    }
    let words = sentences.lazy.flatMap(\.words)
    let vocabulary = try Vocabulary(
      ofWords: words, maximumSize: settings.examples.vocabulary, minimumCount: settings.examples.minimumCount,
      lowercases: settings.examples.lowercase)
    let characters = try settings.examples.characters?.reader(of: words)
    let network = settings.network.configuration
    let model = try settings.network.initialization.makeModel(
      TaggerConfiguration(
        vocabularySize: vocabulary.count, network: network, characters: characters?.configuration,
        tags: tags, hasCRF: settings.crf, window: settings.window), network)
    (model.vocabulary, model.characterVocabulary) = (vocabulary, characters?.vocabulary)
    return model
  }

  /// Names tags that mark no entity beside some that do: a header, a slip of the pen.
  private static func noteOfOtherTags(_ texts: TaggedTexts, _ tags: [String]) -> [String] {
    let isMark = tags.map { Entity.areMarked(by: [$0]) }
    let others = tags.indices.filter { !isMark[$0] && tags[$0] != "O" }
    guard !others.isEmpty, isMark.contains(true) else { return [] }
    let counts = texts.tags.joined().counts(below: tags.count)
    return [
      "Entities are not counted: beside tags that mark some there are others, "
        + "\(others.map { "\(tags[$0].shown) (\(counts[$0].grouped))" }.listed)."
    ]
  }

  private static func about(_ data: ExampleData<TaggedTexts>, _ model: Tagger) -> String {
    let sentences = data.training.words
    let words = data.training.lengths.reduce(0, +)
    let rare = model.vocabulary?.percentUnknown(of: sentences) ?? 0
    return "\(sentences.count.grouped) sentences of \(words.grouped) words with \(model.labels.count) tags "
      + "(\(model.labels.map(\.shown).listed)); \(rare.text(1)) % of the words are rare ones; \(data.paddingText)."
  }
}

/// Says of tags that mark entities what is neither BIO nor IOB1.
func noteOfStarts(_ sentences: [TaggedSentence], of model: Tagger) -> [String] {
  guard Entity.areMarked(by: model.labels) else { return [] }
  let starts = sentences.reduce(into: EntityStarts()) { $0.add(tags: $1.tags) }
  return noteOfStarts(starts, "in the data")
}

/// - Parameter whose: Where they are.
func noteOfStarts(_ starts: EntityStarts, _ whose: String) -> [String] {
  guard starts.illFormed > 0 else { return [] }
  let (number, isOne) = (starts.illFormed.grouped, starts.illFormed == 1)
  return [
    "\(number) \(isOne ? "entity" : "entities") \(whose) \(isOne ? "begins" : "begin") with I- where BIO has B-; "
      + "conlleval counts \(isOne ? "it" : "them") all the same, and so does Recur."
  ]
}

extension TaggingResult {
  /// What runs report.
  var metrics: [Metric] {
    let accuracy = [Metric("accuracy", confusion.accuracy)]
    guard let all = entities?.overall else { return accuracy }
    return accuracy + [
      Metric("entity_precision", all.precision), Metric("entity_recall", all.recall), Metric("entity_f1", all.f1),
    ]
  }
}
