import RecurrentCore
import RecurrentData
import RecurrentModel

/// Translates sequences: an encoder, a bridge between states, and a decoder with attention. T source steps, S target steps, batch
/// size N, vocabulary sizes with the boundary.
///
/// Sources end with the boundary. Targets begin and end with it.
///
/// Parameters have the names of a PyTorch module with the members `embedding`, `encoder`, `bridge` and `decoder`.
public final class Translator: Module {
  /// The vectors of the source tokens.
  public let embedding: Embedding
  /// The recurrent layers that read the source, time first, in one direction or two.
  public let encoder: RecurrentStack
  /// From the final state of the encoder to the initial one of the decoder.
  public let bridge: StateBridge
  /// The decoder.
  public let decoder: AttentionDecoder
  /// The tokens of sources; nil if they are not text.
  public var source: TextCodec?
  /// The tokens of targets; nil if they are not text.
  public var target: TextCodec?
  /// The columns of the training data's table; nil if it was not a table.
  public var dataFormat: PairFormat?

  /// A translator of these parts.
  /// - Throws: `RecurrentError.invalidArgument` if they do not fit each other.
  public init(embedding: Embedding, encoder: RecurrentStack, decoder: AttentionDecoder) throws {
    guard encoder.inputSize == embedding.weight.shape[1], !encoder.isBatchFirst else {
      throw RecurrentError(
        .invalidArgument,
        "the encoder \(encoder.summary) does not read vectors of \(embedding.weight.shape[1]) features",
        at: "Translator", remedy: "use recurrent layers, time first, with as many input features")
    }
    let (units, directions) = (decoder.rnn.hiddenSize, encoder.directions)
    guard encoder.hiddenSize * directions == units, encoder.layerCount == decoder.rnn.layerCount,
      decoder.embedding.weight.shape[1] == encoder.inputSize, decoder.readout.weight.shape[0] == encoder.inputSize
    else {
      throw RecurrentError(
        .invalidArgument, "the encoder \(encoder.summary) and the decoder \(decoder.summary) are of different sizes",
        at: "Translator",
        remedy:
          "use the same embedding size on both sides and for the readout, as many layers, and \(units / directions) units in each direction"
      )
    }
    (self.embedding, self.encoder, self.decoder) = (embedding, encoder, decoder)
    bridge = try StateBridge(from: encoder, to: decoder.rnn)
  }

  /// The sources as the decoder reads them.
  public struct Encoded {
    /// The states, as a memory; nil without attention.
    public let memory: AttentionMemory?
    /// The initial state of the decoder.
    public let state: RecurrentState
  }

  /// Reads sources.
  /// - Parameter tokens: `[T, N]`, with their lengths.
  /// - Throws: `RecurrentError` if a token is not in the vocabulary.
  public func encode(_ tokens: Tokens) throws -> Encoded {
    let vectors = try embedding(tokens).dropout(decoder.dropout)
    let output = try encoder(vectors, lengths: tokens.lengths)
    return Encoded(
      memory: try decoder.memory(output.outputs, lengths: tokens.lengths), state: try bridge(output.state))
  }

  /// The logits of the target tokens, each after those before it: `[S, N, K]`.
  /// - Parameters:
  ///   - source: `[T, N]`, with their lengths.
  ///   - inputs: The token before each step, `[S, N]`: the boundary, then the target.
  /// - Throws: `RecurrentError` if a token is not in its vocabulary or the rows do not match.
  public func callAsFunction(_ source: Tokens, inputs: Tokens) throws -> Tensor {
    try decoder.logits(of: readouts(source, inputs: inputs))
  }

  private func readouts(_ source: Tokens, inputs: Tokens) throws -> Tensor {
    let encoded = try encode(source)
    return try decoder(inputs, state: AttentionDecoder.State(encoded.state), memory: encoded.memory).readouts
  }

  /// The mean cross-entropy of the target tokens, those of the padding left out.
  /// - Parameter smoothing: The label smoothing.
  /// - Throws: `RecurrentError` if a token is not in its vocabulary.
  package func loss(of batch: PairBatch, smoothing: Float = 0, on tape: Tape) throws -> BatchLoss {
    let source = try batch.sources.tokens(on: tape)
    let inputs = try tape.tokens(batch.inputs, steps: batch.steps, batchSize: batch.sources.batchSize)
    let all = try readouts(source, inputs: inputs)
    // The output layer reads only the steps that count.
    let counted = try tape.labels(batch.countedSteps)
    let rows = try all.reshaped([batch.inputs.count, all.shape[2]]).rows(at: counted)
    let loss = try crossEntropy(decoder.logits(of: rows), tape.labels(batch.targets), smoothing: smoothing)
    return BatchLoss(loss, weight: Double(batch.targets.count), items: batch.targets.count)
  }
}
