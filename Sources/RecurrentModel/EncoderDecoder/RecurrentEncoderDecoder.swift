import RecurrentCore

/// An encoder-decoder of recurrent layers with attention (Bahdanau et al. 2015; Luong et al. 2015; Sutskever et al. 2014 without).
///
/// The decoder starts from the encoder's final state, passed through a bridge, and attends to all of its states.
///
/// Parameters have the names of a PyTorch module with the members `embedding`, `encoder`, `bridge` and `decoder`.
public final class RecurrentEncoderDecoder: EncoderDecoder {
  /// The vectors of the source tokens.
  public let embedding: Embedding
  /// The recurrent layers that read the source, time first, in one direction or two.
  public let encoder: RecurrentStack
  /// From the final state of the encoder to the initial one of the decoder.
  public let bridge: StateBridge
  /// The decoder.
  public let decoder: AttentionDecoder

  /// A network of these parts.
  /// - Throws: `RecurrentError.invalidArgument` if they do not fit each other.
  public init(embedding: Embedding, encoder: RecurrentStack, decoder: AttentionDecoder) throws {
    guard encoder.inputSize == embedding.weight.shape[1], !encoder.isBatchFirst else {
      throw RecurrentError(
        .invalidArgument,
        "the encoder \(encoder.summary) does not read vectors of \(embedding.weight.shape[1]) features",
        at: "RecurrentEncoderDecoder", remedy: "use recurrent layers, time first, with as many input features")
    }
    let (units, directions) = (decoder.rnn.hiddenSize, encoder.directions)
    guard encoder.hiddenSize * directions == units, encoder.layerCount == decoder.rnn.layerCount,
      decoder.embedding.weight.shape[1] == encoder.inputSize, decoder.readout.weight.shape[0] == encoder.inputSize
    else {
      throw RecurrentError(
        .invalidArgument, "the encoder \(encoder.summary) and the decoder \(decoder.summary) are of different sizes",
        at: "RecurrentEncoderDecoder",
        remedy:
          "use the same embedding size on both sides and for the readout, as many layers, and \(units / directions) units in each direction"
      )
    }
    (self.embedding, self.encoder, self.decoder) = (embedding, encoder, decoder)
    bridge = try StateBridge(from: encoder, to: decoder.rnn)
  }

  /// The vectors of the source tokens.
  public var sourceEmbedding: Embedding { embedding }
  /// The vectors of the target tokens.
  public var targetEmbedding: Embedding { decoder.embedding }
  /// The output layer of the decoder.
  public var head: Dense { decoder.head }
  /// The dropout probability of the decoder.
  public var headDropout: Float { decoder.dropout }
  /// Whether the decoder has an attention.
  public var hasAttention: Bool { decoder.attention != nil }
  /// Whether the attention is general or dot.
  public var multipliesQueries: Bool { [.dot, .general].contains(decoder.kind) }

  /// Reads sources: the keys and values of the attention, and the initial state of the decoder.
  /// - Parameter tokens: `[T, N]`, with their lengths.
  /// - Throws: `RecurrentError` if a token is not in the vocabulary.
  public func encode(_ tokens: Tokens) throws -> EncodedSources {
    let output = try encoder(embedding(tokens).dropout(decoder.dropout), lengths: tokens.lengths)
    let memory = try decoder.memory(output.outputs, lengths: tokens.lengths)
    return EncodedSources(
      memory: memory.map { [$0.keys, $0.values] } ?? [], lengths: tokens.lengths,
      state: tensors(of: AttentionDecoder.State(try bridge(output.state))))
  }

  /// Decodes steps; see `EncoderDecoder`.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func decode(_ vectors: Tensor, _ sources: EncodedSources) throws -> DecodedSteps {
    let memory =
      try sources.memory.isEmpty
      ? nil : AttentionMemory(keys: sources.memory[0], values: sources.memory[1], lengths: sources.lengths)
    let output = try decoder(vectors, state: state(sources.state), memory: memory)
    return DecodedSteps(readouts: output.readouts, weights: output.weights, state: tensors(of: output.state))
  }

  /// `[h]`, or `[h, c]` of an LSTM; with input feeding the readout of the step before follows, `[1, N, R]`.
  private func tensors(of state: AttentionDecoder.State) -> [Tensor] {
    [state.recurrent.h, state.recurrent.c, state.readout].compactMap(\.self)
  }

  private func state(_ tensors: [Tensor]) -> AttentionDecoder.State {
    let own = decoder.rnn.kind.hasCellState ? 2 : 1
    var state = AttentionDecoder.State(RecurrentState(h: tensors[0], c: own == 2 ? tensors[1] : nil))
    state.readout = tensors.count > own ? tensors[own] : nil
    return state
  }

  /// The sizes, and the options that differ from the defaults.
  public var summary: String { "RecurrentEncoderDecoder(\(encoder.summary), \(decoder.summary))" }
}
