import RecurrentCore

/// Predicts a sequence from the states of an encoder: an embedding, recurrent layers, an attention over the encoder's states, a readout
/// and an output layer. S steps, batch size N, E embedding features, H units, V features of the encoder's states, R of the readout, K
/// tokens.
///
/// The state h of the last layer attends to the memory, and the readout is `tanh(W · [h; context; embedding] + b)` (Luong et al.
/// 2015, with the embedding as in Bahdanau et al. 2015). Without input feeding no step needs the readout of another one, so a
/// whole sequence is one call of the recurrent layers, one attention and a few products. With it, each step also reads the readout
/// of the step before.
///
/// Parameters have the names of a PyTorch module with the members `embedding`, `rnn`, `attention`, `readout` and `head`; a tied
/// `head.weight` is the `embedding.weight`.
public final class AttentionDecoder: Module {
  /// The vectors of the tokens, `[K, E]`.
  public let embedding: Embedding
  /// The recurrent layers, in one direction, time first; they read E features, or E + R with input feeding.
  public let rnn: RecurrentStack
  /// The attention; nil for none.
  public let attention: (any Attention)?
  /// The layer `[h; context; embedding] → R`.
  public let readout: Dense
  /// The output layer, `R → K`.
  public let head: Dense
  /// Whether a step reads the readout of the step before.
  public let feedsInput: Bool
  /// The kind of attention.
  public let kind: AttentionKind
  /// The dropout probability of the embeddings and of the input of `head`.
  public let dropout: Float

  /// The state between two steps.
  public struct State {
    /// The state of the recurrent layers.
    public var recurrent: RecurrentState
    /// The readout of the step before, `[1, N, R]`; nil unless it is fed.
    public var readout: Tensor?

    /// A state at the start of a sequence.
    public init(_ recurrent: RecurrentState) { self.recurrent = recurrent }
  }

  /// The readouts of steps.
  public struct Output {
    /// `[S, N, R]`, the input of `logits(of:)`.
    public let readouts: Tensor
    /// The attention weights, `[N, S, T]`, or `[M, S · N / M, T]` if M rows of the memory serve N; nil without attention.
    public let weights: Tensor?
    /// The state after the last step.
    public let state: State
  }

  /// A decoder with new weights.
  /// - Parameters:
  ///   - tokens: K.
  ///   - size: E.
  ///   - memory: V.
  ///   - readout: R.
  ///   - kind: The kind of attention; additive scores have as many hidden units as the readout.
  ///   - feedsInput: Whether a step reads the readout of the step before.
  ///   - isTied: Whether `head` has the embedding's table as its weight (Press and Wolf 2017); R is then E.
  ///   - dropout: Dropout probability of the embeddings and of the input of `head`.
  ///   - makeLayers: Makes the recurrent layers for a number of input features.
  /// - Throws: `RecurrentError.invalidArgument` if the parts do not fit each other.
  public init(
    tokens: Int, embedding size: Int, memory: Int, readout: Int, attention kind: AttentionKind = .additive,
    feedsInput: Bool = false, isTied: Bool = false, dropout: Float = 0,
    makeLayers: (_ inputSize: Int) throws -> RecurrentStack
  ) throws {
    try requireSizes(
      [("tokens", tokens), ("embedding", size), ("memory", memory), ("readout", readout)], at: Self.name)
    try requireProbability(dropout, at: Self.name)
    let inputs = size + (feedsInput ? readout : 0)
    rnn = try makeLayers(inputs)
    guard rnn.inputSize == inputs, !rnn.isBidirectional, !rnn.isBatchFirst else {
      throw RecurrentError(
        .invalidArgument, "the recurrent layers \(rnn.summary) do not decode \(inputs) features", at: Self.name,
        remedy: "use forward layers, time first, with \(inputs) input features")
    }
    guard !isTied || readout == size else {
      throw RecurrentError(
        .invalidArgument, "a head tied to an embedding of \(size) features, which reads \(readout)", at: Self.name,
        remedy: "use a readout of \(size) features")
    }
    // Vectors of about unit length, which tied logits need.
    embedding = try Embedding(tokens: tokens, size: size, initializer: .normal(1 / Double(size).squareRoot()))
    attention = try kind.makeAttention(query: rnn.hiddenSize, memory: memory, units: readout)
    self.readout = try Dense(input: rnn.hiddenSize + (kind == .none ? 0 : memory) + size, output: readout)
    head = isTied ? Dense(tiedTo: embedding.weight) : try Dense(input: readout, output: tokens)
    (self.kind, self.feedsInput, self.dropout) = (kind, feedsInput, dropout)
  }

