import RecurrentCore

/// Multi-head scaled dot-product attention (Vaswani et al. 2017), as `torch.nn.MultiheadAttention`, time first.
/// Parameters have PyTorch's names: `in_proj_weight [3E, E]`, `in_proj_bias [3E]`, `out_proj.weight [E, E]`,
/// `out_proj.bias [E]`.
///
/// Self-attention is `attention(x)`; attention to another sequence is `attention(queries, attention.memory(states))`. N
/// rows, Q queries, T steps of a memory, E features.
public final class MultiHeadAttention: Layer {
  /// The number of heads; each has `features / heads` features.
  public let heads: Int
  /// Dropout probability of the attention weights, in training.
  public let dropout: Float
  /// The stacked input projections of queries, keys and values, `[3E, E]`.
  public let inputWeight: Parameter
  /// The bias of the input projections, or nil.
  public let inputBias: Parameter?
  /// The output projection, `[E, E]`.
  public let output: Dense

  /// An attention with new weights, initialized as in PyTorch: Glorot for the input projections, zero biases.
  /// - Parameters:
  ///   - features: E, the number of features of queries, memory and result.
  ///   - heads: The number of heads, a divisor of the features.
  ///   - dropout: Dropout probability of the attention weights, in training.
  ///   - bias: Whether there are biases.
  /// - Throws: `RecurrentError.invalidArgument` if a size is not positive, the features are not a multiple of the
  ///   heads, or the dropout is not in `0 ..< 1`.
  public init(_ features: Int, heads: Int, dropout: Float = 0, bias: Bool = true) throws {
    try requireSizes([("features", features), ("heads", heads)], at: "MultiHeadAttention")
    guard features % heads == 0 else {
      throw RecurrentError(
        .invalidArgument, "\(features) features are not divisible by \(heads) heads", at: "MultiHeadAttention",
        remedy: "use a multiple of the heads as features")
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

  /// Prepares a sequence as a memory.
  /// - Parameters:
  ///   - states: `[T, N, E]`, time first.
  ///   - lengths: The number of valid steps per row; nil if all are valid.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func memory(_ states: Tensor, lengths: Lengths? = nil) throws -> AttentionMemory {
    try requireMemory(states, features: features)
    return try AttentionMemory(keys: projected(states, 1), values: projected(states, 2), lengths: lengths)
  }

  /// Attends to a memory: context `[Q, N, E]`, weights `[N, heads, Q, T]`.
  /// - Parameters:
  ///   - queries: `[Q, N, E]`, time first; or one query per row, `[N, E]`, with context `[N, E]`.
  ///   - memory: The memory to attend to.
  ///   - mask: 0 for masked steps, of a shape that broadcasts to `[N, heads, Q, T]`.
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

  /// Self-attention of a sequence `[T, N, E]`.
  /// - Parameters:
  ///   - x: `[T, N, E]`, time first.
  ///   - lengths: The number of valid steps per row; nil if all are valid.
  ///   - isCausal: Whether steps are masked from later ones.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func callAsFunction(_ x: Tensor, lengths: Lengths? = nil, isCausal: Bool = false) throws -> AttentionOutput {
    let memory = try memory(x, lengths: lengths)
    return try self(x, memory, mask: isCausal ? x.tape.causalMask(x.shape[0]) : nil)
  }

  /// The context of self-attention, all steps valid: `[T, N, E] → [T, N, E]`.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func forward(_ x: Tensor) throws -> Tensor { try self(x).context }

  /// `MultiHeadAttention(E, heads: …)`.
  public var summary: String {
    "MultiHeadAttention(\(features), heads: \(heads)\(dropout > 0 ? ", dropout: \(dropout)" : ""))"
  }

  private var features: Int { inputWeight.shape[1] }

  /// The projected queries, keys or values of a sequence: part 0, 1 or 2 of the stacked weight.
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
