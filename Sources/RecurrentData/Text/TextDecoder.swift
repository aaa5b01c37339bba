/// Converts generated tokens to text one by one.
public struct TextDecoder: Sendable {
  private let vocabulary: Vocabulary
  /// Whether the next word needs a blank before it.
  private var wantsBlank = false

  /// A decoder at the start of a text.
  public init(_ vocabulary: Vocabulary) { self.vocabulary = vocabulary }

  /// The text of the next token; empty for an index without a symbol.
  public mutating func text(of number: Int32) -> String {
    guard vocabulary.symbols.indices.contains(Int(number)) else { return "" }
    let symbol = vocabulary.symbols[Int(number)]
    switch vocabulary.kind {
    case .characters: return Int(number) == vocabulary.unknown ? "\u{FFFD}" : symbol
    case .words: return text(ofWord: symbol)
    case .whitespace:
      return symbol == Vocabulary.lineEndWord
        ? parted("\n", leansLeft: true, leansRight: true) : parted(symbol, leansLeft: false, leansRight: false)
    }
  }

  /// The text of a word or a mark, after a blank if needed.
  mutating func text(ofWord word: String) -> String {
    parted(word, leansLeft: Self.leansLeft.contains(word), leansRight: Self.leansRight.contains(word))
  }

  /// A symbol, after a blank if needed.
  private mutating func parted(_ symbol: String, leansLeft: Bool, leansRight: Bool) -> String {
    defer { wantsBlank = !leansRight }
    return wantsBlank && !leansLeft ? " " + symbol : symbol
  }

  private static let leansLeft: Set = ["\n", ".", ",", ";", ":", "!", "?", ")", "]", "}", "”", "…", "%"]
  private static let leansRight: Set = ["\n", "(", "[", "{", "“", "$", "£", "€"]
}
