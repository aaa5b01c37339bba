import RecurrentCore

/// An embedding table, indexed by token: `[T, N] → [T, N, size]`, as `torch.nn.Embedding`. Parameter: `weight`.
///
/// A negative token, which stands for padding, gives zeros and no gradient.
///
/// If a recurrent layer reads the result directly, and there are at least twice as many tokens as table rows, the layer
/// multiplies the table instead of the gathered rows.
///
/// A sparse embedding trains like PyTorch's with `sparse=True` and `torch.optim.SparseAdam`: a step updates only rows
/// that occur in it, with their optimizer states, so other rows cost nothing. It requires `Adam`, `Adagrad`, or `SGD`
/// without momentum, no weight decay, and a table that is not shared with another trained module. Gradient norms
/// include its rows. While it trains, recurrent layers read the gathered rows.
public final class Embedding: Module {
  /// The table, `[tokens, size]`.
  public let weight: Parameter

  /// Whether a step updates only the rows that occur in it. Takes effect when the model is moved to a device.
  public var isSparse: Bool {
    get { weight.isSparse }
    set { weight.isSparse = newValue }
  }

  /// A table of `tokens` rows.
  /// - Throws: `RecurrentError.invalidArgument` if a size is not positive.
  public init(tokens: Int, size: Int, initializer: Initializer = .normal(), sparse: Bool = false) throws {
    try requireSizes([("tokens", tokens), ("size", size)], at: "Embedding")
    weight = Parameter([tokens, size], initializer)
    weight.isSparse = sparse
  }

  /// Gathers the rows of tokens.
  /// - Throws: `RecurrentError.invalidData` if a token is out of range.
  public func callAsFunction(_ tokens: Tokens) throws -> Tensor {
    let tape = tokens.tape
    try tokens.check(
      below: weight.shape[0], on: tape, at: "Embedding", remedy: "use the vocabulary of the model")
    let table = try weight.lookedUp(on: tape)
    guard let sparse = weight.place?.rows, table.needsGradient else { return try table.gathered(at: tokens) }
    return try sparseRows(of: table, at: tokens, sparse)
  }

  /// Gathers rows of a table whose gradient has a slot for each row that occurs.
  private func sparseRows(of table: Tensor, at tokens: Tokens, _ sparse: GradientRows) throws -> Tensor {
    let tape = tokens.tape
    let y = try tape.allocate(rows: tokens.indices.count, columns: weight.shape[1])
    try tape.backend.gather(Gather(table.region, tokens.indices, into: .set(y)))
    let values = try tokens.values()
    return try tape.recordWriting(y, shape: tokens.shape + [weight.shape[1]], from: [table]) { tape, dy, outputs in
      guard let output = outputs[0] else { return }
      var lists = Occurrences.of(values)
      lists.rows = try sparse.places(of: lists.rows)
      let occurrences = try tape.upload(lists, of: values.count)
      try tape.backend.scatterAdd(ScatterAdd(dy, occurrences, into: output.region))
    }
  }

  /// `Embedding(tokens, size)`, and whether it is sparse.
  public var summary: String { "Embedding(\(weight.shape[0]), \(weight.shape[1])\(isSparse ? ", sparse" : ""))" }
}