  private static let name = "AttentionDecoder"

  /// The encoder's states as a memory; nil without attention.
  /// - Parameters:
  ///   - states: `[T, N, V]`.
  ///   - lengths: The number of valid steps per row; nil if all are valid.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func memory(_ states: Tensor, lengths: Lengths? = nil) throws -> AttentionMemory? {
    try attention?.memory(states, lengths: lengths)
  }

  /// Decodes tokens that are known: teacher forcing, or the tokens that a search chose.
  /// - Parameters:
  ///   - vectors: The vectors of the token before each step, `[S, N, E]`: `embedding(tokens)`.
  ///   - state: The state before the first step.
  ///   - memory: What `memory(_:lengths:)` gave. Its rows may be fewer than N: M rows serve the rows `m`, `m + M`, `m + 2 M`, …, the
  ///     hypotheses of a search for the same source.
  /// - Throws: `RecurrentError.shapeMismatch` if the rows do not match.
  public func callAsFunction(_ vectors: Tensor, state: State, memory: AttentionMemory?) throws -> Output {
    let vectors = try vectors.dropout(dropout)
    guard feedsInput else {
      let output = try rnn(vectors, state: state.recurrent)
      let (readouts, weights) = try self.readouts(output.outputs, vectors, memory)
      return Output(readouts: readouts, weights: weights, state: State(output.state))
    }
    var state = state
    var (readouts, weights): ([Tensor], [Tensor]) = ([], [])
    let rows = vectors.shape[1]
    for step in 0..<vectors.shape[0] {
      let vector = try vectors.slice(step..<step + 1)
      let fed = try state.readout ?? vectors.tape.full([1, rows, readout.weight.shape[0]], 0)
      let input = try Tensor.concatenate([vector, fed])
      let output = try rnn(input, state: state.recurrent)
      let (result, own) = try self.readouts(output.outputs, vector, memory)
      state = State(output.state)
      state.readout = result
      readouts.append(result)
      if let own { weights.append(own) }
    }
    return Output(
      readouts: try readouts.count == 1 ? readouts[0] : Tensor.concatenate(readouts, axis: 0),
      weights: try weights.count > 1 ? Tensor.concatenate(weights, axis: 1) : weights.first, state: state)
  }

  /// The logits of readouts: `[…, R] → […, K]`.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func logits(of readouts: Tensor) throws -> Tensor { try head(readouts.dropout(dropout)) }

  /// The readouts of states `[S, N, H]` and the vectors that they read, and the attention weights.
  private func readouts(
    _ states: Tensor, _ vectors: Tensor, _ memory: AttentionMemory?
  ) throws -> (readouts: Tensor, weights: Tensor?) {
    guard let attention else { return (try readout(Tensor.concatenate([states, vectors])).tanh(), nil) }
    guard let memory else {
      throw RecurrentError(
        .invalidArgument, "attention without a memory", at: Self.name, remedy: "give what memory(_:lengths:) returns")
    }
    let attended = try attention(memory.queries(states, at: Self.name), memory)
    let context = try attended.context.reshaped(states.shape.dropLast() + [attended.context.shape[2]])
    return (try readout(Tensor.concatenate([states, context, vectors])).tanh(), attended.weights)
  }

  /// The sizes, and the options that differ from the defaults.
  public var summary: String {
    "AttentionDecoder(\(embedding.weight.shape[0]), \(kind.rawValue)\(feedsInput ? ", feeds input" : ""))"
  }
}
