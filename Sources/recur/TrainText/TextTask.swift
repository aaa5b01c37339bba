import Recurrent

/// A language model of a text.
struct TextTask: TrainingTask {
  let settings: TextSettings
  let model: LanguageModel
  let unit = "tokens"
  let stopping: EarlyStopping? = nil
  let notes: [String]

  private let streams: Streams
  private let validation: (streams: Streams, size: TextSize)?

  /// - Parameter vocabulary: That of the run that goes on; nil for a new run.
  init(_ settings: TextSettings, vocabulary: Vocabulary?) throws {
    let (training, validation, isTokenized) = try Self.read(settings, vocabulary: vocabulary)
    let fingerprints = [training, validation].compactMap(\.self).map { ($0.place, fingerprint(of: $0.tokens)) }
    self.settings = try settings.checked(fingerprints)
    do {
      streams = try training.streams(rows: settings.training.batch, steps: settings.sequence)
    } catch let error as RecurrentError where settings.validationFraction > 0 {
      let apart = validation?.tokens.count ?? 0
      throw RecurrentError(
        error.kind, "\(error.what), after \(apart.grouped) were set apart for validation", at: error.place,
        remedy: error.remedy)
    }
    self.validation = try validation.map {
      (try Self.measuring($0, rows: settings.training.batch, steps: settings.sequence), $0.size)
    }
    model = try Self.makeModel(settings, training.vocabulary)
    model.embedding?.isSparse = settings.network.sparseEmbedding ?? false
    notes = isTokenized + noteOfUnknown([validation?.tokens ?? []], in: training.vocabulary, settings.validation)
  }

  var stepsPerEpoch: Int { streams.count }

  func batches(epoch: Int) -> AnySequence<SequenceBatch> { AnySequence(streams) }

  func loss(of batch: SequenceBatch, carrying: [RecurrentState], on tape: Tape) throws -> BatchLoss {
    try model.loss(of: batch, carrying: carrying.first, on: tape)
  }

  func validate(_ trainer: Trainer<LanguageModel, SequenceBatch>) throws -> Validation {
    guard let validation else { return .none }
    guard case .measured(let loss, _) = try trainer.validate(over: validation.streams) else { return .stopped }
    return .measured(loss: loss, metrics: LanguageModelResult(loss: loss, over: validation.size).metrics)
  }

  /// The text to train on, and the one to validate on, and what is to be said of how the text is tokenized.
  private static func read(_ settings: TextSettings, vocabulary: Vocabulary?) throws
    -> (training: TextDataset, validation: TextDataset?, notes: [String])
  {
    let data =
      try vocabulary.map { try TextDataset(contentsOf: settings.data, vocabulary: $0) }
      ?? TextDataset(contentsOf: settings.data, tokens: settings.tokens, maximumVocabulary: settings.vocabulary)
    let notes = noteOfTokenized(
      CollectionOfOne(String(data.text)), tokens: settings.tokens, settings.data,
      reason: ": the perplexity does not compare with that of other models of it")
    if let file = settings.validation {
      return (data, try TextDataset(contentsOf: file, vocabulary: data.vocabulary), notes)
    }
    guard settings.validationFraction > 0 else { return (data, nil, notes) }
    let (training, validation) = try data.split(validationFraction: settings.validationFraction)
    return (training, validation, notes)
  }

  private static func makeModel(_ settings: TextSettings, _ vocabulary: Vocabulary) throws -> LanguageModel {
    let network = settings.network.configuration
    let model = try settings.network.initialization.makeModel(
      LanguageModelConfiguration(vocabularySize: vocabulary.count, network: network), network)
    model.vocabulary = vocabulary
    return model
  }

  /// A text as streams that leave nothing out. A row begins knowing nothing, which counts against the model: so rows are
  /// 200 sequences long or longer, and fewer where the text is short.
  static func measuring(_ data: TextDataset, rows: Int, steps: Int) throws -> Streams {
    let longRows = (data.tokens.count - 1) / (200 * steps)
    return try Streams(
      data.tokens, rows: max(1, min(rows, longRows)), steps: steps, keepsRemainder: true, place: data.place)
  }
}

extension LanguageModelResult {
  /// What runs report.
  var metrics: [Metric] {
    [
      Metric("perplexity", perplexity, higherIsBetter: false),
      Metric("bits_per_character", bitsPerCharacter, higherIsBetter: false),
      Metric("bits_per_byte", bitsPerByte, higherIsBetter: false),
    ]
  }
}
