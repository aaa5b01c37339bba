import Recurrent

extension Predict {
  /// The words of sentences with the tags that a model gives them.
  func predictTags(_ folder: ModelFolder) throws {
    let model = try folder.load(Tagger.self)
    let sentences = try sentences(model.labels)
    let texts = try model.texts(sentences)
    for note in noteOfUnknown(texts.words, in: model.vocabulary, data ?? "--text") { Console.say(note) }
    let tape = try device.evaluationTape(for: model)
    let tags = try texts.inOrder(rows: batch) { batch in
      tape.reset()
      return try model.tags(of: batch.words(on: tape), spelling: batch.spelling(on: tape))
    }
    var answers = [[String]](repeating: [], count: sentences.count)
    for (place, numbers) in zip(texts.places, tags) { answers[place] = numbers.map { model.labels[Int($0)] } }
    for (sentence, tags) in zip(sentences, answers) {
      guard json else {
        Console.put(zip(sentence.words, tags).map { "\($0)\t\($1)\n" }.joined() + "\n")
        continue
      }
      try Console.put(json: TagsOutput(words: sentence.words, tags: tags))
    }
  }

  /// - Parameter tags: Those that the model knows.
  private func sentences(_ tags: [String]) throws -> [TaggedSentence] {
    try requireUse(
      textColumn == nil, "--text-column", "it is for a model that classifies texts", remedy: "leave it out")
    switch (data, text) {
    case (let data?, nil):
      return try read(data, tags).map { TaggedSentence(words: $0.words, source: $0.source, lines: $0.lines) }
    case (nil, let text?):
      try words.refuse("a text has no columns")
      try requireUse(!isSentences, "--sentences", "a text is a sentence", remedy: "leave it out")
      let parts = text.split(whereSeparator: \.isWhitespace).map(String.init)
      guard !parts.isEmpty else {
        throw RecurrentError(.invalidArgument, "has no words", at: "--text", remedy: "part them by blanks")
      }
      return [TaggedSentence(words: parts, source: "--text")]
    default: throw Self.needsOne
    }
  }

  /// The sentences of a file: a word or a sentence a line.
  private func read(_ path: String, _ tags: [String]) throws -> [TaggedSentence] {
    guard !isSentences else {
      try words.refuse("a sentence has no columns")
      return try TaggedSentences.read(path, format: .sentences)
    }
    var format = try words.columns.format(of: path, isTagged: false)
    let text = try Files.readText(path, limit: .examples)
    if case .columns = format, words.wordColumn == nil, !words.comments {
      switch WordLayout(of: text) {
      case .sentence:
        format = .sentences
        Console.say("Each line of \(path) is read as a sentence, its words separated by blanks.")
      case .columns(let count, let last) where !tags.contains(last):
        Console.say(
          "Each line of \(path) has \(count) columns, of which the first is read as a word; if each line is a sentence, add "
            + "--sentences.")
      default: break
      }
    }
    return try TaggedSentences.parse(text, from: path, format)
  }
}

/// A sentence with its tags.
private struct TagsOutput: Encodable {
  let words: [String], tags: [String]
}
