import RecurrentCore

/// The size of a text.
public struct TextSize: Sendable, Hashable {
  /// The number of tokens.
  public var tokens: Int
  /// The number of Unicode scalars.
  public var characters: Int
  /// The number of UTF-8 bytes.
  public var bytes: Int

  /// A size with these counts.
  package init(tokens: Int, characters: Int, bytes: Int) {
    (self.tokens, self.characters, self.bytes) = (tokens, characters, bytes)
  }
}

/// A tokenized text with its vocabulary.
public struct TextDataset: Sendable {
  /// The vocabulary.
  public let vocabulary: Vocabulary
  /// The tokens. The parts of a split text share memory and indices.
  public let tokens: ArraySlice<Int32>
  /// The text; the parts of a split text share memory. Text between the tokens of two parts belongs to the second.
  public let text: Substring
  /// The name of the text in errors, such as the path.
  public let location: String

  /// Reads a UTF-8 text file and builds its vocabulary.
  /// - Parameters:
  ///   - path: The file.
  ///   - kind: The kind of tokens.
  ///   - minimumCount: How often a symbol occurs at least; rarer ones become the unknown symbol.
  ///   - rules: How words are taken from the text; of characters there are no rules.
  ///   - maximumVocabulary: How many symbols there may be, nil for any number; see `Vocabulary`.
  /// - Throws: `RecurrentError.invalidData` if the file cannot be read, is empty, or is not UTF-8 (with the byte's offset).
  public init(
    contentsOf path: String, tokens kind: TokenKind = .characters, maximumVocabulary: Int? = nil,
    minimumCount: Int = 1, rules: WordRules = WordRules()
  ) throws {
    try self.init(
      Files.readText(path), from: path, tokens: kind, maximumVocabulary: maximumVocabulary, minimumCount: minimumCount,
      rules: rules)
  }

  /// Reads a UTF-8 text file with a given vocabulary.
  /// - Throws: `RecurrentError.invalidData`, as above, and if a token is not in the vocabulary and it has no unknown one.
  public init(contentsOf path: String, vocabulary: Vocabulary) throws {
    try self.init(Files.readText(path), from: path, vocabulary: vocabulary)
  }

  /// Tokenizes a text and builds its vocabulary.
  /// - Throws: `RecurrentError.invalidData` if it is empty.
  public init(
    _ text: String, from location: String = "text", tokens kind: TokenKind = .characters, maximumVocabulary: Int? = nil,
    minimumCount: Int = 1, rules: WordRules = WordRules()
  ) throws {
    try Self.requireTokens(text, location)
    try Self.requireMemory(text, location)
    let vocabulary = try Vocabulary(
      of: text, kind: kind, maximumSize: maximumVocabulary, minimumCount: minimumCount, rules: rules)
    try self.init(text, from: location, vocabulary: vocabulary)
  }

  /// Tokenizes a text with a given vocabulary.
  /// - Throws: `RecurrentError.invalidData` if it is empty, or a token is not in the vocabulary and it has no unknown one.
  public init(_ text: String, from location: String = "text", vocabulary: Vocabulary) throws {
    try Self.requireTokens(text, location)
    try Self.requireMemory(text, location)
    var tokens = try vocabulary.encode(text, from: location)
    // The last line ends, too, where line ends are tokens.
    if vocabulary.kind == .whitespace, let lineEnd = vocabulary.lineEnd, tokens.last != lineEnd {
      tokens.append(lineEnd)
    }
    try self.init(vocabulary: vocabulary, tokens: tokens[...], text: text[...], location: location)
  }

  private init(vocabulary: Vocabulary, tokens: ArraySlice<Int32>, text: Substring, location: String) throws {
    try Self.requireTokens(tokens, location)
    self.vocabulary = vocabulary
    self.tokens = tokens
    self.text = text
    self.location = location
  }

  /// The size of the text.
  public var size: TextSize {
    TextSize(tokens: tokens.count, characters: text.unicodeScalars.count, bytes: text.utf8.count)
  }

  /// Splits the text into the first part for training and the last for validation.
  /// - Parameter validationFraction: The share of the tokens that the last part gets, in `0 ..< 1`, not 0.
  /// - Throws: `RecurrentError` if the fraction is outside, or a part would have fewer than 2 tokens.
  public func split(validationFraction: Double) throws -> (training: TextDataset, validation: TextDataset) {
    guard validationFraction > 0, validationFraction < 1 else {
      throw RecurrentError(
        .invalidArgument, "the validation fraction is \(validationFraction)", at: location,
        remedy: "use a value between 0 and 1, exclusive")
    }
    let end = Int(Double(tokens.count) * (1 - validationFraction))
    guard end >= 2, tokens.count - end >= 2 else {
      throw RecurrentError(
        .invalidData,
        "has \(tokens.count.counted("token")), too few to hold out a fraction of \(validationFraction)",
        at: location,
        remedy: "use a longer text or another fraction")
    }
    let textEnd = vocabulary.kind.end(ofFirst: end, of: text, vocabulary.rules)
    return try (
      TextDataset(vocabulary: vocabulary, tokens: tokens.prefix(end), text: text[..<textEnd], location: location),
      TextDataset(vocabulary: vocabulary, tokens: tokens.dropFirst(end), text: text[textEnd...], location: location)
    )
  }

  /// The text as parallel streams, for training.
  /// - Throws: See `Streams`.
  public func streams(batchSize: Int, steps: Int) throws -> Streams {
    try Streams(tokens, batchSize: batchSize, steps: steps, location: location)
  }

  /// Checks that there is memory for the tokens.
  private static func requireMemory(_ text: String, _ location: String) throws {
    try HostMemory.require(
      4 * text.utf8.count, for: "the tokens of \(text.utf8.count.asBytes) of text", at: location,
      remedy: "use a shorter text, or free memory")
  }

  private static func requireTokens(_ tokens: some Collection, _ location: String) throws {
    guard !tokens.isEmpty else {
      throw RecurrentError(.invalidData, "is empty", at: location, remedy: "use a file with text")
    }
  }
}
