import RecurrentCore

/// A network that maps sequences of source tokens to sequences of target tokens: an encoder and a decoder.
///
/// Sources end with the boundary, the last of the source tokens. Targets begin and end with the boundary, the last of the target
/// tokens. T source steps, S target steps, batch size N, E embedding features, R features of a readout, K target tokens.
public protocol EncoderDecoder: Module {
  /// The vectors of the source tokens.
  var sourceEmbedding: Embedding { get }
  /// The vectors of the target tokens, `[K, E]`.
  var targetEmbedding: Embedding { get }
  /// Whether the decoder attends to the source.
  var hasAttention: Bool { get }
  /// Whether the scores of the attention are matrix products, so that a small number of queries or source steps decides the order of
  /// their sums.
  var multipliesQueries: Bool { get }

  /// The output layer, `R → K`.
  var head: Dense { get }
  /// Dropout probability of what the output layer reads.
  var headDropout: Float { get }

  /// Reads sources.
  /// - Parameter tokens: `[T, N]`, with their lengths.
  /// - Throws: `RecurrentError` if a token is not in the vocabulary.
  func encode(_ tokens: Tokens) throws -> EncodedSources

  /// Decodes steps whose tokens are known: a whole target, or the next step of a search.
  /// - Parameters:
  ///   - vectors: The vectors of the token before each step, `[S, N, E]`.
  ///   - sources: The sources, with the state before the first step. Rows of the memory may be fewer than N: M rows serve the
  ///     rows `m`, `m + M`, `m + 2 M`, …, the hypotheses of a search for the same source.
  /// - Throws: `RecurrentError.shapeMismatch`.
  func decode(_ vectors: Tensor, _ sources: EncodedSources) throws -> DecodedSteps
}

/// Sources as a decoder reads them.
public struct EncodedSources {
  /// What the decoder attends to: tensors of three axes, of which the second has a row for each source; none without attention.
  public var memory: [Tensor]
  /// The number of valid steps of each source; nil if all are valid.
  public var lengths: Lengths?
  /// The state between two steps: tensors of three axes, of which the second has a row for each target.
  public var state: [Tensor]

  /// Sources.
  public init(memory: [Tensor], lengths: Lengths?, state: [Tensor]) {
    (self.memory, self.lengths, self.state) = (memory, lengths, state)
  }
}

/// What a decoder computes for steps.
public struct DecodedSteps {
  /// `[S, N, R]`, the input of `logits(of:)`.
  public let readouts: Tensor
  /// The attention weights, `[N, S, T]`, or `[M, S · N / M, T]` if M rows of the memory serve N; nil without attention. With several
  /// heads their mean.
  public let weights: Tensor?
  /// The state after the last step.
  public let state: [Tensor]

  /// Results.
  public init(readouts: Tensor, weights: Tensor?, state: [Tensor]) {
    (self.readouts, self.weights, self.state) = (readouts, weights, state)
  }
}

extension EncoderDecoder {
  /// The logits of readouts: `[…, R] → […, K]`.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func logits(of readouts: Tensor) throws -> Tensor { try head(readouts.dropout(headDropout)) }

  /// The logits of the target tokens, each after those before it: `[S, N, K]`.
  /// - Parameters:
  ///   - sources: `[T, N]`, with their lengths.
  ///   - inputs: The token before each step, `[S, N]`: the boundary, then the target.
  /// - Throws: `RecurrentError` if a token is not in its vocabulary or the rows do not match.
  public func callAsFunction(_ sources: Tokens, inputs: Tokens) throws -> Tensor {
    try logits(of: decode(targetEmbedding(inputs), encode(sources)).readouts)
  }
}
