/// What a Unicode scalar does to the words around it: the properties of UAX #29 that the rule of `Words` needs.
enum WordBreak {
  /// White space, and U+200B, which is a space without width: it only parts words.
  case blank
  /// `\n`: a word by itself.
  case newline
  /// A letter, a digit, or any other number: words consist of them.
  case letter
  /// An apostrophe or a hyphen: belongs to a word between two letters of it, else a mark.
  case joint
  /// Any other mark: a word by itself.
  case mark
  /// An accent, a vowel sign, a variation selector, a skin tone: belongs to what it follows.
  case extend
  /// A format character that makes a difference in writing, as the joiners of Persian, Indic scripts and emoji: belongs to
  /// what it follows, and is no word by itself.
  case joiner
  /// Any other format character, as soft hyphens, direction marks and byte-order marks: as if it were not there.
  case ignorable

  /// Whether it belongs to what it follows (UAX #29, WB4).
  var isAttached: Bool {
    switch self {
    case .extend, .joiner, .ignorable: true
    case .blank, .newline, .letter, .joint, .mark: false
    }
  }
}

// Most texts are mostly ASCII, and the tables of Unicode take ten times as long.
extension Unicode.Scalar {
  /// - Parameter rules: Whether they follow Unicode.
  func wordBreak(by rules: WordRules = WordRules()) -> WordBreak {
    switch value {
    case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: .letter
    case 0x0A: .newline
    case 0x09...0x0D, 0x20: .blank
    case 0x27, 0x2D, 0x2019: .joint
    case 0..<0x80: .mark
    default: rules.followsUnicode ? wordBreakByCategory : earlierWordBreak
    }
  }

  private var wordBreakByCategory: WordBreak {
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .letterNumber,
      .otherNumber:
      .letter
    case .nonspacingMark, .spacingMark, .enclosingMark: .extend
    case .format: wordBreakOfFormat
    default:
      properties.isEmojiModifier
        ? .extend
        : properties.isAlphabetic || properties.numericType != nil ? .letter : properties.isWhitespace ? .blank : .mark
    }
  }

  /// That of vocabularies whose rules do not follow Unicode.
  private var earlierWordBreak: WordBreak {
    if properties.generalCategory == .nonspacingMark { return .extend }
    if properties.isAlphabetic || properties.numericType != nil { return .letter }
    return properties.isWhitespace ? .blank : .mark
  }

  private var wordBreakOfFormat: WordBreak {
    switch value {
    case 0x200B: .blank
    // The Mongolian vowel separator, the zero-width non-joiner and joiner, and the tags of flags.
    case 0x180E, 0x200C, 0x200D, 0xE0020...0xE007F: .joiner
    // Signs that stand before the digits or letters that they belong to: the Arabic number sign and its like.
    case 0x600...0x605, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD: .letter
    default: .ignorable
    }
  }

  /// Whether a zero-width joiner before it joins it to what comes before (WB3c).
  var isJoinedEmoji: Bool { !isASCII && properties.isEmoji && !isRegionalIndicator }

  /// Whether two of it are a flag (WB15).
  var isRegionalIndicator: Bool { (0x1F1E6...0x1F1FF).contains(value) }
}
