/// Rows of a table, looked up by token: `[T, N] → [T, N, size]`, as `torch.nn.Embedding`. Parameter: `weight`.
///
/// A negative token gives a row of 0 and no gradient.
public final class Embedding: Module {
  /// `[tokens, size]`.
  public let weight: Parameter

  /// A table for `tokens` tokens.
  /// - Throws: `RecurrentError.invalidArgument` if a size is not positive.
  public init(tokens: Int, size: Int, initializer: Initializer = .normal()) throws {
    try requirePositive([("tokens", tokens), ("size", size)], at: "Embedding")
    weight = Parameter([tokens, size], initializer)
  }

  /// The tokens' rows.
  /// - Throws: `RecurrentError.invalidData` if a token is not in the table.
  public func callAsFunction(_ tokens: Tokens) throws -> Tensor {
    let tape = tokens.tape
    try tokens.check(
      below: weight.shape[0], on: tape, at: "Embedding", remedy: "use the vocabulary that the model was made for")
    let table = try weight.tensor(on: tape)
    let y = try tape.allocate(rows: tokens.indices.count, columns: weight.shape[1])
    try tape.backend.gather(Gather(table.region, tokens.indices, into: .set(y)))
    let occurrences = table.needsGradient ? try tokens.occurrences() : nil
    return try tape.record(y, shape: tokens.shape + [weight.shape[1]], from: [table]) { tape, dy, outputs in
      guard let output = outputs[0], let occurrences else { return }
      try tape.backend.scatterAdd(ScatterAdd(dy, occurrences, into: output.region))
    }
  }

  /// `Embedding(tokens, size)`.
  public var summary: String { "Embedding(\(weight.shape[0]), \(weight.shape[1]))" }
}
