import RecurrentCore

/// The kind of tokens.
public enum TokenKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// Unicode scalars: `\r\n` is two, and decoding restores any text.
  case characters
  /// Words, single punctuation marks and line breaks; decoding inserts blanks.
  case words
  /// The text between white space, for tokenized texts such as Penn Treebank and WikiText, and `<eos>` at each line
  /// end, if marks are kept.
  case whitespace

  /// The plural of a token: `words`.
  package var noun: String {
    switch self {
    case .characters, .words: rawValue
    case .whitespace: "tokens"
    }
  }
}

/// The tokens of a model, by index.
public struct Vocabulary: Sendable, Hashable {
  /// The symbol of unknown words.
  public static let unknownWord = "<unk>"
  /// The symbol of line ends, for `TokenKind.whitespace`.
  public static let lineEndWord = "<eos>"

  /// The kind of tokens.
  public let kind: TokenKind
  /// The symbols; a token is the index of its symbol.
  public let symbols: [String]
  /// The index of the unknown symbol; nil if an unknown token is an error.
  public let unknown: Int?

  /// The rules for words; characters have none.
  public let rules: WordRules

  /// The indices of words, without the unknown one. The table is fast, compares bytes and excludes the unknown symbol;
  /// the dictionary compares by canonical equivalence.
  private let table: WordTable
  private let words: [String: Int32]
  /// The indices of characters by code point; -1 for none.
  private let scalars: [Int32]

  /// A vocabulary with these symbols.
  /// - Throws: `RecurrentError.invalidData` if a symbol occurs twice, a character is not one scalar, or `unknown` is not
  ///   the number of a symbol; `.invalidArgument` if characters have rules.
  public init(kind: TokenKind, symbols: [String], unknown: Int? = nil, rules: WordRules = WordRules()) throws {
    try Self.checkSize(symbols)
    guard kind != .characters || rules == WordRules() else {
      throw RecurrentError(
        .invalidArgument, "rules for words, but the tokens are characters", at: "vocabulary",
        remedy: "use words as tokens")
    }
    var table = WordTable()
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
      case .words, .whitespace:
        isNew = words.updateValue(Int32(number), forKey: symbol) == nil
        var symbol = symbol
        _ = symbol.withUTF8 { table.insert($0) }
      }
      guard isNew else {
        throw RecurrentError(.invalidData, "symbol \(number) (\"\(symbol.shown)\") occurs twice", at: "vocabulary")
      }
    }
    guard !symbols.isEmpty, unknown.map(symbols.indices.contains) ?? true else {
      throw RecurrentError(
        .invalidData, "\(symbols.count) symbols, unknown symbol \(unknown.map(String.init) ?? "none")",
        at: "vocabulary")
    }
    self.kind = kind
    self.symbols = symbols
    self.unknown = unknown
    self.rules = rules
    self.table = table
    self.words = words
    self.scalars = scalars
  }

  /// The size of a symbol's quotes, comma and indentation in a file.
  private static let bytesAround = 8

  /// - Throws: `RecurrentError.invalidData` if the symbols would make a file that is too large to read back.
  private static func checkSize(_ symbols: [String]) throws {
    let size = symbols.reduce(0) { $0 + $1.utf8.count + bytesAround }
    guard size <= Files.Limit.longestList / 2 else {
      throw RecurrentError(
        .invalidData, "\(symbols.count.grouped) symbols need a file of \(size.asBytes), more than is supported",
        at: "vocabulary", remedy: "limit the vocabulary to the most frequent symbols")
    }
  }

  /// The number of symbols.
  public var count: Int { symbols.count }

  /// The token of a line end; nil if the vocabulary has none.
  public var lineEnd: Int32? {
    switch kind {
    case .characters: scalars.count > 0x0A && scalars[0x0A] >= 0 ? scalars[0x0A] : nil
    case .words: words["\n"]
    case .whitespace: rules.keepsMarks ? words[Self.lineEndWord] : nil
    }
  }

  /// Encodes a text as tokens.
  /// - Parameters:
  ///   - text: The text.
  ///   - location: The source of the text, for errors.
  ///   - allowsUnknown: Whether a token that is not in the vocabulary becomes the unknown one, if there is one. `<unk>` itself
  ///     always does.
  /// - Throws: `RecurrentError.invalidData` that names the first token that is unknown, and where it is.
  public func encode(_ text: String, from location: String = "text", allowsUnknown: Bool = true) throws -> [Int32] {
    switch kind {
    case .characters:
      var numbers: [Int32] = []
      numbers.reserveCapacity(text.utf8.count)
      let unknown = allowsUnknown ? self.unknown.map(Int32.init) ?? -1 : -1
      for scalar in text.unicodeScalars {
        let code = Int(scalar.value)
        let known = code < scalars.count ? scalars[code] : -1
        let number = known < 0 ? unknown : known
        guard number >= 0 else { throw unknownCharacter(scalar, number: numbers.count, of: text, from: location) }
        numbers.append(number)
      }
      return numbers
    case .words, .whitespace:
      var numbers: [Int32] = []
      // More than words have in most languages: what is not used costs nothing, and growing would take as much again.
      numbers.reserveCapacity(text.utf8.count / 3)
      try kind.forEach(in: text, rules) {
        numbers.append(try number(of: $0, from: location, allowsUnknown: allowsUnknown))
      }
      return numbers
    }
  }

  /// The words of a text, in their original case, one per token of `encode(_:)`.
  /// - Throws: `RecurrentError.invalidArgument` if tokens are characters.
  package func words(of text: String) throws -> [String] {
    try requireWords(at: "words")
    var words: [String] = []
    var rules = rules
    (rules.lowercases, rules.foldsDigits) = (false, false)
    kind.forEach(in: text, rules) {
      words.append(String(decoding: $0, as: UTF8.self))
    }
    return words
  }

  private func requireWords(at location: String) throws {
    guard kind != .characters else {
      throw RecurrentError(
        .invalidArgument, "a vocabulary of characters has no words", at: location, remedy: "use a vocabulary of words")
    }
  }

  /// Encodes words as tokens.
  /// - Throws: `RecurrentError.invalidData` that names the first word that is unknown, `.invalidArgument` if tokens are
  ///   characters.
  public func encode(words: [String], from location: String = "words") throws -> [Int32] {
    try requireWords(at: location)
    return try words.map { word in
      var word = rules.normalized(word)
      return try word.withUTF8 { try number(of: $0, from: location) }
    }
  }

  private func number(
    of word: UnsafeBufferPointer<UInt8>, from location: String, allowsUnknown: Bool = true
  ) throws -> Int32 {
    if let place = table.number(of: word) { return Int(place) < unknown ?? .max ? place : place + 1 }
    let name = String(decoding: word, as: UTF8.self)
    let isUnknown = allowsUnknown || name == Self.unknownWord
    guard let number = words[name] ?? (isUnknown ? unknown.map(Int32.init) : nil) else {
      throw RecurrentError(
        .invalidData, "the word \"\(name.shown)\" is not in the vocabulary", at: location,
        remedy: "use words of the training text")
    }
    return number
  }

  /// Decodes tokens to text. Tokens without a symbol are skipped.
  public func decode(_ numbers: some Sequence<Int32>) -> String {
    var decoder = TextDecoder(self)
    return numbers.reduce(into: "") { $0 += decoder.text(of: $1) }
  }

  private func unknownCharacter(_ scalar: Unicode.Scalar, number: Int, of text: String, from location: String)
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
      at: location, remedy: "remove it, or train on a text that contains it")
  }
}

