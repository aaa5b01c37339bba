import ArgumentParser
import RecurrentCore
import RecurrentModel

/// `recur evaluate` for classifiers.
package struct ClassifyEvaluation: TaskEvaluation {
  @OptionGroup package var format: TextFormatOptions
  @OptionGroup package var table: TableOptions

  package init() {}

  package func evaluate(
    _ model: Classifier, on path: String, batch: Int, makeTape: () throws -> Tape, say: (String) -> Void
  ) throws -> EvaluationReport {
    let examples = try format.storage(table).labelledContents(of: path, remembered: model.dataFormat, say: say).examples
    let texts = try model.texts(examples)
    let unseen = texts.unseenClasses(by: model)
    let skipped = noteOfSkipped(examples, kept: texts.indices, texts.kind, "left out")
    (noteOfUnknown(texts.tokens, in: model.vocabulary, path) + unseen.note("label", path) + skipped).forEach(say)
    let result = try model.evaluate(texts.batches(ofRows: batch), unseen: texts.unseen, on: makeTape())
    return EvaluationReport(
      text: "\(result.confusion.text)\n\nloss \(result.loss.text(4)) nats per text\n",
      json: try Output(result, unseen: unseen, skipped: examples.count - texts.indices.count))
  }

  private struct Output: Encodable {
    let loss: Double, accuracy: Double, macroF1: Double, texts: Int, labels: [String]
    /// Counts of texts by label (row) and prediction (column).
    let confusion: [[Int]]
    /// The number of texts per label that is unknown to the model; nil if there are none.
    let unseen: [String: Int]?
    /// The number of texts without tokens, which were left out; nil if there are none.
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
  /// The report, and the confusion matrix of at most 100 labels.
  package var text: String { labels.count <= 100 ? "\(report)\n\n\(table)" : report }
}

/// `recur inspect --gradient-flow` for classifiers.
package struct ClassifyFlow: TaskFlow {
  @OptionGroup package var format: TextFormatOptions
  @OptionGroup package var table: TableOptions
  /// Nil: a classifier has one loss, of the whole text.
  package var loss: GradientFlow.Loss? { nil }

  package init() {}

  package func measure(
    _ model: Classifier, on path: String, tape: Tape, say: (String) -> Void
  ) throws -> GradientFlow {
    let contents = try format.storage(table).labelledContents(of: path, remembered: model.dataFormat, say: say)
    return try GradientFlow.measure(model, over: FlowSample.batches(of: model.texts(contents.examples)), on: tape) {
      try model.loss(
        of: $0.tokens(on: tape), characters: $0.characters(on: tape), labels: $0.classes.known(below: model.classes)
      ).loss
    }
  }
}
