/// The word-break class of a Unicode scalar: the properties of UAX #29 that the rule for words needs.
enum WordBreak {
  /// White space, and U+200B, the zero-width space: it separates words.
  case blank
  /// `\n`: a separate word.
  case newline
  /// A letter, a digit or another number: part of a word.
  case letter
  /// An apostrophe or a hyphen: part of a word between two letters, else a mark.
  case joint
  /// Any other mark: a separate word.
  case mark
  /// An accent, a vowel sign, a variation selector, a skin tone: attached to the preceding scalar.
  case extend
  /// A format character that changes the rendering, such as the joiners of Persian, Indic scripts and emoji: attached
  /// to the preceding scalar, and not a word.
  case joiner
  /// Any other format character, such as soft hyphens, direction marks and byte-order marks: ignored.
  case ignorable

  /// Whether it is attached to the preceding scalar (UAX #29, WB4).
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

  /// The class in vocabularies whose rules do not follow Unicode.
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

  /// Whether a preceding zero-width joiner attaches it to the scalar before (WB3c).
  var isJoinedEmoji: Bool { !isASCII && properties.isEmoji && !isRegionalIndicator }

  /// Whether a pair of them is a flag (WB15).
  var isRegionalIndicator: Bool { (0x1F1E6...0x1F1FF).contains(value) }
}
