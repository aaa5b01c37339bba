import Recurrent
import RecurrentBenchmarks
import Testing

@Suite struct TranslatorExample {
  /// Words of 2 to 6 letters are written backwards; 0 begins and ends a target.
  @Test func itWritesWordsBackwards() throws {
    let model = try Translator(sources: 8, targets: 8, hidden: 32)
    let pairs = SequencePadding()
    var random = RandomSource(seed: 3)
    func batch() -> (SequencePadding.Batch, [[Int32]]) {
      let words = (0..<32).map { _ in
        (0..<2 + random.integer(below: 5)).map { _ in Int32(1 + random.integer(below: 7)) }
      }
      return (pairs.batch(words), words.map { $0.reversed() })
    }
    let trainer = try Trainer(model, optimizer: Adam(learningRate: 5e-3), clipNorm: 1, device: .named("cpu")) {
      (model, batch: (SequencePadding.Batch, [[Int32]]), _, tape) in
      let sources = try batch.0.tokens(on: tape)
      let inputs = try pairs.batch(batch.1.map { [0] + $0 }).tokens(on: tape)
      let outputs = pairs.batch(batch.1.map { $0 + [0] })
      let logits = try model(sources, inputs)
      return try BatchLoss(crossEntropy(logits, tape.labels(outputs.tokens, shape: inputs.shape)))
    }
    for _ in 0..<400 { try trainer.train(on: batch()) }

    let tape = try Tape(model.device(), mode: .evaluation)
    let (sources, targets) = batch()
    let found = try model.translated(sources.tokens(on: tape), steps: 7)
    let right = targets.enumerated().filter { row, word in
      zip(found, word + [0]).allSatisfy { $0[row] == $1 }
    }
    #expect(right.count >= 28, "\(right.count) of 32")
  }
}
