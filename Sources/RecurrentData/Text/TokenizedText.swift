/// Whether texts show that they are tokenized already: `<unk>` is in them, or most punctuation marks stand between blanks.
package struct TokenizedText {
  /// Whether `<unk>` is one of the tokens.
  package private(set) var hasUnknown = false
  /// The marks that are tokens, and those at the end of another token.
  private var marks = (apart: 0, attached: 0)

  /// Looks at texts, at a megabyte of them at most.
  package init(_ texts: some Sequence<String>) {
    var rest = 1 << 20
    for text in texts {
      guard rest > 0 else { return }
      let part = text.utf8.prefix(rest)
      rest -= part.count
      for token in part.split(whereSeparator: { $0 == 0x20 || (0x09...0x0D).contains($0) }) { add(token) }
    }
  }

  /// Whether the texts are tokenized, as far as one can tell.
  package var isTokenized: Bool { hasUnknown || marks.apart > marks.attached }

  private mutating func add(_ token: Substring.UTF8View) {
    if token.elementsEqual(Vocabulary.unknownWord.utf8) { hasUnknown = true }
    guard let last = token.last, Self.punctuation.contains(last) else { return }
    if token.count == 1 { marks.apart += 1 } else { marks.attached += 1 }
  }

  private static let punctuation = Array(".,;:!?".utf8)
}
