/// Turns tokens into text one by one, as they are generated.
public struct TextDecoder: Sendable {
  private let vocabulary: Vocabulary
  /// Whether the next word needs a blank before it.
  private var wantsBlank = false

  /// Starts a text.
  public init(_ vocabulary: Vocabulary) { self.vocabulary = vocabulary }

  /// What the next token adds to the text; nothing for a number that no symbol has.
  public mutating func text(of number: Int32) -> String {
    guard vocabulary.symbols.indices.contains(Int(number)) else { return "" }
    let symbol = vocabulary.symbols[Int(number)]
    guard vocabulary.kind == .words else { return Int(number) == vocabulary.unknown ? "\u{FFFD}" : symbol }
    let blank = wantsBlank && !Self.leansLeft.contains(symbol) ? " " : ""
    wantsBlank = !Self.leansRight.contains(symbol)
    return blank + symbol
  }

  private static let leansLeft: Set = ["\n", ".", ",", ";", ":", "!", "?", ")", "]", "}", "”", "…", "%"]
  private static let leansRight: Set = ["\n", "(", "[", "{", "“", "$", "£", "€"]
}
