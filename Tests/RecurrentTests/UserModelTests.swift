import Recurrent
import RecurrentReference
import Testing

// This file imports what a user imports, and no more than that (but for the device): it shows that a model of one's own
// takes 15 lines and names no backend. README shows the same.

/// Marks each word of a sentence.
final class Tagger: Module {
  let words: Embedding, encoder: LSTM, head: Dense

  init(words count: Int, tags: Int) throws {
    words = try Embedding(tokens: count, size: 8)
    encoder = try LSTM(input: 8, hidden: 8, bidirectional: true)
    head = try Dense(input: encoder.outputSize, output: tags)
  }

  func callAsFunction(_ tokens: Tokens) throws -> Tensor {
    try head(encoder(words(tokens), lengths: tokens.lengths).outputs)
  }
}

@Suite struct UserModelTests {
  typealias Sentences = (words: [Int32], tags: [Int32])

  @Test func aModelOfOnesOwnTrains() throws {
    // A word's tag is whether the word after it is even: only a model that reads backwards knows.
    let words: [Int32] = [3, 4, 2, 1, 5, 5, 0, 2, 4, 1, 3, 0, 2, 5, 1, 4]
    let tags = (0..<16).map { $0 < 12 ? 1 - words[$0 + 4] % 2 : -1 }
    let device = Device(ReferenceBackend())
    let trainer = try Trainer(
      Tagger(words: 6, tags: 2), optimizer: Adam(learningRate: 0.05), clipNorm: 5, device: device
    ) { (model, batch: Sentences, _, tape) in
      let logits = try model(tape.tokens(batch.words, steps: 4, rows: 4, lengths: [4, 4, 4, 4]))
      return BatchLoss(try crossEntropy(logits, tape.labels(batch.tags)), weight: 12)
    }
    var losses: [Double] = []
    try trainer.fit([(words, tags)], epochs: 60) { losses.append($0.loss) }
    #expect(losses[0] > 0.6 && losses[59] < 0.05)
    #expect("\(trainer.model)".contains("(encoder): LSTM(8, 8, bidirectional)"))
  }

  @Test func aLoopOfOnesOwnTrainsToo() throws {
    let device = Device(ReferenceBackend())
    let model = Sequential(try Dense(input: 2, output: 8), ActivationLayer(.tanh), try Dense(input: 8, output: 1))
    let optimizer = Adam(learningRate: 0.05)
    try model.move(to: device)
    try optimizer.attach(to: model)
    let tape = Tape(device)
    var loss: Float = 1
    for _ in 0..<150 {
      tape.reset()
      try model.zeroGradients()
      let inputs = try tape.tensor([0, 0, 0, 1, 1, 0, 1, 1], shape: [4, 2])
      let error = try binaryCrossEntropyWithLogits(model(inputs), tape.tensor([0, 1, 1, 0], shape: [4, 1]))
      try error.backward()
      try optimizer.step()
      loss = try error.item()
    }
    #expect(loss < 0.05)
  }
}
