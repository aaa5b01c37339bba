/// The tokens of a text that has been tokenized already, as `TokenKind.whitespace` has them: what lies between white space, as it
/// is, and each line end. It is `line.split() + ["<eos>"]` in Python, but for a line that ends with `<eos>` itself: it gets no
/// second one.
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

  /// Whether a line ends with this byte: with `\n`, or with a `\r` that no `\n` follows.
  private func isLineEnd(at place: Int) -> Bool {
    bytes[place] == 0x0A || bytes[place] == 0x0D && (place + 1 == bytes.count || bytes[place + 1] != 0x0A)
  }

  /// Whether the scalar here is white space, and how many bytes it has.
  private func blank(at place: Int) -> (isBlank: Bool, length: Int) {
    let (scalar, length) = bytes.scalar(at: place)
    let isBlank =
      scalar.isASCII ? scalar == " " || (0x09...0x0D).contains(scalar.value) : scalar.properties.isWhitespace
    return (isBlank, length)
  }
}
