import RecurrentCore
import RecurrentModel

/// The result of an evaluation of a tagger.
public struct TaggingResult: Sendable {
  /// The mean loss in nats: per sentence with a CRF, else per word.
  public var loss: Double
  /// Counts of predictions by tag; its accuracy is the fraction of correctly tagged words.
  public var confusion: ConfusionMatrix
  /// The scores of entities; nil if the tags mark none.
  public var entities: EntityScores?
}

extension Tagger {
  /// Evaluates the model on tagged sentences. Starts new passes of the tape.
  /// - Parameters:
  ///   - batches: The sentences.
  ///   - unseen: The tags that the model does not have, as `TaggedTexts.unseen` gives them: they are misses, and the loss leaves
  ///     them out, that of a CRF their sentences.
  ///   - isStrict: Whether only entities count that are well-formed in the model's scheme.
  ///   - weights: A factor on each of the K tags in the mean loss, or nil for 1; not for a CRF, as no smoothing is.
  ///   - smoothing: ε of the loss, see `loss(of:characters:tags:weights:smoothing:)`.
  ///   - tape: Is in evaluation mode meanwhile.
  ///   - shouldStop: Asked before each batch.
  /// - Throws: `RecurrentError.invalidData` if no word has a tag, `.diverged` if the mean loss is not finite;
  ///   `CancellationError` if `shouldStop` returned true before the last batch.
  public func evaluate(
    _ batches: some Sequence<TaggedBatch>, unseen: [String] = [], isStrict: Bool = false, weights: [Float]? = nil,
    smoothing: Float = 0, on tape: Tape, shouldStop: () -> Bool = { false }
  ) throws -> TaggingResult {
    var result = TaggingResult(
      loss: 0, confusion: ConfusionMatrix(labels: labels + unseen),
      entities: scheme.map { EntityScores(scheme: $0, isStrict: isStrict) })
    let meter = try LossMeter(tape.backend)
    try meter.measure(batches, on: tape, shouldStop: shouldStop) { batch, _ in
      let words = try batch.words(on: tape)
      let scores = try self(words, characters: batch.characters(on: tape))
      for (row, predicted) in try tags(by: scores, of: words).enumerated() {
        try result.add(actual: batch.tags(ofRow: row), predicted: predicted)
      }
      return try loss(
        of: scores, words: words, tags: batch.tags.known(below: self.tags), weights: weights, smoothing: smoothing)
    }
    guard result.confusion.count > 0 else {
      throw RecurrentError(
        .invalidData, "nothing to evaluate: no word has a tag", at: "evaluation", remedy: "give tagged sentences")
    }
    result.loss = try meter.mean(ifEmpty: weights == nil ? .nan : 0)
    return result
  }
}

extension TaggingResult {
  /// Counts a sentence.
  fileprivate mutating func add(actual: [Int32], predicted: [Int32]) throws {
    try confusion.add(actual: actual, predicted: predicted)
    guard entities != nil, !actual.contains(where: { $0 < 0 }) else { return }
    let labels = confusion.labels
    try entities?.add(expected: actual.map { labels[Int($0)] }, predicted: predicted.map { labels[Int($0)] })
  }
}
