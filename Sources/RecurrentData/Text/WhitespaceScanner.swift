/// A scanner of `TokenKind.whitespace`: the text between white space, unchanged, and each line end. Python:
/// `line.split() + ["<eos>"]`, except that a line that ends with `<eos>` gets no second one.
struct WhitespaceScanner: TokenScanner {
  static let mark: String? = Vocabulary.lineEndWord

  let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0
  /// The last token of the line.
  private var last = 0..<0

  init(bytes: UnsafeBufferPointer<UInt8>, rules: WordRules) { self.bytes = bytes }

  mutating func next() -> ScannedToken? {
    while place < bytes.count {
      let start = place
      let (isBlank, length) = blank(at: place)
      place += length
      guard isBlank else {
        endToken()
        last = start..<place
        return ScannedToken(range: last)
      }
      guard isLineEnd(at: start) else { continue }
      let isMarked = bytes[last].elementsEqual(Vocabulary.lineEndWord.utf8)
      last = place..<place
      if !isMarked { return ScannedToken(range: start..<place, isMark: true) }
    }
    return nil
  }

  private mutating func endToken() {
    while place < bytes.count {
      let (isBlank, length) = blank(at: place)
      if isBlank { return }
      place += length
    }
  }

  /// Whether a line ends with this byte: `\n`, or `\r` without a following `\n`.
  private func isLineEnd(at place: Int) -> Bool {
    bytes[place] == 0x0A || bytes[place] == 0x0D && (place + 1 == bytes.count || bytes[place + 1] != 0x0A)
  }

  /// Whether the scalar at an offset is white space, and its length in bytes.
  private func blank(at place: Int) -> (isBlank: Bool, length: Int) {
    let (scalar, length) = bytes.scalar(at: place)
    let isBlank =
      scalar.isASCII ? scalar == " " || (0x09...0x0D).contains(scalar.value) : scalar.properties.isWhitespace
    return (isBlank, length)
  }
}
