import RecurrentCore

/// The tokens of one language: those of a vocabulary, or the subwords of its words.
///
/// A sequence ends with the boundary, a token behind those of the vocabulary.
public struct TextCodec: Sendable, Hashable {
  /// The tokens; of a codec with subwords, the subwords.
  public let vocabulary: Vocabulary
  /// The merges that words are split by; nil if tokens are those of the vocabulary.
  public let subwords: BytePairEncoding?

  /// A codec.
  /// - Throws: `RecurrentError.invalidData` if the merges do not make the symbols of the vocabulary.
  public init(_ vocabulary: Vocabulary, subwords: BytePairEncoding? = nil) throws {
    try subwords?.requireFit(vocabulary)
    (self.vocabulary, self.subwords) = (vocabulary, subwords)
  }

  /// The codec of texts.
  /// - Parameters:
  ///   - texts: The training texts.
  ///   - kind: The kind of tokens; with subwords `.words`.
  ///   - subwords: The merges; nil for none.
  ///   - dropsMerges: Whether merges are dropped in training: the vocabulary then also has the results of all merges, and the
  ///     characters of the texts.
  ///   - maximumSize: The maximum size of the vocabulary.
  ///   - minimumCount: How often a token occurs at least.
  ///   - lowercases: Whether words are converted to lower case.
  /// - Throws: As `Vocabulary.init(of:kind:maximumSize:minimumCount:knowsUnknown:rules:)`.
  package init(
    of texts: [String], kind: TokenKind, subwords: BytePairEncoding?, dropsMerges: Bool = false, maximumSize: Int?,
    minimumCount: Int, lowercases: Bool
  ) throws {
    let rules = Self.rules(kind, lowercases: lowercases)
    guard let subwords else {
      try self.init(
        Vocabulary(
          of: texts, kind: kind, maximumSize: maximumSize, minimumCount: minimumCount, knowsUnknown: true, rules: rules)
      )
      return
    }
    var segmenter = SubwordSegmenter(subwords)
    let words = texts.flatMap { Self.words(of: $0, kind, rules) }
    var pieces = words.flatMap { segmenter.subwords(of: $0) }
    if dropsMerges {
      var characters = RandomSource(seed: 0)
      let single = Set(words).flatMap { segmenter.subwords(of: $0, dropout: 1, from: &characters) }
      // However rare they are.
      for piece in Set(single + subwords.results).sorted() { pieces += repeatElement(piece, count: minimumCount) }
    }
    try self.init(
      Vocabulary(ofWords: pieces, maximumSize: maximumSize, minimumCount: minimumCount, lowercases: lowercases),
      subwords: subwords)
  }

  /// The rules of words: marks are words, and line ends are not.
  package static func rules(_ kind: TokenKind, lowercases: Bool) -> WordRules {
    WordRules(lowercases: lowercases, keepsMarks: kind != .whitespace)
  }

  /// The words of a text.
  package static func words(of text: String, _ kind: TokenKind, _ rules: WordRules) -> [String] {
    var words: [String] = []
    kind.forEach(in: text, rules) { words.append(String(decoding: $0, as: UTF8.self)) }
    return words
  }

  /// Whether the vocabulary has the results of all merges, which words have if merges are left out.
  package var knowsDroppedMerges: Bool { subwords.map { Set($0.results).isSubset(of: vocabulary.symbols) } ?? true }

  /// The number of tokens, with the boundary.
  public var tokenCount: Int { vocabulary.count + 1 }

  /// The boundary in charts.
  package static let boundarySymbol = "</s>"

  /// The token at the end of a sequence.
  public var boundary: Int32 { Int32(vocabulary.count) }

  /// The tokens of texts, without the boundary.
  /// - Throws: `RecurrentError.invalidData` for a token that is not in a vocabulary without an unknown symbol.
  package func encode(_ texts: [(text: String, location: String)]) throws -> [[Int32]] {
    guard let subwords else { return try texts.map { try vocabulary.encode($0.text, from: $0.location) } }
    var segmenter = SubwordSegmenter(subwords)
    return try encode(texts) { segmenter.subwords(of: $0) }
  }

