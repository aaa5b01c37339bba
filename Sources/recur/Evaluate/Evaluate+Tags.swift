import Recurrent

extension Evaluate {
  /// A tagger, on sentences with tags.
  func evaluateTags(_ folder: ModelFolder) throws {
    let model = try folder.load(Tagger.self)
    if let scheme = try entities.scheme(of: model.labels) { model.scheme = scheme }
    try requireUse(
      !strict || model.scheme != nil, "--strict",
      "the model's tags mark no entities: they are \(model.labels.map(\.shown).listed)", remedy: "leave it out")
    let sentences = try tagged.columns(table).contents(of: data, remembered: model.dataFormat).sentences
    let texts = try model.texts(sentences)
    let unseen = UnseenClasses(of: texts, model)
    for note in noteOfUnknown(texts.words, in: model.vocabulary, data) + unseen.note("tag", data) { Console.say(note) }
    let tape = try device.evaluationTape(for: model)
    guard
      let result = try model.evaluate(
        texts.batches(ofRows: batch), unseen: texts.unseen, isStrict: strict, on: tape)
    else { return }
    for (count, whose) in [
      (result.entities?.illFormedExpected, "in the data"), (result.entities?.illFormedFound, "that the model found"),
    ] {
      for note in noteOfIllFormed(count ?? 0, model.scheme, whose, isStrict: strict) { Console.say(note) }
    }
    guard !json else {
      return try Console.put(json: TagsOutput(result, sentences: sentences.count, unseen: unseen))
    }
    let unit = model.crf == nil ? "word" : "sentence"
    Console.put(
      (result.entities?.report ?? result.confusion.report + "\n") + "\nloss \(result.loss.text(4)) nats a \(unit)\n")
  }
}

/// What is measured of a tagger.
private struct TagsOutput: Encodable {
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
