import Recurrent

extension Predict {
  /// Texts with the labels that a model gives them.
  func predictLabels(_ folder: ModelFolder) throws {
    try words.refuse("it is for a model that tags words")
    try requireUse(!isSentences, "--sentences", "it is for a model that tags words", remedy: "leave it out")
    let model = try folder.load(Classifier.self)
    let examples = try examples(model)
    let texts = try model.texts(examples)
    guard data != nil || !texts.places.isEmpty else {
      throw RecurrentError(.invalidArgument, "has no \(texts.kind.noun)", at: "--text", remedy: "give a text")
    }
    let skipped = noteOfSkipped(examples, kept: texts.places, texts.kind, "given no label")
    for note in noteOfUnknown(texts.tokens, in: model.vocabulary, data ?? "--text") + skipped { Console.say(note) }
    let tape = try device.evaluationTape(for: model)
    let answers = try texts.predictions(by: model, count: examples.count, rows: batch, on: tape)
    for (example, answer) in zip(examples, answers) {
      guard json else {
        Console.put("\(answer?.label ?? "")\t\(answer.map { Double($0.probability).text(4) } ?? "")\n")
        continue
      }
      try Console.put(json: LabelOutput(text: example.text, prediction: answer))
    }
  }

  private func examples(_ model: Classifier) throws -> [TextExample] {
    switch (data, text) {
    case (let data?, nil):
      let storage = TextStorage(textColumn: texts.textColumn, header: table.header, delimiter: table.delimiter)
      return try storage.contents(of: data, isLabelled: false, remembered: model.dataFormat).examples.map {
        TextExample(text: $0.text, place: $0.place)
      }
    case (nil, let text?):
      try texts.refuse("a text has no columns")
      try table.refuse("a text has no columns")
      return [TextExample(text: text, place: "--text")]
    default: throw Self.needsOne
    }
  }
}

/// A text with its label; `null` where it has no token.
private struct LabelOutput: Encodable {
  let text: String, prediction: Prediction?

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: NamedKey.self)
    try values.encode(text, forKey: NamedKey("text"))
    try values.encode(prediction?.label, forKey: NamedKey("label"))
    try values.encode(prediction?.probability, forKey: NamedKey("probability"))
    try values.encode(prediction?.probabilities, forKey: NamedKey("probabilities"))
  }
}
