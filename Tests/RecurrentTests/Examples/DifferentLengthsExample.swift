import Recurrent
import Testing

// The article DifferentLengths.

/// Classifies recordings into K classes. T steps, batch size N, D features.
final class GestureClassifier: Module {
  let rnn: LSTM, head: Dense

  init(features: Int, classes: Int) throws {
    rnn = try LSTM(input: features, hidden: 16, bidirectional: true)
    head = try Dense(input: rnn.outputSize, output: classes)
  }

  /// `[T, N, D] → [N, K]`.
  func callAsFunction(_ x: Tensor, lengths: Lengths?) throws -> Tensor {
    try head(rnn(x, lengths: lengths).finalOutput())
  }
}

@Suite struct DifferentLengthsExample {
  /// Whether two numbers rise together or against each other, over 3 to 12 steps.
  @Test func recordingsOfAnyLengthAreClassified() throws {
    let recordings = (0..<60).map { number -> [[Float]] in
      let sign: Float = number % 2 == 0 ? 1 : -1
      return (0..<3 + number % 10).map { step in [Float(step) / 10, sign * Float(step) / 10] }
    }
    let classes = (0..<60).map { Int32($0 % 2) }

    let buckets = try LengthBuckets(lengths: recordings.map(\.count), batch: 8)
    let model = try GestureClassifier(features: 2, classes: 2)
    let trainer = try Trainer(model, optimizer: Adam(learningRate: 0.01), device: .auto()) {
      (model, places: [Int], _, tape) in
      let batch = try SequencePadding().batch(places.map { recordings[$0] })
      let logits = try model(batch.tensor(on: tape), lengths: batch.lengths(on: tape))
      let loss = try crossEntropy(logits, tape.labels(places.map { classes[$0] }))
      return BatchLoss(loss, weight: Double(places.count), items: places.count)
    }
    try trainer.fit(epochs: 20) { epoch in buckets.batches(epoch: epoch) }

    let tape = try Tape(model.device(), mode: .evaluation)
    var matrix = ConfusionMatrix(labels: ["together", "apart"])
    for places in buckets.sorted {
      tape.reset()
      let batch = try SequencePadding().batch(places.map { recordings[$0] })
      let logits = try model(batch.tensor(on: tape), lengths: batch.lengths(on: tape))
      try matrix.add(actual: places.map { classes[$0] }, predicted: logits.argmax())
    }
    print(matrix.accuracy)

    #expect(matrix.accuracy > 0.95)
  }
}
