import ArgumentParser
import RecurrentCore
import RecurrentModel

/// `recur evaluate` for taggers.
package struct TagEvaluation: TaskEvaluation {
  @OptionGroup package var format: TaggedFormatOptions
  @OptionGroup package var table: TableOptions
  @OptionGroup package var entities: EntityOptions

  @Flag(help: "Count only entities that are well-formed in the scheme, as seqeval's strict mode does.")
  package var strict = false

  package init() {}

  package func evaluate(
    _ model: Tagger, on path: String, batch: Int, makeTape: () throws -> Tape, say: (String) -> Void
  ) throws -> EvaluationReport {
    if let scheme = try entities.scheme(of: model.labels) { model.scheme = scheme }
    try requireUse(
      !strict || model.scheme != nil, "--strict",
      "the model's tags mark no entities: \(model.labels.map(\.shown).listed)", remedy: "leave it out")
    let sentences = try format.columns(table).contents(of: path, remembered: model.dataFormat, say: say).sentences
    let texts = try model.texts(sentences)
    let unseen = texts.unseenClasses(by: model)
    (noteOfUnknown(texts.words, in: model.vocabulary, path) + unseen.note("tag", path)).forEach(say)
    let result = try model.evaluate(
      texts.batches(ofRows: batch), unseen: texts.unseen, isStrict: strict, on: makeTape())
    for (count, whose) in [
      (result.entities?.illFormedExpected, "in the data"), (result.entities?.illFormedFound, "that the model found"),
    ] {
      noteOfIllFormed(count ?? 0, model.scheme, whose, isStrict: strict).forEach(say)
    }
    let unit = model.crf == nil ? "word" : "sentence"
    return EvaluationReport(
      text: (result.entities?.report ?? result.confusion.report + "\n")
        + "\nloss \(result.loss.text(4)) nats per \(unit)\n",
      json: Output(result, sentences: sentences.count, unseen: unseen))
  }

  private struct Output: Encodable {
    let result: TaggingResult
    let sentences: Int
    let unseen: UnseenClasses

    init(_ result: TaggingResult, sentences: Int, unseen: UnseenClasses) {
      (self.result, self.sentences, self.unseen) = (result, sentences, unseen)
    }

    func encode(to encoder: any Encoder) throws {
      var values = encoder.container(keyedBy: NamedKey.self)
      try values.encode(result.loss, forKey: NamedKey("loss"))
      for metric in result.metrics { try values.encode(metric.value, forKey: NamedKey(metric.name)) }
      try values.encode(sentences, forKey: NamedKey("sentences"))
      try values.encode(result.confusion.count, forKey: NamedKey("words"))
      try values.encode(result.confusion.labels, forKey: NamedKey("tags"))
      try values.encode(result.confusion.counts, forKey: NamedKey("confusion"))
      if !unseen.counts.isEmpty { try values.encode(unseen.counts, forKey: NamedKey("unseen")) }
      guard let entities = result.entities else { return }
      try values.encodeIfPresent(entities.scheme, forKey: NamedKey("scheme"))
      try values.encode(entities.types.mapValues(Score.init), forKey: NamedKey("entities"))
    }

    /// The scores of a type of entity.
    private struct Score: Encodable {
      let precision: Double, recall: Double, f1: Double, expected: Int, found: Int, correct: Int

      init(_ score: EntityScores.Score) {
        (precision, recall, f1) = (score.precision, score.recall, score.f1)
        (expected, found, correct) = (score.expected, score.found, score.correct)
      }
    }
  }
}

/// `recur inspect --gradient-flow` for taggers.
package struct TagFlow: TaskFlow {
  @OptionGroup package var format: TaggedFormatOptions
  @OptionGroup package var table: TableOptions
  @OptionGroup package var losses: FlowLossOptions
  package var loss: GradientFlow.Loss? { losses.loss }

  package init() {}

  package func measure(_ model: Tagger, on path: String, tape: Tape, say: (String) -> Void) throws -> GradientFlow {
    let contents = try format.columns(table).contents(of: path, remembered: model.dataFormat, say: say)
    return try GradientFlow.measure(
      model, over: FlowSample.batches(of: model.texts(contents.sentences)), of: losses.loss, on: tape)
  }
}
