/// How words are taken from a text.
public struct WordRules: Sendable, Hashable {
  /// Whether words are made lower-case.
  public var lowercases: Bool
  /// Whether each punctuation mark and line break is a word by itself, or none.
  public var keepsMarks: Bool

  /// By default words stay as they are, and marks count.
  public init(lowercases: Bool = false, keepsMarks: Bool = true) {
    self.lowercases = lowercases
    self.keepsMarks = keepsMarks
  }
}

/// The words of a text: runs of letters, digits, and of the apostrophes and hyphens within them; every other mark, with the
/// accents and variation selectors that follow it, and every line break, by itself. Blanks only part words.
enum Words {
  /// Calls a body with the bytes of each word.
  static func forEach(
    in text: String, _ rules: WordRules, _ body: (UnsafeBufferPointer<UInt8>) throws -> Void
  ) rethrows {
    var text = text
    try text.withUTF8 { bytes in
      var scanner = WordScanner(bytes: bytes)
      var lowered: [UInt8] = []
      while let (word, isMark) = scanner.next() {
        if isMark && !rules.keepsMarks { continue }
        let bytes = UnsafeBufferPointer(rebasing: bytes[word])
        if rules.lowercases && bytes.contains(where: \.mayHaveLowerCase) {
          bytes.lowercased(into: &lowered)
          try lowered.withUnsafeBufferPointer(body)
        } else {
          try body(bytes)
        }
      }
    }
  }
}

extension UInt8 {
  /// Whether it is a capital letter of ASCII, or a part of a scalar that is no ASCII.
  fileprivate var mayHaveLowerCase: Bool { (0x41...0x5A).contains(self) || self >= 0x80 }
}

extension UnsafeBufferPointer<UInt8> {
  fileprivate func lowercased(into lowered: inout [UInt8]) {
    lowered.removeAll(keepingCapacity: true)
    if allSatisfy({ $0 < 0x80 }) {
      for byte in self { lowered.append((0x41...0x5A).contains(byte) ? byte + 0x20 : byte) }
    } else {
      lowered += String(decoding: self, as: UTF8.self).lowercased().utf8
    }
  }
}

/// Finds words in the bytes of a text that is UTF-8.
private struct WordScanner {
  let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0

  init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func next() -> (word: Range<Int>, isMark: Bool)? {
    while place < bytes.count {
      let start = place
      let (scalar, length) = scalar(at: place)
      place += length
      if scalar.isPartOfWord && !scalar.isAccent {
        endWord()
        return (start..<place, false)
      }
      if scalar.isBlank { continue }
      if scalar != "\n" { endMark() }
      return (start..<place, true)
    }
    return nil
  }

  private mutating func endWord() {
    while place < bytes.count {
      let (scalar, length) = scalar(at: place)
      guard scalar.isPartOfWord || scalar.isJoint && isPartOfWord(at: place + length) else { return }
      place += length
    }
  }

  private mutating func endMark() {
    while place < bytes.count {
      let (scalar, length) = scalar(at: place)
      guard scalar.isAccent else { return }
      place += length
    }
  }

  private func isPartOfWord(at place: Int) -> Bool { place < bytes.count && scalar(at: place).scalar.isPartOfWord }

  /// The scalar whose bytes begin here, and how many they are.
  private func scalar(at place: Int) -> (scalar: Unicode.Scalar, length: Int) {
    let first = bytes[place]
    if first < 0x80 { return (Unicode.Scalar(first), 1) }
    let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    var value = UInt32(first) & (0x7F >> UInt32(length))
    for next in place + 1..<place + length { value = value << 6 | UInt32(bytes[next] & 0x3F) }
    return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
  }
}

// Most texts are mostly ASCII, and the tables of Unicode take ten times as long.
extension Unicode.Scalar {
  fileprivate var isBlank: Bool {
    self != "\n" && (isASCII ? self == " " || (9...13).contains(value) : properties.isWhitespace)
  }

  /// Whether it is an apostrophe or a hyphen.
  fileprivate var isJoint: Bool { self == "'" || self == "’" || self == "-" }

  fileprivate var isPartOfWord: Bool {
    switch value {
    case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
    case 0..<0x80: false
    default: isPartOfForeignWord
    }
  }

  private var isPartOfForeignWord: Bool {
    properties.isAlphabetic || properties.numericType != nil || isAccent
  }

  /// Whether it belongs to the scalar before it and begins nothing.
  fileprivate var isAccent: Bool { value >= 0x300 && properties.generalCategory == .nonspacingMark }
}
