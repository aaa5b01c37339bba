/// Gives a sequence one of K classes: an encoding, of words one of their characters beside it, recurrent layers, a pooling
/// over time, and a layer that gives logits. T steps, N rows.
///
/// Parameters as a PyTorch module with the members `embedding`, `characters`, `rnn`, `attention` and `head`
/// names them.
///
/// Without recurrent layers it is the baseline that has no memory: the vectors of a fixed number of tokens side by side, a
/// dense layer with ReLU (`hidden`), then `head`.
public final class Classifier: Module {
  /// The number of tokens that there are.
  public let vocabularySize: Int
  /// How tokens become numbers.
  public let encoding: InputEncoding
  /// K.
  public let classes: Int
  /// Whether one logit decides between two classes: that of class 1.
  public let isBinary: Bool
  /// How the states of a sequence become one vector.
  public let pooling: Pooling
  /// The share that is dropped in training, of the vectors and of what `head` reads.
  public let dropout: Float
  /// The number of tokens that the baseline reads, or nil.
  public let window: Int?
  /// The table of vectors, where the encoding is one.
  public let embedding: Embedding?
  /// What reads the words' characters, or nil.
  public let characters: CharacterEncoder?
  /// The recurrent layers, or nil for the baseline.
  public let rnn: RecurrentStack?
  /// What weighs the steps, where the pooling is attention.
  public let attention: AttentionPooling?
  /// The baseline's layer between the window and `head`.
  public let hidden: Dense?
  /// `[N, features] → [N, K]`, or `[N, 1]` where one logit decides.
  public let head: Dense
  /// What the tokens stand for, where they are text.
  public var vocabulary: Vocabulary?
  /// What the characters stand for, where they are read.
  public var characterVocabulary: Vocabulary?
  /// The classes' names.
  public var labels: [String]
  /// How texts are cut and filled.
  public var padding = SequencePadding()
  /// How the table was stored that it was trained on; nil if it was no table.
  public var dataFormat: TableFormat?

  /// A classifier with recurrent layers.
  /// - Parameters:
  ///   - vocabularySize: The number of tokens that there are.
  ///   - encoding: How tokens become numbers.
  ///   - characters: What reads the words' characters, or nil.
  ///   - rnn: The recurrent layers, time first, in one direction or two; they read what both encodings give, side by side.
  ///   - pooling: How their states become one vector.
  ///   - classes: K.
  ///   - dropout: The share that is dropped in training, of the vectors and of what `head` reads.
  ///   - isBinary: Whether one logit decides between two classes, as Keras' `Dense(1)`.
  /// - Throws: `RecurrentError.invalidArgument` if the recurrent layers do not read what the encodings give or take the
  ///   batch first, or one logit is asked for more than two classes.
  public convenience init(
    vocabularySize: Int, encoding: InputEncoding, characters: CharacterEncoder? = nil, rnn: RecurrentStack,
    pooling: Pooling = .last, classes: Int, dropout: Float = 0, isBinary: Bool = false
  ) throws {
    try self.init(vocabularySize, encoding, characters, .layers(rnn), pooling, classes, dropout, isBinary)
  }

  /// The baseline without memory.
  /// - Parameters:
  ///   - vocabularySize: The number of tokens that there are.
  ///   - encoding: How tokens become numbers.
  ///   - window: How many tokens it reads. Of a shorter sequence what lacks at the end is 0.
  ///   - hidden: The units of its hidden layer.
  ///   - classes: K.
  ///   - dropout: The share that is dropped in training, of the embedding's vectors and of what `head` reads.
  ///   - isBinary: Whether one logit decides between two classes, as Keras' `Dense(1)`.
  /// - Throws: `RecurrentError.invalidArgument`.
  public convenience init(
    vocabularySize: Int, encoding: InputEncoding, window: Int, hidden: Int, classes: Int, dropout: Float = 0,
    isBinary: Bool = false
  ) throws {
    try self.init(vocabularySize, encoding, nil, .window(window, hidden: hidden), .last, classes, dropout, isBinary)
  }

