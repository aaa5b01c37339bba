/// Scaled dot-product attention of several heads (Vaswani et al. 2017), as `torch.nn.MultiheadAttention`, time first. Parameters
/// with PyTorch's names: `in_proj_weight [3E, E]`, `in_proj_bias [3E]`, `out_proj.weight [E, E]`, `out_proj.bias [E]`.
///
/// A sequence that attends to itself is `attention(x)`; one that attends to another is
/// `attention(queries, attention.memory(states))`. N rows, Q queries, T steps of a memory, E features.
public final class MultiHeadAttention: Layer {
  /// How many heads there are; each has `features / heads` features.
  public let heads: Int
  /// The share of the weights that is dropped in training.
  public let dropout: Float
  /// The stacked input projections of queries, keys and values, `[3E, E]`.
  public let inputWeight: Parameter
  /// Its bias, or nil.
  public let inputBias: Parameter?
  /// The output projection, `[E, E]`.
  public let output: Dense

  /// An attention with weights of its own, drawn as PyTorch draws them: Glorot's for the inputs, biases of 0.
  /// - Parameters:
  ///   - features: E, of queries, memory and result.
  ///   - heads: A divisor of the features.
  ///   - dropout: The share of the attention's weights that is dropped in training.
  ///   - bias: Whether there are biases.
  /// - Throws: `RecurrentError.invalidArgument`.
  public init(_ features: Int, heads: Int, dropout: Float = 0, bias: Bool = true) throws {
    try requireSizes([("features", features), ("heads", heads)], at: "MultiHeadAttention")
    guard features % heads == 0 else {
      throw RecurrentError(
        .invalidArgument, "\(features) features do not divide into \(heads) heads", at: "MultiHeadAttention",
        remedy: "take features that are a multiple of the heads")
    }
    try requireProbability(dropout, at: "MultiHeadAttention")
    self.heads = heads
    self.dropout = dropout
    inputWeight = Parameter([3 * features, features], .glorotUniform())
    inputBias = bias ? Parameter([3 * features], .zeros) : nil
    output = try Dense(input: features, output: features, bias: bias, biasInitializer: .zeros)
  }

  /// The parameters under PyTorch's names.
  public var members: [Member] {
    [.parameter("in_proj_weight", inputWeight)] + (inputBias.map { [.parameter("in_proj_bias", $0)] } ?? [])
      + [.module("out_proj", output)]
  }

  /// Prepares a sequence to be attended to.
  /// - Parameters:
  ///   - states: `[T, N, E]`, time first.
  ///   - lengths: How many steps of each row count; nil for all.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func memory(_ states: Tensor, lengths: Lengths? = nil) throws -> AttentionMemory {
    try requireMemory(states, features: features)
    return try AttentionMemory(keys: projected(states, 1), values: projected(states, 2), lengths: lengths)
  }

  /// Attends to a memory: context `[Q, N, E]`, weights `[N, heads, Q, T]`.
  /// - Parameters:
  ///   - queries: `[Q, N, E]`, time first; or one query a row, `[N, E]`, which gives the context `[N, E]`.
  ///   - memory: What is attended to.
  ///   - mask: 0 where a query must not look, of a shape that broadcasts to `[N, heads, Q, T]`.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func callAsFunction(_ queries: Tensor, _ memory: AttentionMemory, mask: Tensor? = nil) throws
    -> AttentionOutput
  {
    if queries.shape.count == 2 {
      let output = try self(queries.reshaped([1] + queries.shape), memory, mask: mask)
      return AttentionOutput(context: try output.context.step(0), weights: output.weights)
    }
    try memory.check(queries, features: features, keys: features, values: features, at: summary)
    let (count, steps, rows) = (queries.shape[0], memory.keys.shape[0], queries.shape[1])
    let q = try split(projected(queries, 0))
    let scores = try q.batchedMatmul(
      split(memory.keys), axes: (.middle, .middle, .first), transposesB: true,
      scale: 1 / Float(features / heads).squareRoot())
    let weights = try scores.reshaped([rows, heads, count, steps]).softmax(mask: mask, lengths: memory.lengths)
    let context = try weights.dropout(dropout).reshaped([rows * heads, count, steps]).batchedMatmul(
      split(memory.values), axes: (.first, .middle, .middle))
    return AttentionOutput(context: try output(context.reshaped([count, rows, features])), weights: weights)
  }

  /// What a sequence `[T, N, E]` finds in itself.
  /// - Parameters:
  ///   - x: `[T, N, E]`, time first.
  ///   - lengths: How many steps of each row count; nil for all.
  ///   - isCausal: Whether no step sees later ones.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func callAsFunction(_ x: Tensor, lengths: Lengths? = nil, isCausal: Bool = false) throws -> AttentionOutput {
    let memory = try memory(x, lengths: lengths)
    return try self(x, memory, mask: isCausal ? x.tape.causalMask(x.shape[0]) : nil)
  }

  /// The sequence's context in itself, all of whose steps count: `[T, N, E] → [T, N, E]`.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func forward(_ x: Tensor) throws -> Tensor { try self(x).context }

  /// `MultiHeadAttention(E, heads: …)`.
  public var summary: String {
    "MultiHeadAttention(\(features), heads: \(heads)\(dropout > 0 ? ", dropout: \(dropout)" : ""))"
  }

  private var features: Int { inputWeight.shape[1] }

  /// The queries, keys or values of a sequence: those rows of the weight.
  private func projected(_ x: Tensor, _ part: Int) throws -> Tensor {
    let rows = part * features..<(part + 1) * features
    return try x.linear(
      inputWeight.tensor(on: x.tape).slice(rows), bias: inputBias?.tensor(on: x.tape).columns(rows))
  }

  /// `[T, N, E] → [T, N · heads, E / heads]`, without a copy.
  private func split(_ x: Tensor) throws -> Tensor {
    try x.reshaped([x.shape[0], x.shape[1] * heads, features / heads])
  }
}
