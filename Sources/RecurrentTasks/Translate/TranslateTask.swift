import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The task of translating sequences.
package struct TranslateTask: Task {
  package typealias Evaluation = TranslateEvaluation
  package typealias Flow = TranslateFlow

  package static let name = "translate"
  package static let abstract =
    "Train a translator of sequences: sentences of another language, spellings and sounds, replies."
  package static let discussion = """
    The data is a table of pairs with a tab between source and target (.tsv), or two files with a line each: --source and --target; \
    or, with --dialogue, lines that answer those before them. Files may be compressed with gzip (.gz).
    """
  package static let noun = "translator"
  package static let usage = "recur translate"
  package static let predictions: String? = nil
  package static let tensors = """
    the input contains `tokens` [T, N], integers of the sources, each with the boundary at its end and -1 for padding; and `inputs` [S, \
    N], the boundary and the target tokens. The output contains `logits` [S, N, K].
    """

  package let settings: TrainingSettings<TranslateOptions>
  package let model: Translator
  package let unit = "tokens"
  package let stopping: EarlyStopping?
  package let notes: [String]

  private let data: ExampleData<EncodedPairs>
  private let sampling: SampledSoftmax?
  /// The pairs whose translations are scored in each validation.
  private let scored: [TextPair]

  /// The largest number of them: their greedy translation takes seconds.
  private static let mostScored = 1000

  package init(
    _ settings: TrainingSettings<TranslateOptions>, _ origin: ModelOrigin<Translator>, say: (String) -> Void
  ) throws {
    try requireUse(
      settings.options.pairs.validationTarget == nil || settings.validation != nil, "--validation-target",
      "no validation data is given", remedy: "add --validation")
    var settings = settings
    if origin.model == nil { try settings.options.vectors.fit(&settings.options.layers.embedding) }
    let options = settings.options
    let dialogue = origin.model.map(\.dialogue) ?? options.dialogue
    if dialogue != nil { try options.requireDialogue() }
    let contents = try TextPairs.contents(
      of: settings.data, targets: options.pairs.target, options.format, dialogue: dialogue, say: say)
    let (training, validation) = try Self.split(contents, dialogue, settings, say: say)
    model = try origin.model ?? Self.makeModel(settings, training)
    if !origin.isResumed { model.dataFormat = contents.format }
    let (source, target) = try model.codecs()
    let limit = options.reading.limit
    let dropout = options.learning.subwordDropout
    try requireUse(
      dropout == 0 || source.subwords != nil || target.subwords != nil, "--subword-dropout",
      "the model has no subwords",
      remedy: "leave it out")
    if case .pretrained = origin {
      try requireUse(
        dropout == 0 || (source.knowsDroppedMerges && target.knowsDroppedMerges), "--subword-dropout",
        "the model of --from has no tokens for merges that are left out", remedy: "leave it out, or train a new model")
    }
    data = try ExampleData(
      training: EncodedPairs(
        training, source, target, limit: limit, dropout: dropout, seed: settings.training.seed),
      validation: EncodedPairs(validation, source, target, limit: nil), settings.training)
    guard !data.training.sources.isEmpty else {
      throw RecurrentError(
        .invalidData, "has no pair of at most \(limit) \(source.vocabulary.kind.noun)", at: settings.data,
        remedy: "use a higher --limit")
    }
    sampling = try options.sampling.sampling(of: target.vocabulary, boundaries: 1)
    scored = Array(validation.prefix(Self.mostScored))
    self.settings = try settings.checked(data)
    stopping = data.validates ? try EarlyStopping(patience: settings.stopping.patience) : nil
    notes =
      try (origin.model == nil ? options.vectors.load(into: model) : [])
      + [Self.about(data, model)] + Self.noteOfLong(training.count - data.training.sources.count, limit)
      + noteOfTokenized(training.lazy.map(\.source), tokens: source.vocabulary.kind, settings.data)
      + noteOfUnknown(data.validation.sources.map { $0.dropLast() }, in: source.vocabulary, settings.validation)
      + noteOfUnknown(data.validation.targets, in: target.vocabulary, settings.validation)
    Self.prepare(model, for: options)
  }

  package static func prepare(_ model: Translator, for options: TranslateOptions) {
    options.vectors.freeze(model)
  }

  package var stepsPerEpoch: Int { data.stepsPerEpoch }

  package func batches(epoch: Int) -> AnySequence<PairBatch> { data.batches(epoch: epoch) }

  package func loss(of batch: PairBatch, carrying: [RecurrentState], on tape: Tape) throws -> BatchLoss {
    guard tape.mode == .training else { return try model.loss(of: batch, on: tape) }
    let learning = settings.options.learning
    let total = stepsPerEpoch * settings.epochs
    return try model.loss(
      of: batch, smoothing: learning.labelSmoothing,
      teacherForcing: learning.teacherForcing.probability(atStep: Int(tape.step), of: total),
      sampling: sampling, on: tape)
  }

  package func validate(_ trainer: Trainer<Translator, PairBatch>) throws -> Validation {
    guard data.validates else { return .none }
    guard case .measured(let loss, _) = try trainer.validate(over: data.validationBatches()) else { return .stopped }
    var scores = TranslationScores(of: model)
    let translations = try model.translations(
      of: scored.map { TextExample(text: $0.source, location: $0.location) },
      .best(BeamSearch(beam: 1, constraints: .ofTranslations())), batch: settings.training.batch,
      replacesUnknown: false,
      on: Tape(model.device(), mode: .evaluation))
    scores.add(translations, of: scored.map { [$0.target] })
    return .measured(
      loss: loss,
      metrics: [
        Metric("perplexity", exp(loss), higherIsBetter: false), Metric("bleu", scores.bleu.value),
        Metric("exact", scores.exact.value),
      ])
  }

  /// The training and validation pairs. The pairs of one source stay together; of dialogue, those of a conversation.
  private static func split(
    _ contents: TextPairs.Contents, _ dialogue: DialogueContext?, _ settings: TrainingSettings<TranslateOptions>,
    say: (String) -> Void
  ) throws -> (training: [TextPair], validation: [TextPair]) {
    let pairs = contents.pairs
    if let file = settings.validation {
      let contents = try TextPairs.contents(
        of: file, targets: settings.options.pairs.validationTarget, contents.format ?? settings.options.format,
        dialogue: dialogue, say: say)
      return (pairs, contents.pairs)
    }
    let (fraction, seed) = (settings.validationFraction, settings.training.seed)
    guard fraction > 0 else { return (pairs, []) }
    if let conversations = contents.conversations {
      let apart = try setApart(fraction, of: conversations, "conversation", seed: seed, location: settings.data)
      return (apart.training.flatMap { pairs[$0] }, apart.validation.flatMap { pairs[$0] })
    }
    let sources = ReferenceSet.sets(of: pairs).map(\.source)
    let apart = try setApart(fraction, of: sources, "source", seed: seed, location: settings.data)
    let held = Set(apart.validation)
    return (pairs.filter { !held.contains($0.source) }, pairs.filter { held.contains($0.source) })
  }

  private static func makeModel(_ settings: TrainingSettings<TranslateOptions>, _ pairs: [TextPair]) throws
    -> Translator
  {
    let (options, reading) = (settings.options, settings.options.reading)
    let sides = [pairs.map(\.source), pairs.map(\.target)]
    let merges = try Self.merges(sides, options)
    let codecs = try zip(sides, merges).map { texts, subwords in
      try TextCodec(
        of: texts, kind: reading.tokens, subwords: subwords, dropsMerges: options.learning.subwordDropout > 0,
        maximumSize: options.symbols.vocabulary, minimumCount: options.symbols.minimumCount,
        lowercases: options.symbols.lowercase)
    }
    let layers = options.network.configuration(bidirectional: options.layers.bidirectional)
    let model = try options.network.initialization.makeModel(
      TranslatorConfiguration(
        sourceTokens: codecs[0].tokenCount, targetTokens: codecs[1].tokenCount, embedding: options.layers.embeddingSize,
        network: options.layers.network(layers), isTied: options.layers.tied), layers)
    (model.source, model.target, model.context) = (codecs[0], codecs[1], reading.contextLines)
    return model
  }

  /// The merges of each side, read or learned from its texts; nil for none.
  private static func merges(_ sides: [[String]], _ options: TranslateOptions) throws -> [BytePairEncoding?] {
    let reading = options.reading
    let rules = TextCodec.rules(reading.tokens, lowercases: options.symbols.lowercase)
    let words = { (texts: [String]) in texts.lazy.flatMap { TextCodec.words(of: $0, reading.tokens, rules) } }
    guard let count = reading.subwords else {
      let files = [reading.sourceMerges ?? reading.merges, reading.targetMerges ?? reading.merges]
      return try zip(files, sides).map { file, texts in
        try file.map { path in
          let encoding = try BytePairEncoding(contentsOf: path)
          guard encoding.merges(anyOf: words(texts)) else {
            throw RecurrentError(
              .invalidData, "no merge applies to the words of the data, such as \(words(texts).first?.shown ?? "")",
              at: path, remedy: "use merges of the same language and case")
          }
          return encoding
        }
      }
    }
    let joint = try reading.jointSubwords ? BytePairEncoding(learning: count, from: words(sides[0] + sides[1])) : nil
    return try sides.map { try joint ?? BytePairEncoding(learning: count, from: words($0)) }
  }

  private static func about(_ data: ExampleData<EncodedPairs>, _ model: Translator) -> String {
    "\(data.training.sources.count.grouped) pairs\(data.validationText), "
      + "\(model.network.sourceEmbedding.weight.shape[0].grouped) source and "
      + "\(model.network.targetEmbedding.weight.shape[0].grouped) target tokens."
  }

  private static func noteOfLong(_ count: Int, _ limit: Int) -> [String] {
    count == 0
      ? []
      : [
        "\(count.counted("pair is", "pairs are")) left out: a side without tokens, or longer than \(limit.counted("token")) (--limit)."
      ]
  }

  package static func run(_ model: Translator, _ input: InputTensors, on tape: Tape) throws -> [String: Tensor] {
    try input.requireOnly(["tokens", "inputs"])
    let (values, steps, rows) = try input.tokens("inputs")
    let sources = try input.paddedTokens(on: tape)
    return [
      "logits": try input.placed { try model(sources, inputs: tape.tokens(values, steps: steps, batchSize: rows)) }
    ]
  }
}

/// `recur inspect --gradient-flow` for translators.
package struct TranslateFlow: TaskFlow {
  @OptionGroup package var table: TableOptions
  package var loss: GradientFlow.Loss? { nil }

  package init() {}

  package func measure(
    _ model: Translator, on path: String, tape: Tape, say: (String) -> Void
  ) throws -> GradientFlow {
    let pairs = try model.pairs(of: path, table, say: say)
    let examples = try model.encoded(pairs)
    return try GradientFlow.measure(model, over: FlowSample.batches(of: examples), on: tape) {
      try model.loss(of: $0, on: tape).loss
    }
  }
}
