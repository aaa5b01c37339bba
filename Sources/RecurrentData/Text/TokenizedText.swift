/// Detects tokenized texts: they contain `<unk>`, or most punctuation marks are surrounded by blanks.
package struct TokenizedText {
  /// Whether `<unk>` is one of the tokens.
  package private(set) var hasUnknown = false
  /// The counts of marks that are tokens, and of marks at the end of another token.
  private var marks = (apart: 0, attached: 0)

  /// Examines up to a megabyte of texts.
  package init(_ texts: some Sequence<String>) {
    var rest = 1 << 20
    for text in texts {
      guard rest > 0 else { return }
      let part = text.utf8.prefix(rest)
      rest -= part.count
      for token in part.split(whereSeparator: { $0 == 0x20 || (0x09...0x0D).contains($0) }) { add(token) }
    }
  }

  /// Whether the texts appear to be tokenized.
  package var isTokenized: Bool { hasUnknown || marks.apart > marks.attached }

  private mutating func add(_ token: Substring.UTF8View) {
    if token.elementsEqual(Vocabulary.unknownWord.utf8) { hasUnknown = true }
    guard let last = token.last, Self.punctuation.contains(last) else { return }
    if token.count == 1 { marks.apart += 1 } else { marks.attached += 1 }
  }

  private static let punctuation = Array(".,;:!?".utf8)
}
