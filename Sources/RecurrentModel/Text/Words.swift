/// The words of a text: runs of letters, digits, and of the apostrophes and hyphens within them; every other mark, and
/// every line break, by itself. Blanks only part words.
struct Words: Sequence {
  private let text: Substring

  init(_ text: String) { self.text = text[...] }

  func makeIterator() -> Iterator { Iterator(rest: text.unicodeScalars) }

  struct Iterator: IteratorProtocol {
    var rest: Substring.UnicodeScalarView

    mutating func next() -> Substring? {
      rest = rest.drop { $0.isBlank }
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

// Most texts are mostly ASCII, and the tables of Unicode take ten times as long.
extension Unicode.Scalar {
  fileprivate var isBlank: Bool {
    self != "\n" && (isASCII ? self == " " || (9...13).contains(value) : properties.isWhitespace)
  }

  fileprivate var isPartOfWord: Bool {
    switch value {
    case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
    case 0..<0x80: false
    default: isPartOfForeignWord
    }
  }

  private var isPartOfForeignWord: Bool {
    properties.isAlphabetic || properties.numericType != nil || properties.generalCategory == .nonspacingMark
  }
}