  /// The tokens of texts by only some of the merges (BPE dropout); those of `encode(_:)` if there are no merges.
  /// - Parameters:
  ///   - texts: The texts.
  ///   - dropout: The probability with which a merge is left out, `0 ... 1`.
  ///   - random: The source of the draws.
  /// - Throws: As `encode(_:)`.
  package func encode(
    _ texts: [(text: String, location: String)], dropout: Double, from random: inout RandomSource
  ) throws -> [[Int32]] {
    guard let subwords else { return try encode(texts) }
    let segmenter = SubwordSegmenter(subwords)
    return try encode(texts) { segmenter.subwords(of: $0, dropout: dropout, from: &random) }
  }

  private func encode(
    _ texts: [(text: String, location: String)], _ split: (String) -> [String]
  ) throws -> [[Int32]] {
    try texts.map { text, location in
      try vocabulary.encode(words: Self.words(of: text, .words, vocabulary.rules).flatMap(split), from: location)
    }
  }

  /// The word that each token of a text is, or is a part of, in its original case; the token itself if it is a character, and
  /// `<unk>` if it separates lines.
  package func words(of text: String) throws -> [String] {
    guard vocabulary.kind != .characters else { return text.unicodeScalars.map { String($0) } }
    let words = try vocabulary.words(of: text).map {
      ["\n", Vocabulary.lineEndWord].contains($0) ? Vocabulary.unknownWord : $0
    }
    guard let subwords else { return words }
    var segmenter = SubwordSegmenter(subwords)
    let split = Self.words(of: text, .words, vocabulary.rules)
    return zip(words, split).flatMap { word, own in
      segmenter.subwords(of: own).map { _ in word }
    }
  }

  /// The symbols of tokens, for alignments.
  package func symbols(of tokens: some Sequence<Int32>) -> [String] {
    tokens.map { vocabulary.symbols.indices.contains(Int($0)) ? vocabulary.symbols[Int($0)] : Self.boundarySymbol }
  }

  /// The text of tokens; the boundary has none.
  /// - Parameters:
  ///   - tokens: The tokens.
  ///   - symbols: The symbols in place of the tokens' own, for unknown ones.
  public func decode(_ tokens: some Collection<Int32>, symbols: [String]? = nil) -> String {
    let symbols = symbols ?? self.symbols(of: tokens.filter { $0 != boundary })
    var decoder = TextDecoder(vocabulary)
    switch vocabulary.kind {
    case .characters: return symbols.joined()
    case .whitespace: return symbols.joined(separator: " ")
    case .words:
      let words = subwords == nil ? symbols : SubwordSegmenter.joined(symbols)
      return words.reduce(into: "") { $0 += decoder.text(ofWord: $1) }
    }
  }
}

extension TextCodec: Codable {
  private enum Key: String, CodingKey { case merges }

  /// Reads the format of `encode(to:)`.
  /// - Throws: `DecodingError`; `RecurrentError` if the symbols are no vocabulary, or the merges do not make them.
  public init(from decoder: any Decoder) throws {
    let merges = try decoder.container(keyedBy: Key.self).decodeIfPresent([String].self, forKey: .merges)
    let subwords = try merges.map {
      try BytePairEncoding(([BytePairEncoding.version] + $0).joined(separator: "\n"), from: "merges")
    }
    try self.init(Vocabulary(from: decoder), subwords: subwords)
  }

  /// Writes the keys of the vocabulary, and the merges.
  /// - Throws: Errors of the encoder.
  public func encode(to encoder: any Encoder) throws {
    try vocabulary.encode(to: encoder)
    var values = encoder.container(keyedBy: Key.self)
    try values.encodeIfPresent(subwords?.merges.map { "\($0.first) \($0.second)" }, forKey: .merges)
  }
}
