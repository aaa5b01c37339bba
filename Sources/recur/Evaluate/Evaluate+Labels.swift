import Recurrent

extension Evaluate {
  /// A classifier, on texts with labels.
  func evaluateLabels(_ folder: ModelFolder) throws {
    let model = try folder.load(Classifier.self)
    let examples = try format.storage(table).labelledContents(of: data, remembered: model.dataFormat).examples
    let texts = try model.texts(examples)
    let unseen = UnseenClasses(of: texts, model)
    let skipped = noteOfSkipped(examples, kept: texts.places, texts.kind, "left out")
    for note in noteOfUnknown(texts.tokens, in: model.vocabulary, data) + unseen.note("label", data) + skipped {
      Console.say(note)
    }
    let tape = try device.evaluationTape(for: model)
    guard let result = try model.evaluate(texts.batches(ofRows: batch), unseen: texts.unseen, on: tape) else { return }
    guard !json else {
      return try Console.put(
        json: LabelsOutput(result, unseen: unseen, skipped: examples.count - texts.places.count))
    }
    Console.put("\(result.confusion.text)\n\nloss \(result.loss.text(4)) nats a text\n")
  }
}

extension ConfusionMatrix {
  /// What people read: the report and, where it is not too wide for anyone, the table. Programs take JSON.
  var text: String { labels.count <= 100 ? "\(report)\n\n\(table)" : report }
}

/// What is measured of a classifier.
private struct LabelsOutput: Encodable {
  let loss: Double, accuracy: Double, macroF1: Double, texts: Int, labels: [String]
  /// Of the texts of a label (row), how many were given each (column).
  let confusion: [[Int]]
  /// How many texts have a label that the model does not have, by label; nil where none has.
  let unseen: [String: Int]?
  /// How many texts had no token and were left out; nil where none was.
  let skipped: Int?

  init(_ result: ClassificationResult, unseen: UnseenClasses, skipped: Int) throws {
    let confusion = result.confusion
    (loss, accuracy, macroF1) = (result.loss, confusion.accuracy, confusion.macroF1)
    (texts, labels, self.confusion) = (confusion.count, confusion.labels, try confusion.counts)
    self.unseen = unseen.counts.isEmpty ? nil : unseen.counts
    self.skipped = skipped > 0 ? skipped : nil
  }
}
