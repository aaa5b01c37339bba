import RecurrentCore

/// An encoder-decoder of self-attention (Vaswani et al. 2017), with sinusoidal positions.
///
/// Parameters have the names of a PyTorch module with the members `embedding`, `encoder` (`nn.TransformerEncoder` with a final norm),
/// `target_embedding`, `decoder` (`nn.TransformerDecoder` with a final norm) and `head`; a tied `head.weight` is the
/// `target_embedding.weight`.
public final class TransformerEncoderDecoder: EncoderDecoder {
  /// The vectors of the source tokens.
  public let sourceEmbedding: Embedding
  /// The vectors of the target tokens.
  public let targetEmbedding: Embedding
  /// The layers of the encoder, and the normalization of their result.
  public let encoder: NormalizedStack<TransformerEncoderLayer>
  /// The layers of the decoder, and the normalization of their result.
  public let decoder: NormalizedStack<TransformerDecoderLayer>
  /// The output layer, `E → K`.
  public let head: Dense
  /// Dropout probability of the vectors, and of the parts of the layers.
  public let dropout: Float
  private let positions: PositionalEncoding

  /// A network with new weights.
  /// - Parameters:
  ///   - sourceTokens: The number of source tokens.
  ///   - targetTokens: K, the number of target tokens.
  ///   - features: E, the number of features of a vector.
  ///   - heads: The number of heads of each attention, a divisor of the features.
  ///   - hidden: The hidden units of the feed-forward networks.
  ///   - layers: The number of layers of the encoder, and of the decoder.
  ///   - isTied: Whether `head` has the target embedding's table as its weight.
  ///   - dropout: Dropout probability of the vectors, and of the parts of the layers.
  /// - Throws: `RecurrentError.invalidArgument` if a size or the dropout is not usable.
  public init(
    sourceTokens: Int, targetTokens: Int, features: Int, heads: Int, hidden: Int, layers: Int, isTied: Bool = true,
    dropout: Float = 0
  ) throws {
    try requireSizes(
      [("source tokens", sourceTokens), ("target tokens", targetTokens), ("features", features), ("layers", layers)],
      at: "TransformerEncoderDecoder")
    let vectors = { (tokens: Int) in
      try Embedding(tokens: tokens, size: features, initializer: .normal(1 / Double(features).squareRoot()))
    }
    (sourceEmbedding, targetEmbedding) = (try vectors(sourceTokens), try vectors(targetTokens))
    encoder = try NormalizedStack(features, layers: layers) {
      try TransformerEncoderLayer(features, heads: heads, hidden: hidden, dropout: dropout)
    }
    decoder = try NormalizedStack(features, layers: layers) {
      try TransformerDecoderLayer(features, heads: heads, hidden: hidden, dropout: dropout)
    }
    head = isTied ? Dense(tiedTo: targetEmbedding.weight) : try Dense(input: features, output: targetTokens)
    self.dropout = dropout
    positions = try PositionalEncoding(features)
  }

  /// The parts under their names.
  public var members: [Member] {
    [
      .module("embedding", sourceEmbedding), .module("encoder", encoder), .module("target_embedding", targetEmbedding),
      .module("decoder", decoder), .module("head", head),
    ]
  }

  /// 0: as in the paper, nothing is dropped behind the last normalization.
  public var headDropout: Float { 0 }
  /// True.
  public var hasAttention: Bool { true }
  /// True.
  public var multipliesQueries: Bool { true }

  /// Reads sources: the keys and values of each layer of the decoder.
  /// - Parameter tokens: `[T, N]`, with their lengths.
  /// - Throws: `RecurrentError` if a token is not in the vocabulary.
  public func encode(_ tokens: Tokens) throws -> EncodedSources {
    var x = try placed(sourceEmbedding(tokens), from: 0)
    for layer in encoder.layers { x = try layer(x, lengths: tokens.lengths) }
    let states = try encoder.norm(x)
    let memory = try decoder.layers.map { try $0.sourceAttention.memory(states, lengths: tokens.lengths) }
    return EncodedSources(memory: memory.flatMap { [$0.keys, $0.values] }, lengths: tokens.lengths, state: [])
  }

  /// Decodes steps; see `EncoderDecoder`. The state is the keys and values of each layer, `[steps so far, N, E]`.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func decode(_ vectors: Tensor, _ sources: EncodedSources) throws -> DecodedSteps {
    var x = try placed(vectors, from: sources.state.first?.shape[0] ?? 0)
    var (state, weights): ([Tensor], Tensor?) = ([], nil)
    for (index, layer) in decoder.layers.enumerated() {
      let part = { (tensors: [Tensor], lengths: Lengths?) in
        try AttentionMemory(keys: tensors[2 * index], values: tensors[2 * index + 1], lengths: lengths)
      }
      let output = try layer(
        x, memory: part(sources.memory, sources.lengths), past: sources.state.isEmpty ? nil : part(sources.state, nil))
      (x, weights) = (output.x, output.weights)
      state += [output.past.keys, output.past.values]
    }
    return try DecodedSteps(
      readouts: decoder.norm(x), weights: x.tape.mode == .evaluation ? weights?.mean(axis: 1) : nil, state: state)
  }

  /// Vectors `[S, N, E]` times √E, with their positions.
  private func placed(_ vectors: Tensor, from first: Int) throws -> Tensor {
    let places = try positions(first..<first + vectors.shape[0], on: vectors.tape)
    return try (vectors.scaled(by: Float(positions.features).squareRoot()) + places).dropout(dropout)
  }

  /// The sizes.
  public var summary: String {
    "TransformerEncoderDecoder(\(positions.features), layers: \(encoder.layers.count), heads: \(encoder.layers[0].attention.heads))"
  }
}

/// Layers and the normalization of their result, under the names of `nn.TransformerEncoder`.
public final class NormalizedStack<Element: Module>: Module {
  /// The layers.
  public let layers: [Element]
  /// The normalization.
  public let norm: LayerNorm

  /// Layers for a number of features.
  /// - Throws: `RecurrentError.invalidArgument`.
  init(_ features: Int, layers count: Int, _ make: () throws -> Element) throws {
    layers = try (0..<count).map { _ in try make() }
    norm = try LayerNorm(features)
  }
}
