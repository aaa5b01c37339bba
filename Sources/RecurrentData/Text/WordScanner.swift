/// How words are taken from a text.
public struct WordRules: Sendable, Hashable {
  /// Whether words are made lower-case.
  public var lowercases: Bool
  /// Whether each punctuation mark and line break is a word by itself, or none. Of a text that is parted at white space only,
  /// whether each line end is the token `<eos>`, or white space like any other.
  public var keepsMarks: Bool
  /// Whether each digit of ASCII becomes 0, so that all numbers of a form are one word (Collobert et al. 2011).
  public var foldsDigits: Bool
  /// Whether format characters end no word, what Unicode attaches to a scalar stays with it, and Σ at the end of a word becomes ς.
  /// Vocabularies of files that do not say so were made before it was: their models get the words that they were trained on.
  package internal(set) var followsUnicode = true

  /// By default words stay as they are, and marks count.
  public init(lowercases: Bool = false, keepsMarks: Bool = true, foldsDigits: Bool = false) {
    self.lowercases = lowercases
    self.keepsMarks = keepsMarks
    self.foldsDigits = foldsDigits
  }

  /// A word in lower case and with its digits folded, if rules want it.
  func normalized(_ word: String) -> String {
    let word = lowercases ? followsUnicode ? word.inLowerCase() : word.lowercased() : word
    guard foldsDigits, word.utf8.contains(where: \.isDigit) else { return word }
    return String(decoding: word.utf8.map { $0.isDigit ? UInt8(ascii: "0") : $0 }, as: UTF8.self)
  }
}

/// The words of a text, as `TokenKind.words` has them: runs of letters, digits, and of the apostrophes and hyphens within them;
/// every other mark, and every line break, by itself. Blanks only part words.
///
/// What Unicode attaches to the scalar before it stays with it (UAX #29, WB4): accents, variation selectors, joiners, and an
/// emoji's skin tone. Emoji that a zero-width joiner joins are one word, as are two regional indicators (WB3c, WB15). Format
/// characters end no word and are none; those that do not change what is written are left out of words.
struct WordScanner: TokenScanner {
  static let mark: String? = nil

  let bytes: UnsafeBufferPointer<UInt8>
  let rules: WordRules
  private var place = 0
  private var hasIgnorable = false

  init(bytes: UnsafeBufferPointer<UInt8>, rules: WordRules) { (self.bytes, self.rules) = (bytes, rules) }

  mutating func next() -> ScannedToken? {
    while place < bytes.count {
      let start = place
      let (scalar, length) = bytes.scalar(at: place)
      place += length
      hasIgnorable = false
      switch scalar.wordBreak(by: rules) {
      case .blank, .joiner, .ignorable: continue
      case .newline: return ScannedToken(range: start..<place, isMark: true)
      case .letter:
        endWord()
        return ScannedToken(range: start..<place, hasIgnorable: hasIgnorable)
      case .joint, .mark, .extend:
        endMark(scalar)
        return ScannedToken(range: start..<place, isMark: true, hasIgnorable: hasIgnorable)
      }
    }
    return nil
  }

  private mutating func endWord() {
    while place < bytes.count {
      let (scalar, length) = bytes.scalar(at: place)
      let kind = scalar.wordBreak(by: rules)
      guard kind == .letter || kind.isAttached || kind == .joint && isLetter(after: place + length) else { return }
      if kind == .ignorable { hasIgnorable = true }
      place += length
    }
  }

  /// Whether the scalar here, past those that are attached to the one before, is a letter.
  private func isLetter(after place: Int) -> Bool {
    var place = place
    while place < bytes.count {
      let (scalar, length) = bytes.scalar(at: place)
      let kind = scalar.wordBreak(by: rules)
      guard kind.isAttached && rules.followsUnicode else { return kind == .letter || kind == .extend }
      place += length
    }
    return false
  }

  private mutating func endMark(_ mark: Unicode.Scalar) {
    var last = mark
    var isHalfFlag = mark.isRegionalIndicator
    while place < bytes.count {
      let (scalar, length) = bytes.scalar(at: place)
      let kind = scalar.wordBreak(by: rules)
      let isSecondHalf = isHalfFlag && scalar.isRegionalIndicator
      let isJoined = isSecondHalf || last == "\u{200D}" && scalar.isJoinedEmoji
      guard kind.isAttached || rules.followsUnicode && isJoined else { return }
      if kind == .ignorable { hasIgnorable = true }
      if isSecondHalf { isHalfFlag = false }
      last = scalar
      place += length
    }
  }
}
