/// Predicts the next token: an embedding, recurrent layers, and a layer that gives logits. T steps, N rows, V tokens.
///
/// Parameters as a PyTorch module with the members `embedding`, `rnn` and `head` names them.
public final class LanguageModel: Module {
  /// V.
  public let vocabularySize: Int
  /// How tokens become numbers.
  public let encoding: InputEncoding
  /// The table of vectors, where the encoding is one.
  public let embedding: Embedding?
  /// The recurrent layers.
  public let rnn: RecurrentStack
  /// `[…, outputs of rnn] → […, V]`.
  public let head: Dense
  /// What the tokens stand for, where they are text.
  public var vocabulary: Vocabulary?

  /// A model with one of the encodings.
  /// - Throws: `RecurrentError.invalidArgument` if the recurrent layers do not read what the encoding gives, run in two
  ///   directions (they would see what they are to predict), or take the batch first.
  public init(vocabularySize: Int, encoding: InputEncoding, rnn: RecurrentStack) throws {
    try requireSizes([("the vocabulary", vocabularySize)], at: "LanguageModel")
    let size = encoding.size(tokens: vocabularySize)
    guard rnn.inputSize == size else {
      throw RecurrentError(
        .invalidArgument, "the recurrent layers read \(rnn.inputSize) features, the encoding gives \(size)",
        at: "LanguageModel", remedy: "make them with input: \(size)")
    }
    guard !rnn.isBidirectional, !rnn.isBatchFirst else {
      throw RecurrentError(
        .invalidArgument, "recurrent layers that are bidirectional or take the batch first", at: "LanguageModel",
        remedy: "a model that predicts the next token reads forward, time first")
    }
    self.vocabularySize = vocabularySize
    self.encoding = encoding
    embedding = try encoding.table(tokens: vocabularySize)
    self.rnn = rnn
    head = try Dense(input: rnn.outputSize, output: vocabularySize)
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
    let output = try rnn(encoded(tokens), state: state, lengths: tokens.lengths)
    return (try head(output.outputs), output.state)
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
      throw RecurrentError(.invalidData, "no token to start from", at: "LanguageModel", remedy: "give at least one")
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
}
