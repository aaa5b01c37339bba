import RecurrentCore
import RecurrentModel

/// The result of an evaluation of a classifier.
public struct ClassificationResult: Sendable {
  /// The mean loss in nats.
  public var loss: Double
  /// Counts of predictions by label.
  public var confusion: ConfusionMatrix
}

extension Classifier {
  /// Evaluates the model on labelled texts. Starts new passes of the tape.
  /// - Parameters:
  ///   - batches: The texts.
  ///   - unseen: The names of the classes that the model does not have, as `LabelledTexts.unseen` gives them: they are misses,
  ///     and the loss leaves them out.
  ///   - weights: A factor on each of the K classes in the mean loss, or nil for 1.
  ///   - smoothing: ε of the loss, see `loss(of:characters:labels:weights:smoothing:)`.
  ///   - tape: Is in evaluation mode meanwhile.
  ///   - shouldStop: Asked before each batch.
  /// - Throws: `RecurrentError.invalidData` if no text has a class, `.diverged` if the mean loss is not finite;
  ///   `CancellationError` if `shouldStop` returned true before the last batch.
  public func evaluate(
    _ batches: some Sequence<LabelledBatch>, unseen: [String] = [], weights: [Float]? = nil, smoothing: Float = 0,
    on tape: Tape,
    shouldStop: () -> Bool = { false }
  ) throws -> ClassificationResult {
    var confusion = ConfusionMatrix(labels: labels + unseen)
    let meter = try LossMeter(tape.backend)
    try meter.measure(batches, on: tape, shouldStop: shouldStop) { batch, _ in
      let logits = try self(batch.tokens(on: tape), characters: batch.characters(on: tape))
      try confusion.add(actual: batch.classes, predicted: probabilities(of: logits).map { Int32($0.indexOfLargest) })
      return try loss(of: logits, labels: batch.classes.known(below: classes), weights: weights, smoothing: smoothing)
    }
    guard confusion.count > 0 else {
      throw RecurrentError(
        .invalidData, "nothing to evaluate: no text has a label", at: "evaluation", remedy: "use labelled texts")
    }
    return try ClassificationResult(loss: meter.mean(ifEmpty: weights == nil ? .nan : 0), confusion: confusion)
  }
}

extension Array<Float> {
  /// The index of the largest element, the first of equal ones.
  package var indexOfLargest: Int { indices.reduce(0) { self[$1] > self[$0] ? $1 : $0 } }
}
