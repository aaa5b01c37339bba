import RecurrentCore

/// Encodes sequences of tokens for models with a head: an input encoding, optional character features, and recurrent
/// layers or, as a baseline, a feed-forward layer over a window. T steps, batch size N.
///
/// A model that has one shows its parts as members of its own (`embedding`, `characters`, `rnn`, `hidden`), so that parameters have
/// the names that a PyTorch module with these members gives them.
public final class SequenceEncoder: Module {
  /// The layers over the vectors of the tokens.
  public enum Reader {
    /// Recurrent layers, time first, unidirectional or bidirectional.
    case layers(RecurrentStack)
    /// A dense layer with ReLU over each token and the `window` tokens on either side of it, 0 past the ends of a row.
    case neighbours(window: Int, hidden: Int)
    /// A dense layer with ReLU over the concatenated tokens of a row, at most `window`, padded with 0 at the end.
    case whole(window: Int, hidden: Int)
  }

  /// The vocabulary size.
  package let vocabularySize: Int
  /// The encoding of tokens.
  public let encoding: InputEncoding
  /// The dropout probability of the vectors; it does not apply to one-hot and integer encodings.
  package let dropout: Float
  /// The number of tokens of the window; nil for recurrent layers.
  package let window: Int?
  /// The embedding; nil for other encodings.
  public let embedding: Embedding?
  /// The character encoder; nil for none.
  public let characters: CharacterEncoder?
  /// The recurrent layers; nil for a feed-forward layer over a window.
  public let rnn: RecurrentStack?
  /// The feed-forward layer over a window; nil for recurrent layers.
  package let hidden: Dense?
  private let readsWhole: Bool

  /// An encoder with a given encoding and layers.
  /// - Parameters:
  ///   - vocabularySize: The vocabulary size.
  ///   - encoding: The encoding of tokens.
  ///   - characters: The encoder of the words' characters, or nil.
  ///   - reader: The layers that read the concatenated encodings.
  ///   - dropout: Dropout probability of the vectors.
  ///   - location: The model that errors name.
  /// - Throws: `RecurrentError.invalidArgument` if a size is not positive, or the recurrent layers do not read what the encodings
  ///   give or take the batch first.
  public init(
    vocabularySize: Int, encoding: InputEncoding, characters: CharacterEncoder? = nil, reader: Reader,
    dropout: Float = 0, at location: String = "SequenceEncoder"
  ) throws {
    try requireSizes([("the vocabulary", vocabularySize)], at: location)
    try requireProbability(dropout, at: location)
    let size = encoding.size(tokens: vocabularySize) + (characters?.outputSize ?? 0)
    self.vocabularySize = vocabularySize
    self.encoding = encoding
    self.characters = characters
    self.dropout = dropout
    embedding = try encoding.table(tokens: vocabularySize)
    switch reader {
    case .layers(let rnn):
      try rnn.requireReading(size, at: location)
      (self.rnn, window, hidden, readsWhole) = (rnn, nil, nil, false)
    case .neighbours(let window, let units):
      try requireSizes([("the window", window + 1), ("hidden", units)], at: location)
      (rnn, self.window, readsWhole) = (nil, window, false)
      hidden = try Dense(input: (2 * window + 1) * size, output: units)
    case .whole(let window, let units):
      try requireSizes([("the window", window), ("hidden", units)], at: location)
      (rnn, self.window, readsWhole) = (nil, window, true)
      hidden = try Dense(input: window * size, output: units)
    }
  }

  /// The number of features of each step, or of each row.
  public var outputSize: Int { rnn?.outputSize ?? hidden?.weight.shape[0] ?? 0 }

  /// Computes the features of each step: `[T, N] → [T, N, outputSize]`.
  /// - Parameters:
  ///   - tokens: The tokens, with their rows' lengths.
  ///   - characters: The words' characters, for an encoder that reads them.
  /// - Throws: `RecurrentError` if a token or a character is not in the vocabulary, or the characters are missing or do not match the words.
  public func callAsFunction(_ tokens: Tokens, characters: WordCharacters? = nil) throws -> Tensor {
    let x = try vectors(tokens, characters)
    guard let rnn else { return try neighbourhoods(x, tokens.lengths) }
    return try rnn(x, lengths: tokens.lengths).outputs
  }

