import Recurrent

extension Evaluate {
  /// A tagger, on sentences with tags.
  func evaluateTags(_ folder: ModelFolder) throws {
    let model = try folder.load(Tagger.self)
    let sentences = try tagged.columns(table).contents(of: data, remembered: model.dataFormat).sentences
    let texts = try model.texts(sentences)
    let unknown = noteOfUnknown(texts.words, in: model.vocabulary, data)
    for note in unknown + noteOfStarts(sentences, of: model) { Console.say(note) }
    let tape = try device.evaluationTape(for: model)
    guard let result = try model.evaluate(texts.batches(ofRows: batch), on: tape) else { return }
    for note in noteOfStarts(result.starts, "that the model found") { Console.say(note) }
    guard !json else { return try Console.put(json: TagsOutput(result, sentences: sentences.count)) }
    let unit = model.crf == nil ? "word" : "sentence"
    Console.put(
      (result.entities?.report ?? result.confusion.report + "\n") + "\nloss \(result.loss.text(4)) nats a \(unit)\n")
  }
}

/// What is measured of a tagger.
private struct TagsOutput: Encodable {
  let result: TaggingResult
  let sentences: Int

  init(_ result: TaggingResult, sentences: Int) { (self.result, self.sentences) = (result, sentences) }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: NamedKey.self)
    try values.encode(result.loss, forKey: NamedKey("loss"))
    for metric in result.metrics { try values.encode(metric.value, forKey: NamedKey(metric.name)) }
    try values.encode(sentences, forKey: NamedKey("sentences"))
    try values.encode(result.confusion.count, forKey: NamedKey("words"))
    try values.encode(result.confusion.labels, forKey: NamedKey("tags"))
    try values.encode(result.confusion.counts, forKey: NamedKey("confusion"))
    guard let types = result.entities?.types else { return }
    try values.encode(types.mapValues(Score.init), forKey: NamedKey("entities"))
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
