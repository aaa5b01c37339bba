import RecurrentCore

extension Vocabulary {
  /// The vocabulary of a text.
  /// - Throws: As the one for many texts.
  public init(
    of text: String, kind: TokenKind, maximumSize: Int? = nil, minimumCount: Int = 1, knowsUnknown: Bool? = nil,
    rules: WordRules = WordRules()
  ) throws {
    try self.init(
      of: CollectionOfOne(text), kind: kind, maximumSize: maximumSize, minimumCount: minimumCount,
      knowsUnknown: knowsUnknown, rules: rules)
  }

  /// The vocabulary of texts. Characters are ordered by code point, words by frequency.
  /// - Parameters:
  ///   - texts: The texts.
  ///   - kind: The kind of tokens.
  ///   - maximumSize: How many symbols there may be; the most frequent stay, the others become `<unk>`.
  ///   - minimumCount: How often a symbol occurs at least; above 1, a model learns what to make of `<unk>`.
  ///   - knowsUnknown: Whether there is a symbol for unknown tokens; by default characters do not have one, and all others
  ///     do. A limit always adds it.
  ///   - rules: How words are taken from the texts; of characters there are no rules. Where each line end is `<eos>`, that is
  ///     always a symbol, however rare it is.
  /// - Throws: `RecurrentError.invalidArgument` if the size is below 2, the count below 1, or characters have rules;
  ///   `.invalidData` if there is no symbol.
  public init(
    of texts: some Sequence<String>, kind: TokenKind, maximumSize: Int? = nil, minimumCount: Int = 1,
    knowsUnknown: Bool? = nil, rules: WordRules = WordRules()
  ) throws {
    let counts: [Count]
    switch kind {
    case .characters: counts = Self.characters(of: texts)
    case .words, .whitespace:
      var counter = WordCounter()
      for text in texts { kind.forEach(in: text, rules) { counter.count($0) } }
      counts = counter.counts
    }
    try self.init(
      counts, kind: kind, maximumSize: maximumSize, minimumCount: minimumCount, knowsUnknown: knowsUnknown, rules: rules
    )
  }

  /// The vocabulary of texts that are already split into words, such as tagged sentences.
  /// - Throws: As the one for texts.
  public init(
    ofWords words: some Sequence<String>, maximumSize: Int? = nil, minimumCount: Int = 1, lowercases: Bool = false,
    foldsDigits: Bool = false
  ) throws {
    var counter = WordCounter()
    let rules = WordRules(lowercases: lowercases, foldsDigits: foldsDigits)
    for word in words {
      var word = rules.normalized(word)
      word.withUTF8 { counter.count($0) }
    }
    try self.init(
      counter.counts, kind: .words, maximumSize: maximumSize, minimumCount: minimumCount, knowsUnknown: true,
      rules: rules)
  }

  fileprivate typealias Count = (symbol: String, count: Int)

  private init(
    _ counts: [Count], kind: TokenKind, maximumSize: Int?, minimumCount: Int, knowsUnknown: Bool?, rules: WordRules
  ) throws {
    if let maximumSize, maximumSize < 2 {
      throw RecurrentError(
        .invalidArgument, "the maximum vocabulary size is \(maximumSize)", at: "vocabulary", remedy: "use at least 2"
      )
    }
    try requirePositive([("minimum count", minimumCount)], at: "vocabulary")
    var symbols = counts.filter { $0.count >= minimumCount }.map(\.symbol)
    let hasUnknown = maximumSize != nil || minimumCount > 1 || knowsUnknown ?? (kind != .characters)
    if hasUnknown { symbols.removeAll { $0 == Self.unknownWord } }
    let needsLineEnd = kind == .whitespace && rules.keepsMarks
    if let maximumSize { symbols = Array(symbols.prefix(maximumSize - 1)) }
    if needsLineEnd, !counts.isEmpty, !symbols.contains(Self.lineEndWord) {
      if symbols.count + 1 == maximumSize { symbols.removeLast() }
      symbols.append(Self.lineEndWord)
    }
    if kind == .characters { symbols.sort { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) } }
    if hasUnknown { symbols.append(Self.unknownWord) }
    guard !symbols.isEmpty else {
      throw RecurrentError(
        .invalidData, "the text is empty", at: "vocabulary", remedy: "use a text with \(kind.noun)")
    }
    try self.init(kind: kind, symbols: symbols, unknown: hasUnknown ? symbols.count - 1 : nil, rules: rules)
  }

  /// The characters of texts, by frequency, then by code point.
  private static func characters(of texts: some Sequence<String>) -> [Count] {
    // Scalars to the end: as strings, those that are canonically equivalent (K and the Kelvin sign) would be one.
    var counts: [Int] = []
    for text in texts {
      for scalar in text.unicodeScalars {
        let code = Int(scalar.value)
        if code >= counts.count { counts += repeatElement(0, count: code + 1 - counts.count) }
        counts[code] += 1
      }
    }
    let codes = counts.indices.filter { counts[$0] > 0 }.sorted { (counts[$1], $0) < (counts[$0], $1) }
    return codes.compactMap { code in Unicode.Scalar(UInt32(code)).map { (String($0), counts[code]) } }
  }
}

/// Counts words.
private struct WordCounter {
  private var table = WordTable()
  private var numbers: [Int] = []

  mutating func count(_ word: UnsafeBufferPointer<UInt8>) {
    let number = Int(table.insert(word))
    if number == numbers.count { numbers.append(0) }
    numbers[number] += 1
  }

  /// The counts by frequency, then by name. Canonically equivalent words, such as é in one or two scalars, are one
  /// word.
  var counts: [Vocabulary.Count] {
    let counts = zip(table.words, numbers).reduce(into: [String: Int]()) { $0[$1.0, default: 0] += $1.1 }
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
  }
}
