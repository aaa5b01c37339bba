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

  private func sentences(_ model: Tagger) throws -> [TaggedSentence] {
    try texts.refuse("it is for a model that classifies texts")
    switch (data, text) {
    case (let data?, nil):
      return try read(data, model).map { TaggedSentence(words: $0.words, source: $0.source, lines: $0.lines) }
    case (nil, let text?):
      try words.refuse("a text has no columns")
      try table.refuse("a text has no columns")
      try requireUse(!isSentences, "--sentences", "a text is a sentence", remedy: "leave it out")
      let parts = text.split(whereSeparator: \.isWhitespace).map(String.init)
      guard !parts.isEmpty else {
        throw RecurrentError(.invalidArgument, "has no words", at: "--text", remedy: "part them by blanks")
      }
      return [TaggedSentence(words: parts, source: "--text")]
    default: throw Self.needsOne
    }
  }

  /// The sentences of a file: a word or a sentence a line. What the model remembers is for words.
  private func read(_ path: String, _ model: Tagger) throws -> [TaggedSentence] {
    guard !isSentences else {
      try words.refuse("a sentence has no columns")
      try table.refuse("a sentence has no columns")
      return try TaggedSentences.read(path, format: .sentences)
    }
    let given = words.columns(table)
    var format = try given.format(of: path, isTagged: false, remembered: model.dataFormat)
    let text = try Files.readText(path, limit: .examples)
    if given == TaggedColumns(), case .columns(let word, _, let comments, let layout) = format {
      switch WordLayout(of: text, delimiter: layout.delimiter, comments: comments) {
      case .sentence:
        format = .sentences
        Console.say("Each line of \(path) is read as a sentence, its words separated by blanks.")
      case .columns(let columns) where !model.knowsTag(in: columns):
        Console.say(
          "Each line of \(path) has \(columns.count) columns, and column \(word) is read as the word; if each line is a "
            + "sentence, add --sentences.")
      default: break
      }
    }
    let contents = try TaggedSentences.parse(text, from: path, format)
    for note in contents.notes { Console.say(note) }
    return contents.sentences
  }
}

extension Tagger {
  /// Whether columns have one of the model's tags where it was in training.
  fileprivate func knowsTag(in columns: [String]) -> Bool {
    var place = columns.count
    if case .columns(_, .number(let number), _, _)? = dataFormat { place = number }
    return columns.indices.contains(place - 1) && labels.contains(columns[place - 1])
  }
}

/// A sentence with its tags.
private struct TagsOutput: Encodable {
  let words: [String], tags: [String]
}