  /// Computes the features of each row: `[T, N] → [N, outputSize]`.
  /// - Parameters:
  ///   - tokens: The tokens, with their rows' lengths.
  ///   - characters: The words' characters, for an encoder that reads them.
  ///   - pooling: How the states of the recurrent layers become one vector.
  /// - Throws: As the call above, or `RecurrentError.shapeMismatch` if there are more steps than the window has tokens.
  package func pooled(
    _ tokens: Tokens, characters: WordCharacters?, by pooling: Pooling, _ attention: AttentionPooling?
  )
    throws
    -> Tensor
  {
    guard let rnn else { return try wholes(tokens) }
    let output = try rnn(vectors(tokens, characters), lengths: tokens.lengths)
    switch pooling {
    case .last: return try output.finalOutput()
    case .mean: return try output.outputs.meanOverTime(lengths: tokens.lengths)
    case .max: return try output.outputs.maxOverTime(lengths: tokens.lengths)
    case .attention:
      guard let attention else { throw RecurrentError(.invalidModel, "the model has no attention") }
      return try attention(output.outputs, lengths: tokens.lengths)
    }
  }

  /// The vectors of the tokens, concatenated with those of their characters, with dropout.
  private func vectors(_ tokens: Tokens, _ words: WordCharacters?) throws -> Tensor {
    let x = try encoding.numbers(for: tokens, of: vocabularySize, embedding, at: "SequenceEncoder")
      .beside(words, of: tokens, by: characters, at: "SequenceEncoder")
    return embedding == nil && characters == nil ? x : try x.dropout(dropout)
  }

  // MARK: Windows

  /// The hidden layer over each step and its neighbours: `[T, N, features] → [T, N, hidden]`.
  private func neighbourhoods(_ x: Tensor, _ lengths: Lengths?) throws -> Tensor {
    let (window, hidden) = try windowLayer()
    let (steps, rows, size) = (x.shape[0], x.shape[1], 2 * window + 1)
    let neighbours = (0..<steps * rows * size).map { place -> Int32 in
      let (row, step) = (place / size % rows, place / size / rows + place % size - window)
      return step >= 0 && step < lengths.map({ Int($0.values[row]) }) ?? steps ? Int32(step * rows + row) : -1
    }
    let places = try Tokens(neighbours, shape: [steps, rows, size], lengths: nil, tape: x.tape)
    return try hidden(x.reshaped([steps * rows, -1]).rows(at: places).reshaped([steps, rows, -1])).relu()
  }

  /// The hidden layer over the concatenated tokens of each row.
  private func wholes(_ tokens: Tokens) throws -> Tensor {
    let (window, hidden) = try windowLayer()
    let (steps, rows) = (tokens.shape[0], tokens.shape[1])
    guard steps <= window else {
      throw RecurrentError(
        .shapeMismatch, "\(steps) steps exceed the window of \(window) tokens", at: "SequenceEncoder",
        remedy: "truncate the sequences to the window first")
    }
    let values = try tokens.values()
    let places = (0..<rows * window).map { place -> Int32 in
      let (row, step) = (place / window, place % window)
      guard step < tokens.lengths?.values[row] ?? Int32(steps) else { return -1 }
      return values[step * rows + row]
    }
    let side = try Tokens(places, shape: [rows, window], lengths: nil, tape: tokens.tape)
    return try hidden(vectors(side, nil).reshaped([rows, -1])).relu()
  }

  private func windowLayer() throws -> (window: Int, hidden: Dense) {
    guard let window, let hidden else { throw RecurrentError(.invalidModel, "the model has no recurrent layers") }
    return (window, hidden)
  }
}

/// A model of a sequence encoder and a head.
public protocol EncodedModel: Module {
  /// The sequence encoder.
  var encoder: SequenceEncoder { get }
}

extension EncodedModel {
  /// The vocabulary size.
  package var vocabularySize: Int { encoder.vocabularySize }
  /// The encoding of tokens.
  package var encoding: InputEncoding { encoder.encoding }
  /// The embedding; nil for other encodings.
  package var embedding: Embedding? { encoder.embedding }
  /// The character encoder; nil for none.
  package var characters: CharacterEncoder? { encoder.characters }
  /// The recurrent layers; nil for a feed-forward layer over a window.
  package var rnn: RecurrentStack? { encoder.rnn }
  /// The number of tokens of the window; nil for recurrent layers.
  package var window: Int? { encoder.window }
  /// The feed-forward layer over a window; nil for recurrent layers.
  package var hidden: Dense? { encoder.hidden }
}
extension RecurrentStack {
  /// Throws unless the layers read `size` features, time first.
  package func requireReading(_ size: Int, at location: String) throws {
    guard inputSize == size else {
      throw RecurrentError(
        .invalidArgument, "the recurrent layers have \(inputSize) input features, their input has \(size)",
        at: location,
        remedy: "create them with input: \(size)")
    }
    guard !isBatchFirst else {
      throw RecurrentError(
        .invalidArgument, "the recurrent layers are batch-first", at: location,
        remedy: "create them with batchFirst: false")
    }
  }
}
