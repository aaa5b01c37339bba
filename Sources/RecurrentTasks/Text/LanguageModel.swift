import RecurrentCore
import RecurrentData
import RecurrentModel

/// Predicts the next token: an embedding, recurrent layers, and a dense layer for the logits. T steps, batch size N,
/// vocabulary size V.
///
/// Parameters have the names of a PyTorch module with the members `embedding`, `rnn` and `head`; a tied `head.weight` is the
/// `embedding.weight`.
public final class LanguageModel: Module {
  /// The vocabulary size, V.
  public let vocabularySize: Int
  /// The input encoding of tokens.
  public let encoding: InputEncoding
  /// The embedding; nil for other encodings.
  public let embedding: Embedding?
  /// The recurrent layers.
  public let rnn: RecurrentStack
  /// The output layer, `[…, output size of rnn] → […, V]`.
  public let head: Dense
  /// The dropout probability of the input of the recurrent layers; between them it is `rnn.dropout`.
  public let embeddingDropout: Float
  /// The dropout probability of the input of `head`.
  public let headDropout: Float
  /// Whether the weight of `head` is that of the embedding (Press and Wolf 2017).
  public let isTied: Bool
  /// The vocabulary of the tokens; nil if they are not text.
  public var vocabulary: Vocabulary?

  /// A model with a given encoding.
  /// - Parameters:
  ///   - vocabularySize: V.
  ///   - encoding: The encoding of tokens.
  ///   - rnn: The recurrent layers, in one direction, time first.
  ///   - embeddingDropout: Dropout probability of what the recurrent layers read (Zaremba et al. 2014).
  ///   - headDropout: Dropout probability of what `head` reads.
  ///   - isTied: Whether `head` has the embedding's table as its weight.
  /// - Throws: `RecurrentError.invalidArgument` if the recurrent layers do not read what the encoding gives, run in two
  ///   directions (they would see the target), or are batch-first; or if the table does not fit `head`.
  public init(
    vocabularySize: Int, encoding: InputEncoding, rnn: RecurrentStack, embeddingDropout: Float = 0,
    headDropout: Float = 0, isTied: Bool = false
  ) throws {
    try requireSizes([("the vocabulary", vocabularySize)], at: "LanguageModel")
    for probability in [embeddingDropout, headDropout] { try requireProbability(probability, at: "LanguageModel") }
    let size = encoding.size(tokens: vocabularySize)
    guard rnn.inputSize == size else {
      throw RecurrentError(
        .invalidArgument, "the recurrent layers have \(rnn.inputSize) input features, the encoding has \(size)",
        at: "LanguageModel", remedy: "create them with input: \(size)")
    }
    guard !rnn.isBidirectional, !rnn.isBatchFirst else {
      throw RecurrentError(
        .invalidArgument, "the recurrent layers are bidirectional or batch-first", at: "LanguageModel",
        remedy: "use forward layers, time first")
    }
    self.vocabularySize = vocabularySize
    self.encoding = encoding
    embedding = try encoding.table(tokens: vocabularySize)
    self.rnn = rnn
    self.embeddingDropout = embeddingDropout
    self.headDropout = headDropout
    self.isTied = isTied
    guard isTied else {
      head = try Dense(input: rnn.outputSize, output: vocabularySize)
      return
    }
    guard let embedding, rnn.outputSize == size else {
      throw RecurrentError(
        .invalidArgument,
        "a head tied to \(embedding == nil ? "no embedding" : "an embedding of size \(size)"), which reads "
          + "\(rnn.outputSize) features", at: "LanguageModel", remedy: "use an embedding of size \(rnn.outputSize)")
    }
    head = Dense(tiedTo: embedding.weight)
  }

  /// A model with an embedding.
  /// - Throws: `RecurrentError.invalidArgument`, as the initializer above.
  public convenience init(vocabularySize: Int, embedding: Int, rnn: RecurrentStack) throws {
    try self.init(vocabularySize: vocabularySize, encoding: .embedding(embedding), rnn: rnn)
  }

  /// Computes the logits of each next token, `[T, N] → [T, N, V]`, and the state after the last step.
  /// - Throws: `RecurrentError` if a token is not in the vocabulary or the state is for other rows.
  public func callAsFunction(
    _ tokens: Tokens, state: RecurrentState? = nil
  ) throws -> (logits: Tensor, state: RecurrentState) {
    let (outputs, state) = try outputs(tokens, state: state)
    return (try head(outputs), state)
  }

  /// What `head` reads of each token, `[T, N] → [T, N, output size of rnn]`, and the state after the last step.
  func outputs(_ tokens: Tokens, state: RecurrentState?) throws -> (outputs: Tensor, state: RecurrentState) {
    let output = try rnn(encoded(tokens).dropout(embeddingDropout), state: state, lengths: tokens.lengths)
    return (try output.outputs.dropout(headDropout), output.state)
  }

  /// Computes the logits of the token after the last one, for generation step by step, and the state after it.
  ///
  /// Starts a new pass of the tape, in evaluation mode; the state outlives it.
  /// - Parameters:
  ///   - tokens: One or more tokens of one row.
  ///   - state: The state returned by the previous call; nil at the start.
  ///   - tape: A tape for generating: it stays in evaluation mode.
  /// - Returns: V logits on the host, and the state.
  /// - Throws: `RecurrentError.invalidData` if there is no token or one is not in the vocabulary.
  public func logits(
    for tokens: [Int32], state: RecurrentState? = nil, on tape: Tape
  ) throws -> (logits: [Float], state: RecurrentState) {
    guard !tokens.isEmpty else {
      throw RecurrentError(.invalidData, "no start token", at: "LanguageModel", remedy: "give at least one")
    }
    tape.mode = .evaluation
    tape.reset()
    let output = try rnn(encoded(tape.tokens(tokens, steps: tokens.count, batchSize: 1)), state: state)
    let logits = try head(output.outputs.lastStep()).values()
    return (logits, try output.state.detached())
  }

  private func encoded(_ tokens: Tokens) throws -> Tensor {
    try encoding.numbers(for: tokens, of: vocabularySize, embedding, at: "LanguageModel")
  }

  /// The options that differ from the defaults.
  public var summary: String {
    summary(with: [
      embeddingDropout > 0 ? "embeddingDropout: \(embeddingDropout)" : nil,
      headDropout > 0 ? "headDropout: \(headDropout)" : nil, isTied ? "tied" : nil,
    ])
  }
}