extension Vocabulary: Codable {
  private enum Key: String, CodingKey { case kind = "tokens", symbols, unknown, lowercase, marks, digits, unicode }

  /// Reads the format of `encode(to:)`.
  /// - Throws: `DecodingError`; `RecurrentError` if the symbols are no vocabulary.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let kind = try values.decode(TokenKind.self, forKey: .kind)
    var rules = try WordRules(
      lowercases: values.decodeIfPresent(Bool.self, forKey: .lowercase) ?? false,
      keepsMarks: values.decodeIfPresent(Bool.self, forKey: .marks) ?? true,
      foldsDigits: values.decodeIfPresent(Bool.self, forKey: .digits) ?? false)
    if kind == .words { rules.followsUnicode = try values.decodeIfPresent(Bool.self, forKey: .unicode) ?? false }
    try self.init(
      kind: kind, symbols: values.decode([String].self, forKey: .symbols),
      unknown: values.decodeIfPresent(Int.self, forKey: .unknown), rules: rules)
  }

  /// Writes the kind, the symbols in order, the index of the unknown one, and the rules that differ from the defaults.
  /// - Throws: Errors of the encoder.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(kind, forKey: .kind)
    try values.encode(symbols, forKey: .symbols)
    try values.encodeIfPresent(unknown, forKey: .unknown)
    try values.encodeIfPresent(rules.lowercases ? true : nil, forKey: .lowercase)
    try values.encodeIfPresent(rules.keepsMarks ? nil : false, forKey: .marks)
    try values.encodeIfPresent(rules.foldsDigits ? true : nil, forKey: .digits)
    try values.encodeIfPresent(kind == .words && rules.followsUnicode ? true : nil, forKey: .unicode)
  }
}

extension Vocabulary? {
  /// The vocabulary of a model that requires one.
  /// - Throws: `RecurrentError.invalidModel` that names the model if there is none.
  package func required(at model: String) throws -> Vocabulary {
    guard let self else {
      throw RecurrentError(
        .invalidModel, "the model has no vocabulary", at: model, remedy: "set the model's vocabulary first")
    }
    return self
  }
}
