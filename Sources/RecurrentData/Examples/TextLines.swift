import RecurrentCore

/// The lines of a text, each with its number from 1 and its bytes. Lines end with `\n`, `\r\n` or `\r`, which may be
/// mixed; the last line end is optional.
struct TextLines: Sequence {
  let bytes: [UInt8]

  init(_ text: String) { self.init(bytes: Array(text.utf8)) }

  init(bytes: [UInt8]) { self.bytes = bytes }

  func makeIterator() -> Iterator { Iterator(bytes: bytes) }

  struct Iterator: IteratorProtocol {
    let bytes: [UInt8]
    private var place = 0
    private var number = 0

    fileprivate init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() -> (number: Int, bytes: ArraySlice<UInt8>)? {
      guard place < bytes.count else { return nil }
      let start = place
      while place < bytes.count, !bytes[place].endsLine { place += 1 }
      let end = place
      place += bytes.lengthOfLineEnd(at: place)
      number += 1
      return (number, bytes[start..<end])
    }
  }
}

extension UInt8 {
  static let tab = UInt8(ascii: "\t")
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let blank = UInt8(ascii: " ")

  /// Whether the byte ends a line.
  var endsLine: Bool { self == .lineFeed || self == .carriageReturn }
  var isBlankOrTab: Bool { self == .blank || self == .tab }
}

extension [UInt8] {
  /// The number of bytes of the line end at a position: 0 at the end of the text.
  func lengthOfLineEnd(at place: Int) -> Int {
    guard place < count else { return 0 }
    return self[place] == .carriageReturn && place + 1 < count && self[place + 1] == .lineFeed ? 2 : 1
  }
}

extension String {
  /// The text of an example: `\n` as line ends, trimmed of white space.
  package init(example text: String) { self.init(example: Array(text.utf8)[...]) }

  /// The text of an example: `\n` as line ends, trimmed of white space.
  init(example bytes: ArraySlice<UInt8>) {
    var bytes = bytes
    if bytes.contains(.carriageReturn) {
      var lines: [UInt8] = []
      for line in TextLines(bytes: Array(bytes)) { lines += line.bytes + [.lineFeed] }
      bytes = lines[...]
    }
    let text = String(decoding: bytes, as: UTF8.self)
    let scalars = text.unicodeScalars
    // Unicode properties are only looked up at the ends.
    let start = scalars.firstIndex { !$0.properties.isWhitespace } ?? scalars.endIndex
    let last = scalars.lastIndex { !$0.properties.isWhitespace }
    let end = last.map { scalars.index(after: $0) } ?? scalars.endIndex
    let isWhole = start == scalars.startIndex && end == scalars.endIndex
    self = isWhole ? text : String(scalars[start..<end])
  }
}
