import RecurrentCore

/// What a text is cut into.
public enum TokenKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// Unicode scalars, so that `\r\n` is two and any text comes back as it was.
  case characters
  /// Words, single punctuation marks and line breaks; blanks are made up again when tokens become text.
  case words
}

/// The tokens that a model knows, by number.
public struct Vocabulary: Sendable, Hashable {
  /// How an unknown word is written.
  public static let unknownWord = "<unk>"

  /// What a text is cut into.
  public let kind: TokenKind
  /// The tokens; a token's number is its place.
  public let symbols: [String]
  /// The number that every unknown token gets, or nil if an unknown token is an error.
  public let unknown: Int?

  private let words: [String: Int32]
  /// The numbers of characters by their code points; -1 for none.
  private let scalars: [Int32]

  /// The tokens of a text. Characters are ordered by their code point, words by how often they occur.
  /// - Parameters:
  ///   - maximumSize: How many symbols there may be; the most frequent stay, the others become `<unk>`.
  ///   - knowsUnknown: Whether there is a symbol for unknown tokens; by default words have one and characters do not.
  ///     A size limit always adds it.
  /// - Throws: `RecurrentError.invalidArgument` if the limit is below 2, `.invalidData` if there is no symbol.
  public init(of text: String, kind: TokenKind, maximumSize: Int? = nil, knowsUnknown: Bool? = nil) throws {
    if let maximumSize, maximumSize < 2 {
      throw RecurrentError(
        .invalidArgument, "a vocabulary of at most \(maximumSize) symbols", at: "vocabulary", remedy: "allow at least 2"
      )
    }
    var symbols = Self.symbols(of: text, kind: kind)
    let hasUnknown = maximumSize != nil || knowsUnknown ?? (kind == .words)
    if hasUnknown { symbols.removeAll { $0 == Self.unknownWord } }
    if let maximumSize { symbols = Array(symbols.prefix(maximumSize - 1)) }
    if kind == .characters { symbols.sort { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) } }
    if hasUnknown { symbols.append(Self.unknownWord) }
    guard !symbols.isEmpty else {
      throw RecurrentError(
        .invalidData, "the text is empty", at: "vocabulary", remedy: "give a text that has \(kind.rawValue)")
    }
    try self.init(kind: kind, symbols: symbols, unknown: hasUnknown ? symbols.count - 1 : nil)
  }

  /// A vocabulary with these symbols.
  /// - Throws: `RecurrentError.invalidData` if a symbol occurs twice, a character is not one scalar, or `unknown` is not
  ///   the number of a symbol.
  public init(kind: TokenKind, symbols: [String], unknown: Int? = nil) throws {
    try Self.checkSize(symbols)
    var words: [String: Int32] = [:]
    let codes = kind == .characters ? symbols.lazy.compactMap { $0.unicodeScalars.first?.value } : []
    var scalars = [Int32](repeating: -1, count: codes.max().map { Int($0) + 1 } ?? 0)
    for (number, symbol) in symbols.enumerated() where number != unknown {
      let isNew: Bool
      switch kind {
      case .characters:
        guard symbol.unicodeScalars.count == 1, let scalar = symbol.unicodeScalars.first else {
          throw RecurrentError(.invalidData, "symbol \(number) is not one character", at: "vocabulary")
        }
        isNew = scalars[Int(scalar.value)] < 0
        scalars[Int(scalar.value)] = Int32(number)
      case .words:
        isNew = words.updateValue(Int32(number), forKey: symbol) == nil
      }
      guard isNew else {
        throw RecurrentError(.invalidData, "symbol \(number) (\"\(symbol.shown)\") occurs twice", at: "vocabulary")
      }
    }
    guard !symbols.isEmpty, unknown.map(symbols.indices.contains) ?? true else {
      throw RecurrentError(
        .invalidData, "\(symbols.count) symbols, with \(unknown.map(String.init) ?? "none") as the unknown one",
        at: "vocabulary")
    }
    self.kind = kind
    self.symbols = symbols
    self.unknown = unknown
    self.words = words
    self.scalars = scalars
  }

  /// A symbol's quotes, comma and indentation in a file.
  private static let bytesAround = 8

  /// - Throws: `RecurrentError.invalidData` if the symbols would make a file that is too large to read back.
  private static func checkSize(_ symbols: [String]) throws {
    let size = symbols.reduce(0) { $0 + $1.utf8.count + bytesAround }
    guard size <= Files.Limit.longestList / 2 else {
      throw RecurrentError(
        .invalidData, "\(symbols.count.grouped) symbols take \(size.asBytes) as a file, more than a vocabulary may",
        at: "vocabulary", remedy: "keep the most frequent only, with a limit on the vocabulary")
    }
  }

  /// The number of symbols.
  public var count: Int { symbols.count }

  /// The numbers of a text's tokens.
  /// - Parameter place: What an error names as the text's origin.
  /// - Throws: `RecurrentError.invalidData` that names the first token that is unknown, and where it is.
  public func encode(_ text: String, from place: String = "text") throws -> [Int32] {
    switch kind {
    case .characters:
      var numbers: [Int32] = []
      numbers.reserveCapacity(text.utf8.count)
      let unknown = self.unknown.map(Int32.init) ?? -1
      for scalar in text.unicodeScalars {
        let code = Int(scalar.value)
        let known = code < scalars.count ? scalars[code] : -1
        let number = known < 0 ? unknown : known
        guard number >= 0 else { throw unknownCharacter(scalar, number: numbers.count, of: text, from: place) }
        numbers.append(number)
      }
      return numbers
    case .words:
      return try Words(text).map { word in
        guard let number = words[String(word)] ?? unknown.map(Int32.init) else {
          throw RecurrentError(
            .invalidData, "the word \"\(word.shown)\" is not in the vocabulary", at: place,
            remedy: "use the words of the text that the model was trained on")
        }
        return number
      }
    }
  }

  /// The text of tokens. Numbers that no symbol has are left out.
  public func decode(_ numbers: some Sequence<Int32>) -> String {
    var decoder = TextDecoder(self)
    return numbers.reduce(into: "") { $0 += decoder.text(of: $1) }
  }

  /// The tokens of a text, the most frequent first.
  private static func symbols(of text: String, kind: TokenKind) -> [String] {
    switch kind {
    case .characters:
      // Scalars to the end: as strings, those that are canonically equivalent (K and the Kelvin sign) would be one.
      var counts: [Int] = []
      for scalar in text.unicodeScalars {
        let code = Int(scalar.value)
        if code >= counts.count { counts += repeatElement(0, count: code + 1 - counts.count) }
        counts[code] += 1
      }
      let codes = counts.indices.filter { counts[$0] > 0 }.sorted { (counts[$1], $0) < (counts[$0], $1) }
      return codes.compactMap { Unicode.Scalar(UInt32($0)).map(String.init) }
    case .words:
      let counts = Words(text).reduce(into: [String: Int]()) { $0[String($1), default: 0] += 1 }
      return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    }
  }

  private func unknownCharacter(_ scalar: Unicode.Scalar, number: Int, of text: String, from place: String)
    -> RecurrentError
  {
    let before = text.unicodeScalars.prefix(number)
    let line = before.count { $0 == "\n" } + 1
    let column = before.reversed().prefix { $0 != "\n" }.count + 1
    let hex = String(scalar.value, radix: 16, uppercase: true)
    let isVisible =
      scalar.value > 32 && !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
    let shown = isVisible ? "\"\(scalar)\"" : scalar.debugDescription
    let code = "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
    return RecurrentError(
      .invalidData,
      "the character \(shown) (\(code)) in line \(line), column \(column), is not in the vocabulary",
      at: place, remedy: "remove it, or train on a text that has it")
  }
}

extension Vocabulary: Codable {
  private enum Key: String, CodingKey { case kind = "tokens", symbols, unknown }

  /// Reads what `encode(to:)` wrote.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    try self.init(
      kind: values.decode(TokenKind.self, forKey: .kind), symbols: values.decode([String].self, forKey: .symbols),
      unknown: values.decodeIfPresent(Int.self, forKey: .unknown))
  }

  /// Writes the kind, the symbols in order, and the number of the unknown one.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(kind, forKey: .kind)
    try values.encode(symbols, forKey: .symbols)
    try values.encodeIfPresent(unknown, forKey: .unknown)
  }
}
