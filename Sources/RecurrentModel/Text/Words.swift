/// The words of a text: runs of letters, digits, and of the apostrophes and hyphens within them; every other mark, and
/// every line break, by itself. Blanks only part words.
struct Words: Sequence {
  private let text: Substring

  init(_ text: String) { self.text = text[...] }

  func makeIterator() -> Iterator { Iterator(rest: text.unicodeScalars) }

  struct Iterator: IteratorProtocol {
    var rest: Substring.UnicodeScalarView

    mutating func next() -> Substring? {
      rest = rest.drop { $0.properties.isWhitespace && $0 != "\n" }
      guard let first = rest.first else { return nil }
      var end = rest.index(after: rest.startIndex)
      if first.isPartOfWord {
        while end < rest.endIndex, rest[end].isPartOfWord || isJoint(at: end) { end = rest.index(after: end) }
      }
      defer { rest = rest[end...] }
      return Substring(rest[..<end])
    }

    /// Whether an apostrophe or a hyphen stands before another letter.
    private func isJoint(at index: Substring.UnicodeScalarView.Index) -> Bool {
      guard rest[index] == "'" || rest[index] == "’" || rest[index] == "-" else { return false }
      let after = rest.index(after: index)
      return after < rest.endIndex && rest[after].isPartOfWord
    }
  }
}

extension Unicode.Scalar {
  fileprivate var isPartOfWord: Bool {
    properties.isAlphabetic || properties.numericType != nil || properties.generalCategory == .nonspacingMark
      || self == "_"
  }
}
