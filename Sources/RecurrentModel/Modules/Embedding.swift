/// Rows of a table, looked up by token: `[T, N] → [T, N, size]`, as `torch.nn.Embedding`. Parameter: `weight`.
///
/// A negative token gives a row of 0 and no gradient.
///
/// A recurrent layer that reads the result as it is, of at least twice as many tokens as the table has rows, multiplies
/// the table's rows instead of the tokens'.
///
/// A sparse embedding trains as PyTorch's with `sparse=True` and `torch.optim.SparseAdam`: a step changes, and the
/// optimizer forgets, nothing in rows that did not occur in it, and so costs nothing for them. It takes `Adam`, `Adagrad`,
/// or `SGD` without momentum, no weight decay, and shares its table with no other module that trains. A norm of the
/// gradients has its rows in it. While it trains, no recurrent layer multiplies its table.
public final class Embedding: Module {
  /// `[tokens, size]`.
  public let weight: Parameter

  /// Whether a step changes only the rows that occurred in it. Takes effect when the model is placed on a device.
  public var isSparse: Bool {
    get { weight.isSparse }
    set { weight.isSparse = newValue }
  }

  /// A table for `tokens` tokens.
  /// - Throws: `RecurrentError.invalidArgument` if a size is not positive.
  public init(tokens: Int, size: Int, initializer: Initializer = .normal(), sparse: Bool = false) throws {
    try requireSizes([("tokens", tokens), ("size", size)], at: "Embedding")
    weight = Parameter([tokens, size], initializer)
    weight.isSparse = sparse
  }

  /// The tokens' rows.
  /// - Throws: `RecurrentError.invalidData` if a token is not in the table.
  public func callAsFunction(_ tokens: Tokens) throws -> Tensor {
    let tape = tokens.tape
    try tokens.check(
      below: weight.shape[0], on: tape, at: "Embedding", remedy: "use the vocabulary that the model was made for")
    let table = try weight.lookedUp(on: tape)
    let y = try tape.allocate(rows: tokens.indices.count, columns: weight.shape[1])
    try tape.backend.gather(Gather(table.region, tokens.indices, into: .set(y)))
    let shape = tokens.shape + [weight.shape[1]]
    if let sparse = weight.place?.rows, table.needsGradient {
      return try recordSparse(y, shape: shape, of: table, sparse, tokens.values())
    }
    let occurrences =
      table.needsGradient ? try tape.upload(Occurrences.of(tokens.values()), of: tokens.indices.count) : nil
    var rows = try tape.recordWriting(y, shape: shape, from: [table]) { tape, dy, outputs in
      guard let output = outputs[0], let occurrences else { return }
      try tape.backend.scatterAdd(ScatterAdd(dy, occurrences, into: output.region))
    }
    rows.lookup = Lookup(table: table, tokens: tokens, occurrences: occurrences)
    return rows
  }

  /// Records the gradient of the rows that occur.
  private func recordSparse(
    _ y: Region, shape: [Int], of table: Tensor, _ sparse: GradientRows, _ tokens: [Int32]
  ) throws -> Tensor {
    try table.tape.recordWriting(y, shape: shape, from: [table]) { tape, dy, outputs in
      guard let output = outputs[0] else { return }
      var lists = Occurrences.of(tokens)
      lists.rows = try sparse.places(of: lists.rows)
      let occurrences = try tape.upload(lists, of: tokens.count)
      try tape.backend.scatterAdd(ScatterAdd(dy, occurrences, into: output.region))
    }
  }

  /// `Embedding(tokens, size)`, and whether it is sparse.
  public var summary: String { "Embedding(\(weight.shape[0]), \(weight.shape[1])\(isSparse ? ", sparse" : ""))" }
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
