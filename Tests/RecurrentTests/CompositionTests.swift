import Recurrent
import Testing

@testable import RecurrentModel

/// Reads a sequence, and writes another one with an eye on every step that it read.
private final class Translator: Module {
  let encoder: GRU, decoder: LSTM, bridge: Dense, head: Dense, table: Embedding

  init() throws {
    table = try Embedding(tokens: 6, size: 3)
    encoder = try GRU(input: 3, hidden: 2, bidirectional: true)
    bridge = try Dense(input: 4, output: 4)
    decoder = try LSTM(input: 3, hidden: 4)
    head = Dense(tiedTo: try Dense(input: 8, output: 6).weight)
  }

  func callAsFunction(_ source: Tokens, _ target: Tokens) throws -> Tensor {
    let read = try encoder(table(source), lengths: source.lengths)
    let start = try bridge(read.finalOutput()).tanh()
    let state = try RecurrentState(
      h: start.reshaped([1] + start.shape), c: start.tape.full([1] + start.shape, 0))
    let written = try decoder(table(target), state: state).outputs
    let scores = try written.batchedMatmul(read.outputs, axes: (.middle, .middle, .first), transposesB: true)
    let context = try scores.softmax().batchedMatmul(read.outputs, axes: (.first, .middle, .middle))
    return try head(Tensor.concatenate([written, context]))
  }
}

@Suite struct CompositionTests {
  @Test func anEncoderAndADecoderWithAttentionCompose() throws {
    let model = try Translator()
    try checkGradients(of: [model]) { tape, _ in
      let source = try tape.tokens([0, 1, 2, 3, 4, 5], steps: 3, rows: 2, lengths: [3, 2])
      let target = try tape.tokens([5, 4, 3, 3], steps: 2, rows: 2)
      let logits = try model(source, target)
      return [try crossEntropy(logits, tape.labels([1, 0, -1, 2], shape: [2, 2])), logits]
    }
  }

  @Test func oneModuleRunTwiceAddsItsGradients() throws {
    let rnn = try Elman(input: 2, hidden: 2)
    try checkGradients(inputs: [[3, 1, 2]], of: [rnn]) { _, x in
      let first = try rnn(x[0])
      let second = try rnn(first.outputs, state: first.state)
      return [second.outputs, first.outputs, second.state.h]
    }
  }
}
