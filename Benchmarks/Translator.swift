import Recurrent
import RecurrentCore

extension BenchmarkFamily {
  /// A training step of an encoder-decoder with additive attention and input feeding, step by step: sources and targets
  /// of 15 tokens, some sources shorter. The same as `Translator` in peers/torch_translator.py.
  static let translator = BenchmarkFamily(name: "translator") { small in
    small
      ? [translator(steps: 4, rows: 2, hidden: 7, words: 11)]
      : [
        translator(steps: 15, rows: 32, hidden: 128, words: 1000),
        translator(steps: 15, rows: 64, hidden: 256, words: 5000),
      ]
  }

  private static func translator(steps: Int, rows: Int, hidden: Int, words: Int) -> Work {
    Work(name: "translator T\(steps) B\(rows) H\(hidden) V\(words)") { device in
      let model = try Translator(sources: words, targets: words, hidden: hidden)
      let random = Philox(key: 0)
      let tokens = { (stream: UInt32) in
        (0..<steps * rows).map { Int32(random(SIMD4(UInt32($0), stream, 0, 0)).x % UInt32(words)) }
      }
      let (sources, targets, following) = (tokens(0), tokens(1), tokens(2))
      let lengths = (0..<rows).map { Int32(steps - $0 % (steps / 2)) }
      let trainer = try Trainer(model, optimizer: Adam(), clipNorm: 1, device: device) {
        (model, _: Void, _, tape) in
        let logits = try model(
          tape.tokens(sources, steps: steps, rows: rows, lengths: lengths),
          tape.tokens(targets, steps: steps, rows: rows))
        return try BatchLoss(crossEntropy(logits, tape.labels(following, shape: [steps, rows])))
      }
      // Multiply-adds of the products as the model is written, per step and row: the encoder's two directions, the
      // decoder, the attention's projections, the readout and the head; backward twice as many.
      let (encoder, decoder) = (2 * 4 * 2 * hidden * hidden, 4 * 3 * hidden * hidden)
      let products = encoder + decoder + (2 + 1 + 3) * hidden * hidden + hidden * words
      return [Benchmark(part: "training", flops: 3 * 2 * steps * rows * products) { try trainer.train(on: ()) }]
    }
  }
}

/// A sequence-to-sequence model: a bidirectional encoder, and a decoder with additive attention (Bahdanau et al. 2015)
/// and input feeding (Luong et al. 2015). N rows, T and U steps, H units.
package final class Translator: Module {
  let source: Embedding, target: Embedding, encoder: LSTM, bridge: Dense
  let decoder: LSTM, attention: AdditiveAttention, readout: Dense, head: Dense

  package init(sources: Int, targets: Int, hidden: Int) throws {
    source = try Embedding(tokens: sources, size: hidden)
    target = try Embedding(tokens: targets, size: hidden)
    encoder = try LSTM(input: hidden, hidden: hidden, bidirectional: true)
    bridge = try Dense(input: 2 * hidden, output: hidden)
    decoder = try LSTM(input: 2 * hidden, hidden: hidden)
    attention = try AdditiveAttention(query: hidden, memory: 2 * hidden, units: hidden)
    readout = try Dense(input: 3 * hidden, output: hidden)
    head = try Dense(input: hidden, output: targets)
  }

  /// The decoder's progress: the memory, the decoder's state, and the last attentional vector, `[N, H]`.
  package struct Progress {
    let memory: AttentionMemory
    var state: RecurrentState
    var attended: Tensor
  }

  package func begin(_ tokens: Tokens) throws -> Progress {
    let encoded = try encoder(source(tokens), lengths: tokens.lengths)
    let h = try bridge(encoded.finalOutput()).tanh()
    let c = try h.tape.full([1] + h.shape, 0)
    return Progress(
      memory: try attention.memory(encoded.outputs, lengths: tokens.lengths),
      state: RecurrentState(h: try h.reshaped([1] + h.shape), c: c), attended: try c.step(0))
  }

  package func advance(_ progress: inout Progress, reading word: Tensor) throws {
    let input = try Tensor.concatenate([word, progress.attended])
    let decoded = try decoder(input.reshaped([1] + input.shape), state: progress.state)
    let h = try decoded.outputs.step(0)
    progress.state = decoded.state
    progress.attended = try readout(Tensor.concatenate([h, attention(h, progress.memory).context])).tanh()
  }

  /// The logits of the token after each given token, `[U, N, targets]`.
  package func callAsFunction(_ tokens: Tokens, _ words: Tokens) throws -> Tensor {
    var progress = try begin(tokens)
    let embedded = try target(words)
    let attended = try (0..<embedded.shape[0]).map { step in
      try advance(&progress, reading: embedded.step(step))
      return progress.attended
    }
    return try head(Tensor.stack(attended))
  }

  /// Greedy decoding, starting from token 0: `[steps][N]`.
  package func translated(_ tokens: Tokens, steps: Int) throws -> [[Int32]] {
    var progress = try begin(tokens)
    var words = [Int32](repeating: 0, count: tokens.shape[1])
    return try (0..<steps).map { _ in
      try advance(&progress, reading: target(progress.attended.tape.labels(words)))
      words = try head(progress.attended).argmax()
      return words
    }
  }
}
