import Recurrent

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
