import RecurrentModel

/// The prediction for a text.
package struct LabelPrediction {
  /// The probability of each label.
  private let row: [Float]
  private let labels: [String]
  private let best: Int

  /// - Parameter row: The probability of each label.
  init(_ row: [Float], _ labels: [String]) { (self.row, self.labels, best) = (row, labels, row.indexOfLargest) }

  package var label: String { labels[best] }
  package var probability: Float { row[best] }
  package var probabilities: [String: Float] { Dictionary(uniqueKeysWithValues: zip(labels, row)) }
}

extension LabelledTexts {
  /// The prediction for each of the given texts, in order; nil for texts without tokens.
  /// - Parameters:
  ///   - count: How many were given.
  ///   - rows: How many are read at once.
  func predictions(by model: Classifier, count: Int, rows: Int, on tape: Tape) throws -> [LabelPrediction?] {
    let mode = tape.mode
    tape.mode = .evaluation
    defer { tape.mode = mode }
    let probabilities = try inOrder(rows: rows) { batch in
      tape.reset()
      return try model.probabilities(of: batch.tokens(on: tape), characters: batch.characters(on: tape))
    }
    var predictions = [LabelPrediction?](repeating: nil, count: count)
    for (index, row) in zip(indices, probabilities) { predictions[index] = LabelPrediction(row, model.labels) }
    return predictions
  }
}
