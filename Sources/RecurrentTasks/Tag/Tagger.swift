import RecurrentCore
import RecurrentData
import RecurrentModel

/// Assigns one of K tags to each word of a sentence: a sequence encoder, a dense layer for the logits, and optionally a
/// CRF. T steps, batch size N.
///
/// Parameters have the names of a PyTorch module with the members `embedding`, `characters`, `rnn`, `hidden`, `head` and `crf`.
public final class Tagger: EncodedModel {
  /// The encoder of sentences: recurrent layers, or a feed-forward layer over a window.
  public let encoder: SequenceEncoder
  /// The number of classes or tags, K.
  public let tags: Int
  /// The dropout probability of the embeddings and of the input of `head`.
  public let dropout: Float
  /// The output layer, `[…, features] → […, K]`.
  public let head: Dense
  /// The CRF, which scores the tags of a sentence jointly; nil for none.
  public let crf: CRF?
  /// The vocabulary of the words.
  public var vocabulary: Vocabulary?
  /// The vocabulary of the characters; nil if the model does not read characters.
  public var characterVocabulary: Vocabulary?
  /// The tag names; setting them sets `scheme` to the one that they imply.
  public var labels: [String] {
    didSet { scheme = EntityScheme(of: labels.map { [$0] }) }
  }
  /// The tagging scheme; nil if the tags mark no entities. Names alone do not distinguish IOB1 from BIO, sentences do
  /// (`EntityScheme.init(of:)`).
  public var scheme: EntityScheme?
  /// The format of the training data; nil if unknown.
  public var dataFormat: TaggedFormat?

  /// A tagger with recurrent layers.
  /// - Parameters:
  ///   - vocabularySize: The vocabulary size.
  ///   - encoding: The encoding of words.
  ///   - characters: The encoder of the words' characters, or nil.
  ///   - rnn: The recurrent layers, time first, unidirectional or bidirectional; they read the concatenated encodings.
  ///   - tags: K.
  ///   - dropout: Dropout probability of the vectors and of what `head` reads.
  ///   - hasCRF: Whether a CRF scores a sentence's tags together.
  /// - Throws: `RecurrentError.invalidArgument` if the recurrent layers read another number of features or take the batch
  ///   first.
  public convenience init(
    vocabularySize: Int, encoding: InputEncoding, characters: CharacterEncoder? = nil, rnn: RecurrentStack, tags: Int,
    dropout: Float = 0, hasCRF: Bool = false
  ) throws {
    try self.init(
      encoder: SequenceEncoder(
        vocabularySize: vocabularySize, encoding: encoding, characters: characters, reader: .layers(rnn),
        dropout: dropout, at: "Tagger"),
      tags: tags, dropout: dropout, hasCRF: hasCRF)
  }

  /// A feed-forward model over a window, the baseline without memory.
  /// - Parameters:
  ///   - vocabularySize: The vocabulary size.
  ///   - encoding: The encoding of words.
  ///   - characters: The encoder of the words' characters, or nil.
  ///   - window: How many words on either side it reads; past a sentence's ends they are 0.
  ///   - hidden: The units of its hidden layer.
  ///   - tags: K.
  ///   - dropout: Dropout probability of the vectors and of what `head` reads.
  ///   - hasCRF: Whether a CRF scores a sentence's tags together.
  /// - Throws: `RecurrentError.invalidArgument`.
  public convenience init(
    vocabularySize: Int, encoding: InputEncoding, characters: CharacterEncoder? = nil, window: Int, hidden: Int,
    tags: Int, dropout: Float = 0, hasCRF: Bool = false
  ) throws {
    try self.init(
      encoder: SequenceEncoder(
        vocabularySize: vocabularySize, encoding: encoding, characters: characters,
        reader: .neighbours(window: window, hidden: hidden), dropout: dropout, at: "Tagger"),
      tags: tags, dropout: dropout, hasCRF: hasCRF)
  }

  /// A tagger with a given encoder.
  /// - Throws: `RecurrentError.invalidArgument` if there is no tag.
  public init(encoder: SequenceEncoder, tags: Int, dropout: Float = 0, hasCRF: Bool = false) throws {
    try requireSizes([("tags", tags)], at: "Tagger")
    try requireProbability(dropout, at: "Tagger")
    self.encoder = encoder
    self.tags = tags
    self.dropout = dropout
    labels = (0..<tags).map { "tag \($0)" }
    head = try Dense(input: encoder.outputSize, output: tags)
    crf = hasCRF ? try CRF(tags: tags) : nil
  }

  /// The members of the encoder, `head` and `crf`.
  public var members: [Member] {
    encoder.members + [.module("head", head)] + (crf.map { [.module("crf", $0)] } ?? [])
  }

  /// Computes the logits of each word's tag, the emissions of a CRF: `[T, N] → [T, N, K]`.
  /// - Parameters:
  ///   - words: The words, with their rows' lengths.
  ///   - characters: The words' characters, for a tagger that reads them.
  /// - Throws: `RecurrentError` if a word or a character is not in the vocabulary, or the characters are missing or of
  ///   other words.
  public func callAsFunction(_ words: Tokens, characters: WordCharacters? = nil) throws -> Tensor {
    try head(encoder(words, characters: characters).dropout(dropout))
  }

  /// The options that differ from the defaults.
  public var summary: String {
    summary(with: [window.map { "window: \($0)" }, dropout > 0 ? "dropout: \(dropout)" : nil])
  }
}