  private init(
    _ vocabularySize: Int, _ encoding: InputEncoding, _ characters: CharacterEncoder?, _ reader: SequenceReader,
    _ pooling: Pooling, _ classes: Int, _ dropout: Float, _ isBinary: Bool
  ) throws {
    try requireSizes([("the vocabulary", vocabularySize), ("classes", classes)], at: "Classifier")
    try requireProbability(dropout, at: "Classifier")
    guard !isBinary || classes == 2 else {
      throw RecurrentError(
        .invalidArgument, "one logit for \(classes) classes", at: "Classifier", remedy: "one logit decides between two")
    }
    let size = encoding.size(tokens: vocabularySize) + (characters?.outputSize ?? 0)
    self.vocabularySize = vocabularySize
    self.encoding = encoding
    self.classes = classes
    self.isBinary = isBinary
    self.pooling = pooling
    self.dropout = dropout
    labels = (0..<classes).map { "class \($0)" }
    embedding = try encoding.table(tokens: vocabularySize)
    self.characters = characters
    switch reader {
    case .layers(let rnn):
      try rnn.requireReading(size, at: "Classifier")
      (self.rnn, window, hidden) = (rnn, nil, nil)
    case .window(let window, let units):
      try requireSizes([("the window", window), ("hidden", units)], at: "Classifier")
      (rnn, self.window, hidden) = (nil, window, try Dense(input: window * size, output: units))
    }
    attention = try pooling == .attention ? rnn.map { try AttentionPooling($0.outputSize) } : nil
    head = try Dense(input: reader.outputSize, output: isBinary ? 1 : classes)
  }

  /// Logits: `[T, N] → [N, K]`, or `[N, 1]` where one logit decides.
  /// - Parameters:
  ///   - tokens: The tokens, with their rows' lengths.
  ///   - spelling: The words' characters, for a classifier that reads them.
  /// - Throws: `RecurrentError` if a token or a character is not in the vocabulary, the characters are missing or of other
  ///   words, or there are more steps than the baseline's window.
  public func callAsFunction(_ tokens: Tokens, spelling: WordCharacters? = nil) throws -> Tensor {
    try head(features(tokens, spelling).dropout(dropout))
  }

  /// What `head` reads: `[T, N] → [N, features]`.
  private func features(_ tokens: Tokens, _ spelling: WordCharacters?) throws -> Tensor {
    guard let rnn else { return try windowFeatures(tokens) }
    let output = try rnn(encoded(tokens, spelling), lengths: tokens.lengths)
    switch pooling {
    case .last: return try output.finalOutput()
    case .mean: return try output.outputs.meanOverTime(lengths: tokens.lengths)
    case .max: return try output.outputs.maxOverTime(lengths: tokens.lengths)
    case .attention:
      guard let attention else { throw RecurrentError(.invalidModel, "a model without its attention") }
      return try attention(output.outputs, lengths: tokens.lengths)
    }
  }

  /// The baseline's hidden layer over the tokens of each row side by side.
  private func windowFeatures(_ tokens: Tokens) throws -> Tensor {
    guard let window, let hidden else { throw RecurrentError(.invalidModel, "a model without its recurrent layers") }
    let (steps, rows) = (tokens.shape[0], tokens.shape[1])
    guard steps <= window else {
      throw RecurrentError(
        .shapeMismatch, "\(steps) steps for a window of \(window) tokens", at: "Classifier",
        remedy: "cut the sequences to the window first")
    }
    let values = try tokens.values()
    let places = (0..<rows * window).map { place -> Int32 in
      let (row, step) = (place / window, place % window)
      guard step < tokens.lengths?.values[row] ?? Int32(steps) else { return -1 }
      return values[step * rows + row]
    }
    let window2D = try Tokens(places, shape: [rows, window], lengths: nil, tape: tokens.tape)
    return try hidden(encoded(window2D, nil).reshaped([rows, -1])).relu()
  }

  /// The tokens' numbers, those of their characters beside them; vectors with dropout.
  private func encoded(_ tokens: Tokens, _ spelling: WordCharacters?) throws -> Tensor {
    let x = try encoding.numbers(for: tokens, of: vocabularySize, embedding, at: "Classifier")
      .beside(spelling, of: tokens, by: characters, at: "Classifier")
    return embedding == nil && characters == nil ? x : try x.dropout(dropout)
  }

  /// The options that differ from the defaults.
  public var summary: String {
    summary(with: [
      window.map { "window: \($0)" }, pooling == .last ? nil : "pooling: \(pooling)",
      dropout > 0 ? "dropout: \(dropout)" : nil,
    ])
  }
}
