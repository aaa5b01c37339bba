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
    case .words:
      return parted(symbol, leansLeft: Self.leansLeft.contains(symbol), leansRight: Self.leansRight.contains(symbol))
    case .whitespace:
      return symbol == Vocabulary.lineEndWord
        ? parted("\n", leansLeft: true, leansRight: true) : parted(symbol, leansLeft: false, leansRight: false)
    }
  }

  /// A symbol, after a blank if needed.
  private mutating func parted(_ symbol: String, leansLeft: Bool, leansRight: Bool) -> String {
    defer { wantsBlank = !leansRight }
    return wantsBlank && !leansLeft ? " " + symbol : symbol
  }

  private static let leansLeft: Set = ["\n", ".", ",", ";", ":", "!", "?", ")", "]", "}", "”", "…", "%"]
  private static let leansRight: Set = ["\n", "(", "[", "{", "“", "$", "£", "€"]
}
