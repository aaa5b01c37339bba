import RecurrentCore

/// Encodes words by their characters: the final states of recurrent layers over the characters of a word (Ling et al.
/// 2015, Lample et al. 2016). T steps, batch size N, F features.
///
/// A word that occurs many times in a batch is read once. Parameters: `embedding.weight`, `rnn.…`.
public final class CharacterEncoder: Module {
  /// The embedding of the characters.
  public let embedding: Embedding
  /// The recurrent layers over the characters of a word.
  public let rnn: RecurrentStack
  /// The maximum number of characters read of a word, since one long word delays a whole batch.
  public let limit: Int
  /// The number of features F: one final state for each direction.
  public var outputSize: Int { rnn.outputSize }

  /// An encoder for `characters` characters.
  /// - Throws: `RecurrentError.invalidArgument` if a size is not positive, or the layers do not read `embedding` features,
  ///   time first.
  public init(characters: Int, embedding: Int, rnn: RecurrentStack, limit: Int = .max) throws {
    try requirePositive([("the limit of characters", limit)], at: "CharacterEncoder")
    try rnn.requireReading(embedding, at: "CharacterEncoder")
    self.embedding = try Embedding(tokens: characters, size: embedding)
    self.rnn = rnn
    self.limit = limit
  }

  /// Encodes words as vectors `[T, N, F]`, 0 for padding.
  /// - Throws: `RecurrentError.invalidData` if a character is not in the table.
  public func callAsFunction(_ words: WordCharacters) throws -> Tensor {
    let states = try rnn(embedding(words.characters), lengths: words.characters.lengths)
    return try states.finalOutput().rows(at: words.places)
  }
}

extension Tensor {
  /// Concatenates vectors of words `[T, N, E]` with those of their characters, `[T, N, E + F]`; unchanged without
  /// characters.
  /// - Throws: `RecurrentError` if a character is not in the table, or the characters are missing or of other words.
  func beside(
    _ characters: WordCharacters?, of words: Tokens, by encoder: CharacterEncoder?, at location: String
  ) throws -> Tensor {
    guard let encoder else { return self }
    guard let characters, characters.places.shape == words.shape else {
      throw RecurrentError(
        .invalidArgument, "words of shape \(words.shape) with characters of \(characters?.places.shape ?? [])",
        at: location,
        remedy: "give the characters of every word with tape.characters(of:)")
    }
    return try Tensor.concatenate([self, encoder(characters)])
  }
}

/// The characters of a batch's words on the device, each distinct word once.
public struct WordCharacters {
  /// `[C, W]`: C characters of W distinct words, with their lengths.
  public let characters: Tokens
  /// The index of the distinct word at each position, `[T, N]`; −1 for padding.
  public let places: Tokens
}

extension Tape {
  /// Copies the characters of words `[T, N]`, time first, to the device for this pass.
  /// - Parameters:
  ///   - words: The characters of each word; empty for padding.
  ///   - steps: T.
  ///   - batchSize: N.
  ///   - limit: How many characters of a word are read: one long word makes a whole batch wait.
  /// - Throws: `RecurrentError.shapeMismatch` if there are not T·N words.
  public func characters(of words: [[Int32]], steps: Int, batchSize: Int, limit: Int = .max) throws -> WordCharacters {
    var numbers: [[Int32]: Int32] = [:]
    var distinct: [[Int32]] = []
    let places = words.map { word -> Int32 in
      guard !word.isEmpty else { return -1 }
      let word = Array(word.prefix(limit))
      if let number = numbers[word] { return number }
      let number = Int32(distinct.count)
      numbers[word] = number
      distinct.append(word)
      return number
    }
    // A recurrent layer reads at least one row of one step.
    if distinct.isEmpty { distinct = [[]] }
    let longest = max(distinct.reduce(0) { max($0, $1.count) }, 1)
    let characters = (0..<longest).flatMap { step in distinct.map { step < $0.count ? $0[step] : -1 } }
    return WordCharacters(
      characters: try tokens(
        characters, steps: longest, batchSize: distinct.count, lengths: distinct.map { Int32($0.count) }),
      places: try tokens(places, steps: steps, batchSize: batchSize))
  }
}
