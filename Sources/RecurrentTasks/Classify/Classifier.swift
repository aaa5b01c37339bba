import RecurrentCore
import RecurrentData
import RecurrentModel

/// Assigns one of K classes to a sequence: a sequence encoder, pooling over time, and a dense layer for the logits. T
/// steps, batch size N.
///
/// Parameters have the names of a PyTorch module with the members `embedding`, `characters`, `rnn`, `attention`, `hidden` and `head`.
public final class Classifier: EncodedModel {
  /// The encoder of sequences: recurrent layers, or a feed-forward layer over a window.
  public let encoder: SequenceEncoder
  /// The number of classes or tags, K.
  public let classes: Int
  /// Whether one logit, that of class 1, separates two classes.
  public let isBinary: Bool
  /// The pooling of the states of a sequence to one vector.
  public let pooling: Pooling
  /// The dropout probability of the embeddings and of the input of `head`.
  public let dropout: Float
  /// The attention pooling; nil for other poolings.
  public let attention: AttentionPooling?
  /// The output layer, `[N, features] → [N, K]`, or `[N, 1]` if `isBinary`.
  public let head: Dense
  /// The vocabulary of the tokens; nil if they are not text.
  public var vocabulary: Vocabulary?
  /// The vocabulary of the characters; nil if the model does not read characters.
  public var characterVocabulary: Vocabulary?
  /// The label names.
  public var labels: [String]
  /// The truncation and padding of texts.
  public var padding = SequencePadding()
  /// The format of the training data's table; nil if it was not a table.
  public var dataFormat: TableFormat?

  /// A classifier with recurrent layers.
  /// - Parameters:
  ///   - vocabularySize: The vocabulary size.
  ///   - encoding: The encoding of tokens.
  ///   - characters: The encoder of the words' characters, or nil.
  ///   - rnn: The recurrent layers, time first, unidirectional or bidirectional; they read the concatenated encodings.
  ///   - pooling: How their states become one vector.
  ///   - classes: K.
  ///   - dropout: Dropout probability of the vectors and of what `head` reads.
  ///   - isBinary: Whether one logit decides between two classes, as Keras' `Dense(1)`.
  /// - Throws: `RecurrentError.invalidArgument` if the recurrent layers do not read what the encodings give or take the
  ///   batch first, or one logit is asked for more than two classes.
  public convenience init(
    vocabularySize: Int, encoding: InputEncoding, characters: CharacterEncoder? = nil, rnn: RecurrentStack,
    pooling: Pooling = .last, classes: Int, dropout: Float = 0, isBinary: Bool = false
  ) throws {
    try self.init(
      encoder: SequenceEncoder(
        vocabularySize: vocabularySize, encoding: encoding, characters: characters, reader: .layers(rnn),
        dropout: dropout, at: "Classifier"),
      pooling: pooling, classes: classes, dropout: dropout, isBinary: isBinary)
  }

  /// A feed-forward model over a window, the baseline without memory.
  /// - Parameters:
  ///   - vocabularySize: The vocabulary size.
  ///   - encoding: The encoding of tokens.
  ///   - window: How many tokens it reads. Of a shorter sequence what lacks at the end is 0.
  ///   - hidden: The units of its hidden layer.
  ///   - classes: K.
  ///   - dropout: Dropout probability of the vectors and of what `head` reads.
  ///   - isBinary: Whether one logit decides between two classes, as Keras' `Dense(1)`.
  /// - Throws: `RecurrentError.invalidArgument`.
  public convenience init(
    vocabularySize: Int, encoding: InputEncoding, window: Int, hidden: Int, classes: Int, dropout: Float = 0,
    isBinary: Bool = false
  ) throws {
    try self.init(
      encoder: SequenceEncoder(
        vocabularySize: vocabularySize, encoding: encoding, reader: .whole(window: window, hidden: hidden),
        dropout: dropout, at: "Classifier"),
      classes: classes, dropout: dropout, isBinary: isBinary)
  }

  /// A classifier with a given encoder.
  /// - Throws: `RecurrentError.invalidArgument` if a size is not positive, or one logit is asked for more than two classes.
  public init(
    encoder: SequenceEncoder, pooling: Pooling = .last, classes: Int, dropout: Float = 0, isBinary: Bool = false
  ) throws {
    try requireSizes([("classes", classes)], at: "Classifier")
    try requireProbability(dropout, at: "Classifier")
    guard !isBinary || classes == 2 else {
      throw RecurrentError(
        .invalidArgument, "one logit for \(classes) classes", at: "Classifier", remedy: "one logit decides between two")
    }
    self.encoder = encoder
    self.classes = classes
    self.isBinary = isBinary
    self.pooling = pooling
    self.dropout = dropout
    labels = (0..<classes).map { "class \($0)" }
    attention = try pooling == .attention ? encoder.rnn.map { try AttentionPooling($0.outputSize) } : nil
    head = try Dense(input: encoder.outputSize, output: isBinary ? 1 : classes)
  }

  /// The members of the encoder and of the pooling, and `head`.
  public var members: [Member] {
    encoder.members + (attention.map { [.module("attention", $0)] } ?? []) + [.module("head", head)]
  }

  /// Computes logits: `[T, N] → [N, K]`, or `[N, 1]` if `isBinary`.
  /// - Parameters:
  ///   - tokens: The tokens, with their rows' lengths.
  ///   - characters: The words' characters, for a classifier that reads them.
  /// - Throws: `RecurrentError` if a token or a character is not in the vocabulary, the characters are missing or of other
  ///   words, or there are more steps than the baseline's window.
  public func callAsFunction(_ tokens: Tokens, characters: WordCharacters? = nil) throws -> Tensor {
    try head(encoder.pooled(tokens, characters: characters, by: pooling, attention).dropout(dropout))
  }

  /// The options that differ from the defaults.
  public var summary: String {
    summary(with: [
      window.map { "window: \($0)" }, pooling == .last ? nil : "pooling: \(pooling)",
      dropout > 0 ? "dropout: \(dropout)" : nil,
    ])
  }
}
