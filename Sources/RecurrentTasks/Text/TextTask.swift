import RecurrentCore
import RecurrentData
import RecurrentModel

/// The task of language modelling.
package struct TextTask: Task {
  package typealias Evaluation = TextEvaluation
  package typealias Flow = TextFlow

  package static let name = "text"
  package static let abstract = "Train a language model of characters or words on a text file."
  package static let discussion = "The data is a UTF-8 text file; its last part is the validation data."
  package static let noun = "language model"
  package static let usage = "recur generate"
  package static let predictions: String? = nil
  package static let tensors = """
    the input contains \(InputTensors.tokensHelp), and optionally an initial state: `state.h`, and `state.c` for an LSTM, each \
    [layers, N, hidden]. The output contains `logits` [T, N, V], and the state after the last step with the same names.
    """

  package let settings: TrainingSettings<TextOptions>
  package let model: LanguageModel
  package let unit = "tokens"
  package let stopping: EarlyStopping?
  package let notes: [String]

  private let streams: Streams
  private let validation: (streams: Streams, size: TextSize)?
  private let sampling: SampledSoftmax?

  package init(
    _ settings: TrainingSettings<TextOptions>, _ origin: ModelOrigin<LanguageModel>, say: (String) -> Void
  ) throws {
    let (training, validation, isTokenized) = try Self.read(settings, vocabulary: origin.model?.vocabulary)
    let fingerprints = [training, validation].compactMap(\.self).map { ($0.location, fingerprint(of: $0.tokens)) }
    self.settings = try settings.checked(fingerprints)
    let (rows, steps) = (settings.training.batch, settings.options.learning.sequence)
    do {
      streams = try training.streams(batchSize: rows, steps: steps)
    } catch let error as RecurrentError where settings.validationFraction > 0 {
      let apart = validation?.tokens.count ?? 0
      throw RecurrentError(
        error.kind, "\(error.what), after \(apart.grouped) were held out for validation", at: error.location,
        remedy: error.remedy)
    }
    self.validation = try validation.map { (try $0.measuringStreams(batchSize: rows, steps: steps), $0.size) }
    // The options of a run describe its model, unless it started from another one.
    let given = settings.start.from == nil ? nil : origin.model
    model = try given ?? Self.makeModel(settings, training.vocabulary)
    sampling = try settings.options.sampling.sampling(of: training.vocabulary)
    stopping = try settings.stopping.patience.map { try EarlyStopping(patience: $0) }
    Self.prepare(model, for: settings.options)
    notes = isTokenized + noteOfUnknown([validation?.tokens ?? []], in: training.vocabulary, settings.validation)
  }

  package static func prepare(_ model: LanguageModel, for options: TextOptions) {
    model.embedding?.isSparse = options.tokens.sparseEmbedding
  }

  package var stepsPerEpoch: Int { streams.count }

  package func batches(epoch: Int) -> AnySequence<SequenceBatch> { AnySequence(streams) }

  package func loss(of batch: SequenceBatch, carrying: [RecurrentState], on tape: Tape) throws -> BatchLoss {
    try model.loss(of: batch, carrying: carrying.first, sampling: sampling, on: tape)
  }

  package func validate(_ trainer: Trainer<LanguageModel, SequenceBatch>) throws -> Validation {
    guard let validation else { return .none }
    guard case .measured(let loss, _) = try trainer.validate(over: validation.streams) else { return .stopped }
    return .measured(loss: loss, metrics: LanguageModelResult(loss: loss, over: validation.size).metrics)
  }

  /// The training and validation texts, and notes about the tokenization.
  private static func read(_ settings: TrainingSettings<TextOptions>, vocabulary: Vocabulary?) throws
    -> (training: TextDataset, validation: TextDataset?, notes: [String])
  {
    let options = settings.options
    let data =
      try vocabulary.map { try TextDataset(contentsOf: settings.data, vocabulary: $0) }
      ?? TextDataset(
        contentsOf: settings.data, tokens: options.reading.tokens, maximumVocabulary: options.symbols.vocabulary,
        minimumCount: options.symbols.minimumCount, rules: WordRules(lowercases: options.symbols.lowercase))
    let notes = noteOfTokenized(
      CollectionOfOne(String(data.text)), tokens: data.vocabulary.kind, settings.data,
      reason: ": the perplexity is not comparable with other models of this text")
    if let file = settings.validation {
      return (data, try TextDataset(contentsOf: file, vocabulary: data.vocabulary), notes)
    }
    guard settings.validationFraction > 0 else { return (data, nil, notes) }
    let (training, validation) = try data.split(validationFraction: settings.validationFraction)
    return (training, validation, notes)
  }

  private static func makeModel(
    _ settings: TrainingSettings<TextOptions>, _ vocabulary: Vocabulary
  ) throws -> LanguageModel {
    let network = settings.options.networkConfiguration()
    let model = try settings.network.initialization.makeModel(
      LanguageModelConfiguration(
        vocabularySize: vocabulary.count, network: network, embeddingDropout: settings.options.layers.embeddingDropout,
        headDropout: settings.options.layers.headDropout, isTied: settings.options.layers.tied), network.recurrent)
    model.vocabulary = vocabulary
    return model
  }
}

extension TextDataset {
  /// The text as streams without a remainder, for evaluation. Each row starts from a zero state, which raises the loss;
  /// so rows have at least 200 sequences, and a short text has fewer rows.
  func measuringStreams(batchSize: Int, steps: Int) throws -> Streams {
    let longRows = (tokens.count - 1) / (200 * steps)
    return try Streams(
      tokens, batchSize: max(1, min(batchSize, longRows)), steps: steps, keepsRemainder: true, location: location)
  }
}

extension LanguageModelResult {
  /// The metrics in reports.
  var metrics: [Metric] {
    [
      Metric("perplexity", perplexity, higherIsBetter: false),
      Metric("bits_per_character", bitsPerCharacter, higherIsBetter: false),
      Metric("bits_per_byte", bitsPerByte, higherIsBetter: false),
    ]
  }
}

// MARK: - Tensors

extension TextTask {
  package static func run(_ model: LanguageModel, _ input: InputTensors, on tape: Tape) throws -> [String: Tensor] {
    let (tokens, steps, rows) = try input.tokens()
    let names = model.rnn.kind.hasCellState ? ["state.h", "state.c"] : ["state.h"]
    try input.requireOnly(["tokens"] + names)
    let shape = [model.rnn.layerCount, rows, model.rnn.hiddenSize]
    let parts = try input.floats(names, shape: shape, axes: "[layers, N, hidden]", what: "state")?.map {
      try tape.tensor($0, shape: shape)
    }
    let state = parts.map { RecurrentState(h: $0[0], c: $0.count > 1 ? $0[1] : nil) }
    let result = try input.placed { try model(tape.tokens(tokens, steps: steps, batchSize: rows), state: state) }
    var tensors = ["logits": result.logits, "state.h": result.state.h]
    tensors["state.c"] = result.state.c
    return tensors
  }
}
