import RecurrentData

extension SequencePadding.Batch {
  /// The tokens `[T, N]` with their lengths, on the device for a pass.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of tokens is not T·N, or a length is not in `0 ... T`.
  public func tokens(on tape: Tape) throws -> Tokens {
    try tape.tokens(tokens, steps: steps, batchSize: batchSize, lengths: lengths)
  }
}

extension SequencePadding.NumberBatch {
  /// The values on the device for a pass, `[T, N, D]`.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of values is not T·N·D.
  public func tensor(on tape: Tape) throws -> Tensor { try tape.tensor(values, shape: [steps, batchSize, features]) }

  /// The lengths on the device for a pass; nil if there are none.
  /// - Throws: `RecurrentError.outOfMemory`; what the device throws.
  public func lengths(on tape: Tape) throws -> Lengths? { try lengths.map { try tape.lengths($0) } }
}

extension Windows.Batch {
  /// The input steps on the device for a pass: `[T, N, D]`.
  /// - Throws: `RecurrentError.outOfMemory`; what the device throws.
  public func inputs(on tape: Tape) throws -> Tensor { try tape.tensor(inputs, shape: [steps, batchSize, features]) }

  /// The target steps on the device for a pass: `[horizon, N, D]`.
  /// - Throws: `RecurrentError.outOfMemory`; what the device throws.
  public func targets(on tape: Tape) throws -> Tensor {
    try tape.tensor(targets, shape: [horizon, batchSize, features])
  }
}

extension SequenceBatch {
  /// The inputs `[T, N]` with their lengths, on the device for this pass of the tape.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of inputs is not T·N, or a length is not in `0 ... T`.
  public func tokens(on tape: Tape) throws -> Tokens {
    try tape.tokens(inputs, steps: steps, batchSize: batchSize, lengths: lengths)
  }

  /// The targets `[T, N]`, −1 where ignored, for `crossEntropy` with logits `[T, N, C]`, on the device for this pass of
  /// the tape.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of targets is not T·N.
  public func labels(on tape: Tape) throws -> Tokens { try tape.labels(countedTargets, shape: [steps, batchSize]) }
}
