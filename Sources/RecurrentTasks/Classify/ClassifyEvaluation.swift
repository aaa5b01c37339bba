import ArgumentParser
import RecurrentCore
import RecurrentModel

/// `recur evaluate` for classifiers.
package struct ClassifyEvaluation: TaskEvaluation {
  @OptionGroup package var format: TextFormatOptions
  @OptionGroup package var table: TableOptions

  package init() {}

  package func evaluate(
    _ model: Classifier, on path: String, batch: Int, place: () throws -> Tape, say: (String) -> Void
  ) throws -> EvaluationReport {
    let examples = try format.storage(table).labelledContents(of: path, remembered: model.dataFormat, say: say).examples
    let texts = try model.texts(examples)
    let unseen = UnseenClasses(of: texts, model)
    let skipped = noteOfSkipped(examples, kept: texts.places, texts.kind, "left out")
    (noteOfUnknown(texts.tokens, in: model.vocabulary, path) + unseen.note("label", path) + skipped).forEach(say)
    let result = try model.evaluate(texts.batches(ofRows: batch), unseen: texts.unseen, on: place()).whole()
    return EvaluationReport(
      text: "\(result.confusion.text)\n\nloss \(result.loss.text(4)) nats per text\n",
      json: try Output(result, unseen: unseen, skipped: examples.count - texts.places.count))
  }

  private struct Output: Encodable {
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
}

extension ConfusionMatrix {
  /// The report and, where it is not too wide to read, the table.
  package var text: String { labels.count <= 100 ? "\(report)\n\n\(table)" : report }
}

/// `recur inspect --gradient-flow` for classifiers.
package struct ClassifyFlow: TaskFlow {
  @OptionGroup package var format: TextFormatOptions
  @OptionGroup package var table: TableOptions
  /// A classifier has one loss, of the whole text.
  package var loss: GradientFlow.Loss? { nil }

  package init() {}

  package func measure(
    _ model: Classifier, on path: String, tape: Tape, say: (String) -> Void
  ) throws -> GradientFlow {
    let contents = try format.storage(table).labelledContents(of: path, remembered: model.dataFormat, say: say)
    return try GradientFlow.measure(model, over: FlowSample.batches(of: model.texts(contents.examples)), on: tape) {
      try model.loss(
        of: $0.tokens(on: tape), spelling: $0.spelling(on: tape), labels: $0.classes.known(below: model.classes)
      ).loss
    }
  }
}
