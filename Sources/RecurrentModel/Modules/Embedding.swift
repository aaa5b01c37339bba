/// Rows of a table, looked up by token: `[T, N] → [T, N, size]`, as `torch.nn.Embedding`. Parameter: `weight`.
///
/// A negative token gives a row of 0 and no gradient.
///
/// A recurrent layer that reads the result as it is, of at least twice as many tokens as the table has rows, multiplies
/// the table's rows instead of the tokens'.
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
    var rows = try tape.record(y, shape: tokens.shape + [weight.shape[1]], from: [table]) { tape, dy, outputs in
      guard let output = outputs[0], let occurrences else { return }
      try tape.backend.scatterAdd(ScatterAdd(dy, occurrences, into: output.region))
    }
    rows.lookup = Lookup(table: table, tokens: tokens, occurrences: occurrences)
    return rows
  }

  /// `Embedding(tokens, size)`.
  public var summary: String { "Embedding(\(weight.shape[0]), \(weight.shape[1]))" }
}

/// Which rows of which table a tensor holds.
final class Lookup {
  /// `[V, D]`.
  let table: Tensor
  /// One row each.
  let tokens: Tokens
  /// Those of the tokens, where the table has a gradient.
  let occurrences: Occurrences?
  /// Whether a layer read the table in place of the tensor, and sends the gradient there.
  var isFolded = false

  init(table: Tensor, tokens: Tokens, occurrences: Occurrences?) {
    self.table = table
    self.tokens = tokens
    self.occurrences = occurrences
  }
}
