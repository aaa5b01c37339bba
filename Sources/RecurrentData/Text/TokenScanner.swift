/// A token in the bytes of a text.
struct ScannedToken {
  /// The range of its bytes.
  var range: Range<Int>
  /// Whether it is a punctuation mark or a line end, which rules may drop.
  var isMark = false
  /// Whether it contains ignorable format characters.
  var hasIgnorable = false
}

/// A scanner of tokens in valid UTF-8.
protocol TokenScanner: IteratorProtocol<ScannedToken> {
  /// The token that replaces each mark; nil if marks are kept.
  static var mark: String? { get }

  init(bytes: UnsafeBufferPointer<UInt8>, rules: WordRules)
}

extension TokenKind {
  /// Calls a body with the bytes of each token of a text.
  func forEach(
    in text: String, _ rules: WordRules, _ body: (UnsafeBufferPointer<UInt8>) throws -> Void
  ) rethrows {
    switch self {
    case .characters: try forEach(CharacterScanner.self, in: text, rules, body)
    case .words: try forEach(WordScanner.self, in: text, rules, body)
    case .whitespace: try forEach(WhitespaceScanner.self, in: text, rules, body)
    }
  }

  /// The offset after the first `count` tokens of a text.
  func end(ofFirst count: Int, of text: Substring, _ rules: WordRules) -> String.Index {
    var copy = text
    let bytes = copy.withUTF8 { bytes in
      switch self {
      case .characters: end(ofFirst: count, CharacterScanner(bytes: bytes, rules: rules), rules)
      case .words: end(ofFirst: count, WordScanner(bytes: bytes, rules: rules), rules)
      case .whitespace: end(ofFirst: count, WhitespaceScanner(bytes: bytes, rules: rules), rules)
      }
    }
    return text.utf8.index(text.startIndex, offsetBy: bytes)
  }

  private func forEach<Scanner: TokenScanner>(
    _ type: Scanner.Type, in text: String, _ rules: WordRules, _ body: (UnsafeBufferPointer<UInt8>) throws -> Void
  ) rethrows {
    var (text, mark, changed) = (text, Scanner.mark, [UInt8]())
    try text.withUTF8 { bytes in
      var scanner = Scanner(bytes: bytes, rules: rules)
      while let token = scanner.next() {
        if token.isMark {
          guard rules.keepsMarks else { continue }
          if mark != nil {
            try mark?.withUTF8(body)
            continue
          }
        }
        let bytes = UnsafeBufferPointer(rebasing: bytes[token.range])
        let changes =
          rules.lowercases && bytes.contains(where: \.mayHaveLowerCase)
          || rules.foldsDigits && bytes.contains(where: \.isDigit)
        guard changes || token.hasIgnorable else {
          try body(bytes)
          continue
        }
        changed.removeAll(keepingCapacity: true)
        bytes.append(to: &changed, rules, dropsIgnorable: token.hasIgnorable)
        try changed.withUnsafeBufferPointer(body)
      }
    }
  }

  private func end(ofFirst count: Int, _ scanner: some TokenScanner, _ rules: WordRules) -> Int {
    var (scanner, rest, end) = (scanner, count, 0)
    while rest > 0, let token = scanner.next() {
      if token.isMark && !rules.keepsMarks { continue }
      rest -= 1
      end = token.range.upperBound
    }
    return end
  }
}

/// A scanner of Unicode scalars.
private struct CharacterScanner: TokenScanner {
  static let mark: String? = nil

  let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0

  init(bytes: UnsafeBufferPointer<UInt8>, rules: WordRules) { self.bytes = bytes }

  mutating func next() -> ScannedToken? {
    guard place < bytes.count else { return nil }
    let start = place
    place += bytes.scalar(at: place).length
    return ScannedToken(range: start..<place)
  }
}

extension UInt8 {
  /// Whether it is an upper-case ASCII letter, or part of a non-ASCII scalar.
  fileprivate var mayHaveLowerCase: Bool { (0x41...0x5A).contains(self) || self >= 0x80 }

  /// Whether it is an ASCII digit.
  var isDigit: Bool { (0x30...0x39).contains(self) }
}

extension UnsafeBufferPointer<UInt8> {
  /// Appends a word by the rules, without ignorable format characters.
  fileprivate func append(to word: inout [UInt8], _ rules: WordRules, dropsIgnorable: Bool) {
    if !dropsIgnorable && allSatisfy({ $0 < 0x80 }) {
      for byte in self {
        let isCapital = rules.lowercases && (0x41...0x5A).contains(byte)
        word.append(rules.foldsDigits && byte.isDigit ? 0x30 : isCapital ? byte + 0x20 : byte)
      }
      return
    }
    var text = String(decoding: self, as: UTF8.self)
    if dropsIgnorable { text.unicodeScalars.removeAll { $0.wordBreak() == .ignorable } }
    word += rules.normalized(text).utf8
  }

  /// The scalar that starts at an offset, and its length in bytes.
  func scalar(at place: Int) -> (scalar: Unicode.Scalar, length: Int) {
    let first = self[place]
    if first < 0x80 { return (Unicode.Scalar(first), 1) }
    let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    var value = UInt32(first) & (0x7F >> UInt32(length))
    for next in place + 1..<place + length { value = value << 6 | UInt32(self[next] & 0x3F) }
    return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
  }
}
