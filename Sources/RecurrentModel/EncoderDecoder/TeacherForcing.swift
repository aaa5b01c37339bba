import RecurrentCore

extension EncoderDecoder {
  /// The readouts of a target, some of whose tokens are replaced by predicted ones in the inputs: scheduled sampling (Bengio et al.
  /// 2015) of whole sequences (Duckworth et al. 2019).
  ///
  /// A first pass predicts every token from the target's tokens before it, without dropout in the decoder and without gradients; the second pass reads, at each
  /// step, the target's token with the given probability, and otherwise the predicted one. No value passes through the host.
  /// - Parameters:
  ///   - inputs: The token before each step, `[S, N]`.
  ///   - sources: The sources, before the first step.
  ///   - teacherForcing: The probability of the target's token; with 1 there is no first pass.
  /// - Returns: `[S, N, R]`.
  /// - Throws: `RecurrentError` if a token is not in the vocabulary or the rows do not match.
  package func readouts(_ inputs: Tokens, _ sources: EncodedSources, teacherForcing: Float = 1) throws -> Tensor {
    let vectors = try targetEmbedding(inputs)
    let steps = vectors.shape[0]
    guard teacherForcing < 1, steps > 1 else { return try decode(vectors, sources).readouts }
    let tape = vectors.tape
    let predicted = try tape.evaluating {
      let tokens = try logits(of: decode(targetEmbedding(inputs), sources).readouts).argmax(axis: -1)
      return try targetEmbedding.weight.tensor(on: tape).gathered(at: tokens).slice(0..<steps - 1)
    }
    // 1 for the target's token, else 0. The first step reads the boundary.
    let choice = try tape.full([steps - 1, vectors.shape[1], 1], 1)
    let mask =
      teacherForcing > 0 ? try choice.dropout(1 - teacherForcing).scaled(by: teacherForcing) : try choice.scaled(by: 0)
    let rest = try vectors.slice(1..<steps)
    let mixed = try predicted + (rest - predicted) * mask
    return try decode(Tensor.concatenate([vectors.slice(0..<1), mixed], axis: 0), sources).readouts
  }
}

extension Tape {
  /// Runs a body in evaluation mode.
  fileprivate func evaluating<Value>(_ body: () throws -> Value) throws -> Value {
    let before = mode
    mode = .evaluation
    defer { mode = before }
    return try body()
  }
}
