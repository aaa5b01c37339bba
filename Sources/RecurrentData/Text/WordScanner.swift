/// The rules for words.
public struct WordRules: Sendable, Hashable {
  /// Whether words are converted to lower case.
  public var lowercases: Bool
  /// Whether each punctuation mark and line break is a separate word; if not, they are dropped. For
  /// `TokenKind.whitespace`, whether each line end is the token `<eos>`; if not, it is white space.
  public var keepsMarks: Bool
  /// Whether each ASCII digit is replaced with 0, so that numbers of the same format are one word (Collobert et al.
  /// 2011).
  public var foldsDigits: Bool
  /// Whether words follow Unicode: format characters do not end a word, attached scalars stay with the preceding one,
  /// and Σ at the end of a word becomes ς. False for files of earlier versions, whose models were trained without it.
  package internal(set) var followsUnicode = true

  /// Rules for words; by default, words are unchanged and marks are kept.
  public init(lowercases: Bool = false, keepsMarks: Bool = true, foldsDigits: Bool = false) {
    self.lowercases = lowercases
    self.keepsMarks = keepsMarks
    self.foldsDigits = foldsDigits
  }

  /// A word in lower case and with folded digits, by the rules.
  func normalized(_ word: String) -> String {
    let word = lowercases ? followsUnicode ? word.inLowerCase() : word.lowercased() : word
    guard foldsDigits, word.utf8.contains(where: \.isDigit) else { return word }
    return String(decoding: word.utf8.map { $0.isDigit ? UInt8(ascii: "0") : $0 }, as: UTF8.self)
  }
}

/// A scanner of `TokenKind.words`: runs of letters, digits, and the apostrophes and hyphens within them; every other
/// mark and every line break is separate. Blanks only separate words.
///
/// Scalars that Unicode attaches to the preceding one stay with it (UAX #29, WB4): accents, variation selectors, joiners, and an
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

  /// Whether the scalar at an offset, after attached scalars, is a letter.
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
