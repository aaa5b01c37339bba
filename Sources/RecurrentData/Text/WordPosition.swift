/// Where in a word a text stands that is read character by character.
///
/// A word is a run of letters and digits, with what Unicode attaches to them, and apostrophes and hyphens that follow one of
/// these: `don't`, `th'`. This is the rule of `TokenKind.words` without reading ahead.
package enum WordPosition: Int, Sendable, CaseIterable {
  /// Not within a word.
  case outside
  /// After a letter or a digit.
  case inside
  /// After an apostrophe or a hyphen that follows a letter.
  case afterJoint

  /// The position after a further scalar; nil if the scalar ends the word and is no part of it.
  package func advanced(by scalar: Unicode.Scalar) -> WordPosition? {
    let kind = scalar.wordBreak()
    switch self {
    case .outside: return kind == .letter ? .inside : .outside
    case .inside: return kind == .letter || kind.isAttached ? .inside : kind == .joint ? .afterJoint : nil
    case .afterJoint: return kind == .letter ? .inside : kind.isAttached ? .afterJoint : nil
    }
  }

  /// The position at the end of a text, and the characters of the word that it ends within.
  package static func end(of text: String) -> (position: WordPosition, beginning: String) {
    var (position, beginning) = (WordPosition.outside, String.UnicodeScalarView())
    for scalar in text.unicodeScalars {
      position = position.advanced(by: scalar) ?? .outside
      if position == .outside { beginning.removeAll() } else { beginning.append(scalar) }
    }
    return (position, String(beginning))
  }
}
