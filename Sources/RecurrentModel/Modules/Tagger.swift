/// Gives each word of a sentence one of K tags: an encoding of the words, beside it an encoding of their characters,
/// recurrent layers, a layer that gives logits, and on top of it, if asked for, a CRF. T steps, N rows.
///
/// Parameters as a PyTorch module with the members `embedding`, `characters`, `rnn`, `head` and `crf` names them.
///
/// Without recurrent layers it is the baseline that has no memory: the vectors of each word and of the `window` words on
/// either side of it next to each other, a dense layer with ReLU (`hidden`), then `head`.
public final class Tagger: Module {
  /// The number of words that there are.
  public let vocabularySize: Int
  /// How words become numbers.
  public let encoding: InputEncoding
  /// K.
  public let tags: Int
  /// The share that is dropped in training, of what the recurrent layers read and of what `head` reads.
  public let dropout: Float
  /// How many words on either side the baseline reads, or nil.
  public let window: Int?
  /// The table of vectors, where the encoding is one.
  public let embedding: Embedding?
  /// What reads the words' characters, or nil.
  public let characters: CharacterEncoder?
  /// The recurrent layers, or nil for the baseline.
  public let rnn: RecurrentStack?
  /// The baseline's layer between the window and `head`.
  public let hidden: Dense?
  /// `[…, features] → […, K]`.
  public let head: Dense
  /// What scores a sentence's tags together, or nil.
  public let crf: CRF?
  /// What the words stand for.
  public var vocabulary: Vocabulary?
  /// What the characters stand for, where they are read.
  public var characterVocabulary: Vocabulary?
  /// The tags' names; setting them sets `scheme` to what they show.
  public var labels: [String] {
    didSet { scheme = EntityScheme(of: labels.map { [$0] }) }
  }
  /// How the tags mark entities, or nil where they mark none. Names alone do not tell IOB1 from BIO, sentences do
  /// (`EntityScheme.init(of:)`).
  public var scheme: EntityScheme?
  /// How the sentences were stored that it was trained on; nil where that is not known.
  public var dataFormat: TaggedFormat?

  /// A tagger with recurrent layers.
  /// - Parameters:
  ///   - vocabularySize: The number of words that there are.
  ///   - encoding: How words become numbers.
  ///   - characters: What reads the words' characters, or nil.
  ///   - rnn: The recurrent layers, time first, in one direction or two; they read what both encodings give, side by side.
  ///   - tags: K.
  ///   - dropout: The share that is dropped in training, of what the recurrent layers read and of what `head` reads.
  ///   - hasCRF: Whether a CRF scores a sentence's tags together.
  /// - Throws: `RecurrentError.invalidArgument` if the recurrent layers read another number of features or take the batch
  ///   first.
  public convenience init(
    vocabularySize: Int, encoding: InputEncoding, characters: CharacterEncoder? = nil, rnn: RecurrentStack, tags: Int,
    dropout: Float = 0, hasCRF: Bool = false
  ) throws {
    try self.init(vocabularySize, encoding, characters, .layers(rnn), tags, dropout, hasCRF)
  }

  /// The baseline without memory.
  /// - Parameters:
  ///   - vocabularySize: The number of words that there are.
  ///   - encoding: How words become numbers.
  ///   - characters: What reads the words' characters, or nil.
  ///   - window: How many words on either side it reads; past a sentence's ends they are 0.
  ///   - hidden: The units of its hidden layer.
  ///   - tags: K.
  ///   - dropout: The share that is dropped in training, of the words' vectors and of what `head` reads.
  ///   - hasCRF: Whether a CRF scores a sentence's tags together.
  /// - Throws: `RecurrentError.invalidArgument`.
  public convenience init(
    vocabularySize: Int, encoding: InputEncoding, characters: CharacterEncoder? = nil, window: Int, hidden: Int,
    tags: Int, dropout: Float = 0, hasCRF: Bool = false
  ) throws {
    try self.init(vocabularySize, encoding, characters, .window(window, hidden: hidden), tags, dropout, hasCRF)
  }

  private init(
    _ vocabularySize: Int, _ encoding: InputEncoding, _ characters: CharacterEncoder?, _ reader: SequenceReader,
    _ tags: Int, _ dropout: Float, _ hasCRF: Bool
  ) throws {
    try requireSizes([("the vocabulary", vocabularySize), ("tags", tags)], at: "Tagger")
    try requireProbability(dropout, at: "Tagger")
    let size = encoding.size(tokens: vocabularySize) + (characters?.outputSize ?? 0)
    self.vocabularySize = vocabularySize
    self.encoding = encoding
    self.tags = tags
    self.dropout = dropout
    self.characters = characters
    labels = (0..<tags).map { "tag \($0)" }
    embedding = try encoding.table(tokens: vocabularySize)
    switch reader {
    case .layers(let rnn):
      try rnn.requireReading(size, at: "Tagger")
      (self.rnn, window, hidden) = (rnn, nil, nil)
    case .window(let window, let units):
      try requireSizes([("the window", window + 1), ("hidden", units)], at: "Tagger")
      (rnn, self.window, hidden) = (nil, window, try Dense(input: (2 * window + 1) * size, output: units))
    }
    head = try Dense(input: reader.outputSize, output: tags)
    crf = hasCRF ? try CRF(tags: tags) : nil
  }

  /// Logits for each word's tag, which a CRF takes as emissions: `[T, N] → [T, N, K]`.
  /// - Parameters:
  ///   - words: The words, with their rows' lengths.
  ///   - spelling: The words' characters, for a tagger that reads them.
  /// - Throws: `RecurrentError` if a word or a character is not in the vocabulary, or the characters are missing or of
  ///   other words.
  public func callAsFunction(_ words: Tokens, spelling: WordCharacters? = nil) throws -> Tensor {
    let x = try encoded(words, spelling).dropout(dropout)
    let features =
      if let rnn { try rnn(x, lengths: words.lengths).outputs } else { try windowFeatures(x, words.lengths) }
    return try head(features.dropout(dropout))
  }

  /// The words' vectors, those of their characters beside them: `[T, N, features]`.
  private func encoded(_ words: Tokens, _ spelling: WordCharacters?) throws -> Tensor {
    let x = try encoding.numbers(for: words, of: vocabularySize, embedding, at: "Tagger")
    return try x.beside(spelling, of: words, by: characters, at: "Tagger")
  }

  /// The baseline's hidden layer over each word and its neighbours: `[T, N, features] → [T, N, hidden]`.
  private func windowFeatures(_ x: Tensor, _ lengths: Lengths?) throws -> Tensor {
    guard let window, let hidden else { throw RecurrentError(.invalidModel, "a model without its recurrent layers") }
    let (steps, rows, size) = (x.shape[0], x.shape[1], 2 * window + 1)
    let neighbours = (0..<steps * rows * size).map { place -> Int32 in
      let (row, step) = (place / size % rows, place / size / rows + place % size - window)
      return step >= 0 && step < lengths.map({ Int($0.values[row]) }) ?? steps ? Int32(step * rows + row) : -1
    }
    let places = try Tokens(neighbours, shape: [steps, rows, size], lengths: nil, tape: x.tape)
    return try hidden(x.reshaped([steps * rows, -1]).rows(at: places).reshaped([steps, rows, -1])).relu()
  }

  /// The options that differ from the defaults.
  public var summary: String {
    summary(with: [window.map { "window: \($0)" }, dropout > 0 ? "dropout: \(dropout)" : nil])
  }
}
