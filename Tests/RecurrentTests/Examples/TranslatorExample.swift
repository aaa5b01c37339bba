import Recurrent
import Testing

/// Takes sequences of tokens to others of another length: a bidirectional encoder, and a decoder that attends to it by additive
/// attention (Bahdanau et al. 2015) and is fed what it attended to last (Luong et al. 2015). N rows, T and U steps, H units.
final class Translator: Module {
  let source: Embedding, target: Embedding, encoder: LSTM, bridge: Dense
  let decoder: LSTM, attention: AdditiveAttention, readout: Dense, head: Dense

  init(sources: Int, targets: Int, hidden: Int) throws {
    source = try Embedding(tokens: sources, size: hidden)
    target = try Embedding(tokens: targets, size: hidden)
    encoder = try LSTM(input: hidden, hidden: hidden, bidirectional: true)
    bridge = try Dense(input: 2 * hidden, output: hidden)
    decoder = try LSTM(input: 2 * hidden, hidden: hidden)
    attention = try AdditiveAttention(query: hidden, memory: 2 * hidden, units: hidden)
    readout = try Dense(input: 3 * hidden, output: hidden)
    head = try Dense(input: hidden, output: targets)
  }

  /// Where a translation stands: what is attended to, the decoder's state, and what it attended to last, `[N, H]`.
  struct Progress {
    let memory: AttentionMemory
    var state: RecurrentState
    var attended: Tensor
  }

  func begin(_ tokens: Tokens) throws -> Progress {
    let encoded = try encoder(source(tokens), lengths: tokens.lengths)
    let h = try bridge(encoded.finalOutput()).tanh()
    let c = try h.tape.full([1] + h.shape, 0)
    return Progress(
      memory: try attention.memory(encoded.outputs, lengths: tokens.lengths),
      state: RecurrentState(h: try h.reshaped([1] + h.shape), c: c), attended: try c.step(0))
  }

  func advance(_ progress: inout Progress, reading word: Tensor) throws {
    let input = try Tensor.concatenate([word, progress.attended])
    let decoded = try decoder(input.reshaped([1] + input.shape), state: progress.state)
    let h = try decoded.outputs.step(0)
    progress.state = decoded.state
    progress.attended = try readout(Tensor.concatenate([h, attention(h, progress.memory).context])).tanh()
  }

  /// The logits of the token after each of the given ones, `[U, N, targets]`.
  func callAsFunction(_ tokens: Tokens, _ words: Tokens) throws -> Tensor {
    var progress = try begin(tokens)
    let embedded = try target(words)
    let attended = try (0..<embedded.shape[0]).map { step in
      try advance(&progress, reading: embedded.step(step))
      return progress.attended
    }
    return try head(Tensor.stack(attended))
  }

  /// The likeliest words, one after the other, after the token 0: `[steps][N]`.
  func translated(_ tokens: Tokens, steps: Int) throws -> [[Int32]] {
    var progress = try begin(tokens)
    var words = [Int32](repeating: 0, count: tokens.shape[1])
    return try (0..<steps).map { _ in
      try advance(&progress, reading: target(progress.attended.tape.labels(words)))
      words = try head(progress.attended).argmax()
      return words
    }
  }
}

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
