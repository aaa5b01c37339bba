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
    try search.check()
    try search.check(model)
    let pairs = try model.pairs(of: path, targets: target, table, say: say)
    let examples = try model.encoded(pairs)
    noteOfUnknown(examples.sources.map { $0.dropLast() }, in: model.source?.vocabulary, path).forEach(say)
    let references =
      groupReferences
      ? ReferenceSet.sets(of: pairs)
      : pairs.map { ReferenceSet(source: $0.source, references: [$0.target], location: $0.location) }
    let (beam, others) = (try search.search(model), try search.others())
    let tape = try makeTape()
    let translations = try model.translations(
      of: references.map { TextExample(text: $0.source, location: $0.location) }, .best(beam), with: others,
      batch: batch, replacesUnknown: search.replaceUnknown, on: tape)
    let loss = try loss(of: model, with: others, examples, batch, on: tape)
    var scores = TranslationScores(of: model)
    scores.add(translations, of: references.map(\.references))
    return EvaluationReport(
      text: "loss \(loss.text(4)) nats per token, perplexity \(exp(loss).text(3))\n\(scores.text)\n",
      json: Output(loss: loss, scores: scores, sentences: references.count))
  }

  /// The mean loss of a target token.
  private func loss(
    of model: Translator, with others: [Translator], _ examples: EncodedPairs, _ batch: Int, on tape: Tape
  ) throws -> Double {
    guard others.isEmpty else {
      let scored = try model.decoded(
        examples.sources, .given(examples.targets, search.search(model)), with: others, batch: batch, on: tape)
      let values = scored.joined().flatMap(\.tokenLogProbabilities)
      return values.isEmpty ? .nan : -values.reduce(0) { $0 + Double($1) } / Double(values.count)
    }
    let meter = try LossMeter(tape.backend)
    try meter.measure(examples.batches(ofRows: batch), on: tape, shouldStop: { false }) { batch, _ in
      try model.loss(of: batch, on: tape)
    }
    return try meter.mean(ifEmpty: .nan)
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

  /// Scores of a model's translations; references are converted to lower case if its targets are.
  init(of model: Translator) {
    let lowercases = model.target?.vocabulary.rules.lowercases ?? false
    (bleu, chrf) = (BLEU(lowercases: lowercases), ChrF(lowercases: lowercases))
    (exact, wordErrors) = (ExactMatch(lowercases: lowercases), WordErrorRate(lowercases: lowercases))
  }

  /// Adds the best translations of texts, each with its references.
  mutating func add(_ translations: [[Translation]], of references: [[String]]) {
    for (translation, references) in zip(translations, references) {
      let text = translation.first?.text ?? ""
      bleu.add(text, references: references)
      chrf.add(text, references: references)
      exact.add(text, references: references)
      wordErrors.add(text, references: references)
    }
  }

  /// A line for each score.
  var text: String {
    "\(bleu) (\(bleu.signature))\n\(chrf) (\(chrf.signature))\n"
      + "exact matches \((100 * exact.value).text(2)) %, word error rate \((100 * wordErrors.value).text(2)) %"
  }
}
