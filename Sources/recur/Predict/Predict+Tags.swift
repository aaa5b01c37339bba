import Recurrent

extension Predict {
  /// The words of sentences with the tags that a model gives them.
  func predictTags(_ folder: ModelFolder) throws {
    let model = try folder.load(Tagger.self)
    let sentences = try sentences(model)
    let texts = try model.texts(sentences)
    for note in noteOfUnknown(texts.words, in: model.vocabulary, data ?? "--text") { Console.say(note) }
    let tape = try device.evaluationTape(for: model)
    let tags = try texts.inOrder(rows: batch) { batch in
      tape.reset()
      return try model.tags(of: batch.words(on: tape), spelling: batch.spelling(on: tape))
    }
    for (sentence, numbers) in zip(sentences, tags) {
      let names = numbers.map { model.labels[Int($0)] }
      guard json else {
        Console.put(zip(sentence.words, names).map { "\($0)\t\($1)\n" }.joined() + "\n")
        continue
      }
      try Console.put(json: TagsOutput(words: sentence.words, tags: names))
    }
  }

  private func sentences(_ model: Tagger) throws -> [TaggedSentence] {
    try texts.refuse("it is for a model that classifies texts")
    switch (data, text) {
    case (let data?, nil):
      let contents = try words.columns(table).contents(of: data, isTagged: false, remembered: model.dataFormat)
      return contents.sentences.map {
        TaggedSentence(words: $0.words, source: $0.source, lines: $0.lines)
      }
    case (nil, let text?):
      try words.refuse("a text has no columns")
      try table.refuse("a text has no columns")
      let parts = text.split(whereSeparator: \.isWhitespace).map(String.init)
      guard !parts.isEmpty else {
        throw RecurrentError(.invalidArgument, "has no words", at: "--text", remedy: "part them by blanks")
      }
      return [TaggedSentence(words: parts, source: "--text")]
    default: throw Self.needsOne
    }
  }
}

/// A sentence with its tags.
private struct TagsOutput: Encodable {
  let words: [String], tags: [String]
}
