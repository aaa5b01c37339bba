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
    let model = try resumed ?? Self.makeModel(settings, training, tagged: all)
    if resumed == nil { model.dataFormat = contents.format }
    data = try ExampleData(
      training: model.texts(training), validation: model.texts(validation), settings.training)
    self.model = model
    self.settings = try settings.checked(data)
    weights = try settings.tagWeights?.values(model.labels, of: data.training.tags.joined(), kind: "tag")
    let monitor = try Self.monitor(settings, model)
    stopping =
      data.validates ? try EarlyStopping(metric: monitor.metric, patience: settings.examples.patience) : nil
    model.embedding?.isSparse = settings.network.sparseEmbedding ?? false
    notes =
      try settings.examples.loadVectors(into: model.embedding, of: model.vocabulary, isNew: resumed == nil)
      + [Self.about(data, model)] + Self.noteOfUncounted(data.training, model)
      + noteOfIllFormed(
        model.scheme?.illFormed(in: (training + validation).map(\.tags)) ?? 0, model.scheme, "in the data")
      + UnseenClasses(of: data.validation, model).note("tag", settings.validation ?? settings.data)
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
      data.validationBatches(), unseen: data.validation.unseen, weights: isPlain ? nil : weights,
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

  private static func monitor(_ settings: TagSettings, _ model: Tagger) throws -> TagSettings.Monitor {
    let haveEntities = model.scheme != nil
    try requireUse(
      settings.monitor != .entityF1 || haveEntities, "--monitor",
      "the tags mark no entities: they are \(model.labels.map(\.shown).listed)", remedy: "take loss or accuracy")
    return settings.monitor ?? (haveEntities ? .entityF1 : .accuracy)
  }

  // MARK: Model

  /// - Parameter tagged: The sentences whose tags the model knows.
  private static func makeModel(
    _ settings: TagSettings, _ sentences: [TaggedSentence], tagged: [TaggedSentence]
  ) throws -> Tagger {
    let tags = Set(tagged.flatMap(\.tags)).sorted()
    guard tags.count >= 2 else {
      throw RecurrentError(
        .invalidData, "has one tag only, \(tags.map(\.shown).listed)", at: settings.data,
        remedy: "give words with two or more tags, or name another column: --tag-column")
    }
    try settings.scheme?.check(tags)
    let words = sentences.lazy.flatMap(\.words)
    let vocabulary = try Vocabulary(
      ofWords: words, maximumSize: settings.examples.vocabulary, minimumCount: settings.examples.minimumCount,
      lowercases: settings.examples.lowercase)
    let characters = try settings.examples.characters?.reader(of: words)
    let network = settings.network.configuration
    let model = try settings.network.initialization.makeModel(
      TaggerConfiguration(
        vocabularySize: vocabulary.count, network: network, characters: characters?.configuration,
        tags: tags, scheme: settings.scheme ?? EntityScheme(of: tagged.map(\.tags)), hasCRF: settings.crf,
        window: settings.window), network)
    (model.vocabulary, model.characterVocabulary) = (vocabulary, characters?.vocabulary)
    return model
  }

  /// Says why entities are not counted where some tags mark them: others do not (a header, a slip of the pen), or their
  /// prefixes are of no scheme.
  private static func noteOfUncounted(_ texts: TaggedTexts, _ model: Tagger) -> [String] {
    let (tags, marked) = (model.labels, model.labels.filter(Entity.isMarked))
    guard model.scheme == nil, !marked.isEmpty else { return [] }
    let others = tags.indices.filter { tags[$0] != "O" && !marked.contains(tags[$0]) }
    guard !others.isEmpty else {
      let prefixes = Set(marked.map { String($0.prefix(1)) }).sorted().listed
      return ["Entities are not counted: the tags begin with \(prefixes), which no scheme has together."]
    }
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
      + "(\(model.labels.map(\.shown).listed))\(model.scheme.map { " in the scheme \($0.rawValue)" } ?? ""); "
      + "\(rare.text(1)) % of the words are rare ones; \(data.paddingText)."
  }
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
