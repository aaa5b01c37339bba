import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// `recur predict` for taggers: a line per word, with its tag, and an empty line after each sentence.
package struct TagPrediction: TaskPrediction {
  @OptionGroup package var words: WordColumnOptions
  @OptionGroup package var table: TableOptions

  @Flag(
    help: "Read each line of the data as a sentence with words separated by blanks.")
  package var sentences = false

  package init() {}

  package func predict(
    _ model: Tagger, for source: PredictionSource, batch: Int, makeTape: () throws -> Tape, to sink: PredictionSink
  ) throws {
    let (input, path) = try input(of: source, model, say: sink.say)
    let texts = try model.texts(input)
    noteOfUnknown(texts.words, in: model.vocabulary, path).forEach(sink.say)
    let tape = try makeTape()
    let tags = try texts.inOrder(rows: batch) { batch in
      tape.reset()
      return try model.tags(of: batch.words(on: tape), characters: batch.characters(on: tape))
    }
    var answers = [[String]](repeating: [], count: input.count)
    for (index, numbers) in zip(texts.indices, tags) { answers[index] = numbers.map { model.labels[Int($0)] } }
    for (sentence, tags) in zip(input, answers) {
      try sink.put(
        PredictionLine(
          text: zip(sentence.words, tags).map { "\($0)\t\($1)\n" }.joined() + "\n",
          json: Output(words: sentence.words, tags: tags)))
    }
  }

  private func input(
    of source: PredictionSource, _ model: Tagger, say: (String) -> Void
  ) throws -> (sentences: [TaggedSentence], path: String) {
    switch source {
    case .data(let path):
      let all = try read(path, model, say: say)
      return (all.map { TaggedSentence(words: $0.words, source: $0.source, lines: $0.lines) }, path)
    case .text(let text):
      try requireNoColumns(columnOptions, table, "a text has no columns")
      try requireUse(!sentences, "--sentences", "a text is a sentence", remedy: "leave it out")
      let parts = text.split(whereSeparator: \.isWhitespace).map(String.init)
      guard !parts.isEmpty else {
        throw RecurrentError(.invalidArgument, "has no words", at: "--text", remedy: "separate words by blanks")
      }
      return ([TaggedSentence(words: parts, source: "--text")], "--text")
    }
  }

  private var columnOptions: [(name: String, isGiven: Bool)] {
    [("--word-column", words.wordColumn != nil), ("--comments", words.comments != nil)]
  }

  /// The sentences of a file, with a word or a sentence per line. The format stored in the model applies to words.
  private func read(_ path: String, _ model: Tagger, say: (String) -> Void) throws -> [TaggedSentence] {
    guard !sentences else {
      try requireNoColumns(columnOptions, table, "a sentence has no columns")
      return try TaggedSentences.read(path, format: .sentences)
    }
    let given = words.columns(table)
    var format = try given.format(of: path, isTagged: false, remembered: model.dataFormat)
    let text = try Files.readText(path, limit: .examples)
    if given == TaggedColumns(), case .columns(let word, _, let comments, let layout) = format {
      switch WordLayout(of: text, delimiter: layout.delimiter, comments: comments) {
      case .sentence:
        format = .sentences
        say("Each line of \(path) is read as a sentence with words separated by blanks.")
      case .columns(let columns) where !model.knowsTag(in: columns):
        say(
          "Each line of \(path) has \(columns.count.counted("column")), and column \(word) is read as the word; if each line is a "
            + "sentence, add --sentences.")
      default: break
      }
    }
    let contents = try TaggedSentences.parse(text, from: path, format)
    contents.notes.forEach(say)
    return contents.sentences
  }

  /// A sentence with its tags.
  private struct Output: Encodable {
    let words: [String], tags: [String]
  }
}

extension Tagger {
  /// Whether columns have one of the model's tags in the tag column of the training data.
  fileprivate func knowsTag(in columns: [String]) -> Bool {
    var place = columns.count
    if case .columns(_, .number(let number), _, _)? = dataFormat { place = number }
    return columns.indices.contains(place - 1) && labels.contains(columns[place - 1])
  }
}
