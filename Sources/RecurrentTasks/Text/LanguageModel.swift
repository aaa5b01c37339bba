import RecurrentCore
import RecurrentModel

/// Predicts the next token: an embedding, recurrent layers, and a dense layer that gives logits. T steps, N rows, V tokens.
///
/// Parameters have the names of a PyTorch module with the members `embedding`, `rnn` and `head`; a tied `head.weight` is the
/// `embedding.weight`.
public final class LanguageModel: Module {
  /// V, the vocabulary size.
  public let vocabularySize: Int
  /// How tokens become numbers.
  public let encoding: InputEncoding
  /// The table of vectors, where the encoding is one.
  public let embedding: Embedding?
  /// The recurrent layers.
  public let rnn: RecurrentStack
  /// `[…, outputs of rnn] → […, V]`.
  public let head: Dense
  /// Dropout probability of what the recurrent layers read; between them it is `rnn.dropout`.
  public let embeddingDropout: Float
  /// Dropout probability of what `head` reads.
  public let headDropout: Float
  /// Whether `head` has the embedding's table as its weight (Press and Wolf 2017).
  public let isTied: Bool
  /// The vocabulary of the tokens, where they are text.
  public var vocabulary: Vocabulary?

  /// A model with one of the encodings.
  /// - Parameters:
  ///   - vocabularySize: V.
  ///   - encoding: The encoding of tokens.
  ///   - rnn: The recurrent layers, in one direction, time first.
  ///   - embeddingDropout: Dropout probability of what the recurrent layers read (Zaremba et al. 2014).
  ///   - headDropout: Dropout probability of what `head` reads.
  ///   - isTied: Whether `head` has the embedding's table as its weight.
  /// - Throws: `RecurrentError.invalidArgument` if the recurrent layers do not read what the encoding gives, run in two
  ///   directions (they would see what they are to predict), or take the batch first; or if the table does not fit `head`.
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

  /// A model with an embedding of this size.
  /// - Throws: `RecurrentError.invalidArgument`, as the initializer above.
  public convenience init(vocabularySize: Int, embedding: Int, rnn: RecurrentStack) throws {
    try self.init(vocabularySize: vocabularySize, encoding: .embedding(embedding), rnn: rnn)
  }

  /// Logits for the token after each: `[T, N] → [T, N, V]`, and the state after the last.
  /// - Throws: `RecurrentError` if a token is not in the vocabulary or the state is for other rows.
  public func callAsFunction(
    _ tokens: Tokens, state: RecurrentState? = nil
  ) throws -> (logits: Tensor, state: RecurrentState) {
    let output = try rnn(encoded(tokens).dropout(embeddingDropout), state: state, lengths: tokens.lengths)
    return (try head(output.outputs.dropout(headDropout)), output.state)
  }

  /// Logits for the token after the last one, for generating step by step, and the state to go on from.
  ///
  /// Starts a new pass of the tape, in evaluation mode; the state outlives it.
  /// - Parameters:
  ///   - tokens: One or more tokens of one row.
  ///   - state: What the call before this one returned, or nil at the start.
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
    let output = try rnn(encoded(tape.tokens(tokens, steps: tokens.count, rows: 1)), state: state)
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
