import Recurrent

extension Predict {
  /// Texts with the labels that a model gives them.
  func predictLabels(_ folder: ModelFolder) throws {
    try words.refuse("it is for a model that tags words")
    let model = try folder.load(Classifier.self)
    let examples = try examples(model)
    let texts = try model.texts(examples)
    for note in noteOfUnknown(texts.tokens, in: model.vocabulary, data ?? "--text") { Console.say(note) }
    let tape = try device.evaluationTape(for: model)
    let probabilities = try texts.inOrder(rows: batch) { batch in
      tape.reset()
      return try model.probabilities(of: batch.tokens(on: tape), spelling: batch.spelling(on: tape))
    }
    for (example, row) in zip(examples, probabilities) {
      let best = row.indexOfLargest
      guard json else {
        Console.put("\(model.labels[best])\t\(Double(row[best]).text(4))\n")
        continue
      }
      try Console.put(
        json: LabelOutput(
          text: example.text, label: model.labels[best], probability: row[best],
          probabilities: Dictionary(uniqueKeysWithValues: zip(model.labels, row))))
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

/// A text with its label.
private struct LabelOutput: Encodable {
  let text: String, label: String, probability: Float, probabilities: [String: Float]
}
