import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// `recur predict` for classifiers: a line per text, with its label and probability.
package struct ClassifyPrediction: TaskPrediction {
  @OptionGroup package var column: TextColumnOptions
  @OptionGroup package var table: TableOptions

  package init() {}

  package func predict(
    _ model: Classifier, for source: PredictionSource, batch: Int, makeTape: () throws -> Tape, to sink: PredictionSink
  ) throws {
    let (examples, path) = try examples(of: source, model, say: sink.say)
    let texts = try model.texts(examples)
    if case .text = source, texts.indices.isEmpty {
      throw RecurrentError(.invalidArgument, "has no \(texts.kind.noun)", at: path, remedy: "give a text")
    }
    (noteOfUnknown(texts.tokens, in: model.vocabulary, path)
      + noteOfSkipped(examples, kept: texts.indices, texts.kind, "given no label")).forEach(sink.say)
    let answers = try texts.predictions(by: model, count: examples.count, rows: batch, on: makeTape())
    for (example, answer) in zip(examples, answers) {
      try sink.put(
        PredictionLine(
          text: "\(answer?.label ?? "")\t\(answer.map { Double($0.probability).text(4) } ?? "")\n",
          json: Output(text: example.text, prediction: answer)))
    }
  }

  private func examples(
    of source: PredictionSource, _ model: Classifier, say: (String) -> Void
  ) throws -> (examples: [TextExample], path: String) {
    switch source {
    case .data(let path):
      let storage = TextStorage(textColumn: column.textColumn, header: table.header, delimiter: table.delimiter)
      let contents = try storage.contents(of: path, isLabelled: false, remembered: model.dataFormat, say: say)
      return (contents.examples.map { TextExample(text: $0.text, location: $0.location) }, path)
    case .text(let text):
      try requireNoColumns([("--text-column", column.textColumn != nil)], table, "a text has no columns")
      return ([TextExample(text: text, location: "--text")], "--text")
    }
  }

  /// A text with its label; `null` if the text has no tokens.
  private struct Output: Encodable {
    let text: String, prediction: LabelPrediction?

    func encode(to encoder: any Encoder) throws {
      var values = encoder.container(keyedBy: NamedKey.self)
      try values.encode(text, forKey: NamedKey("text"))
      try values.encode(prediction?.label, forKey: NamedKey("label"))
      try values.encode(prediction?.probability, forKey: NamedKey("probability"))
      try values.encode(prediction?.probabilities, forKey: NamedKey("probabilities"))
    }
  }
}
