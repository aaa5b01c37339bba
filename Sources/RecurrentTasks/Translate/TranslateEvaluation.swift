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

/// `recur evaluate` for translators.
package struct TranslateEvaluation: TaskEvaluation {
  @Option(help: .file("File of targets of --data, which then is a file of sources, one per line."))
  package var target: String?

  @Flag(
    help:
      "Score several targets of the same source as references of one translation, such as the pronunciations of a word."
  )
  package var groupReferences = false

  @OptionGroup package var search: SearchOptions
  @OptionGroup package var table: TableOptions

  package init() {}

  package func evaluate(
    _ model: Translator, on path: String, batch: Int, makeTape: () throws -> Tape, say: (String) -> Void
  ) throws -> EvaluationReport {
    try search.check(model)
    let pairs = try model.pairs(of: path, targets: target, table, say: say)
    let examples = try model.encoded(pairs)
    noteOfUnknown(examples.sources.map { $0.dropLast() }, in: model.source?.vocabulary, path).forEach(say)
    let references =
      groupReferences
      ? ReferenceSet.sets(of: pairs)
      : pairs.map { ReferenceSet(source: $0.source, references: [$0.target], location: $0.location) }
    let tape = try makeTape()
    let meter = try LossMeter(tape.backend)
    try meter.measure(examples.batches(ofRows: batch), on: tape, shouldStop: { false }) { batch, _ in
      try model.loss(of: batch, on: tape)
    }
    let loss = try meter.mean(ifEmpty: .nan)
    let beam = try search.search(model)
    let translations = try model.translations(
      of: references.map { TextExample(text: $0.source, location: $0.location) }, batch: batch,
      replacesUnknown: search.replaceUnknown, on: tape
    ) { model, _ in try beam.decode(&model) }
    var scores = TranslationScores(lowercases: model.target?.vocabulary.rules.lowercases ?? false)
    for (translation, reference) in zip(translations, references) {
      scores.add(translation.first?.text ?? "", references: reference.references)
    }
    return EvaluationReport(
      text: "loss \(loss.text(4)) nats per token, perplexity \(exp(loss).text(3))\n\(scores.text)\n",
      json: Output(loss: loss, scores: scores, sentences: references.count))
  }

  private struct Output: Encodable {
    let loss: Double, perplexity: Double
    let bleu: Double, bleuSignature: String, chrf: Double, chrfSignature: String
    /// The fraction of translations that equal a reference.
    let exact: Double
    /// The edits per word of the references.
    let wordErrorRate: Double
    let sentences: Int

    init(loss: Double, scores: TranslationScores, sentences: Int) {
      (self.loss, perplexity, self.sentences) = (loss, exp(loss), sentences)
      (bleu, bleuSignature) = (scores.bleu.value, scores.bleu.signature)
      (chrf, chrfSignature) = (scores.chrf.value, scores.chrf.signature)
      (exact, wordErrorRate) = (scores.exact.value, scores.wordErrors.value)
    }
  }
}

/// The scores of translations.
struct TranslationScores {
  private(set) var bleu: BLEU
  private(set) var chrf: ChrF
  private(set) var exact: ExactMatch
  private(set) var wordErrors: WordErrorRate

  /// - Parameter lowercases: Whether references are converted to lower case, as the model's targets.
  init(lowercases: Bool) {
    (bleu, chrf) = (BLEU(lowercases: lowercases), ChrF(lowercases: lowercases))
    (exact, wordErrors) = (ExactMatch(lowercases: lowercases), WordErrorRate(lowercases: lowercases))
  }

  mutating func add(_ translation: String, references: [String]) {
    bleu.add(translation, references: references)
    chrf.add(translation, references: references)
    exact.add(translation, references: references)
    wordErrors.add(translation, references: references)
  }

  /// A line for each score.
  var text: String {
    "\(bleu) (\(bleu.signature))\n\(chrf) (\(chrf.signature))\n"
      + "exact matches \((100 * exact.value).text(2)) %, word error rate \((100 * wordErrors.value).text(2)) %"
  }
}
