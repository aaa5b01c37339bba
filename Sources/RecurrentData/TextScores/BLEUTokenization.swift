/// How BLEU splits a sentence into tokens.
public enum BLEUTokenization: String, Sendable, Hashable, Codable, CaseIterable {
  /// That of mteval-v13a, the default of sacrebleu: punctuation and symbols of ASCII are tokens, except apostrophes, and points,
  /// commas and hyphens beside digits.
  case v13a = "13a"
  /// Each character is a token: for languages without spaces between words.
  case characters = "char"
  /// At white space, for text that is tokenized already.
  case none

  /// The tokens of a sentence.
  func tokens(of sentence: String) -> [Substring] {
    switch self {
    case .v13a: Self.spaced(sentence).whitespaceWords
    case .characters:
      sentence.unicodeScalars.indices.lazy.filter { !sentence.unicodeScalars[$0].isPythonSpace }
        .map { Substring(sentence.unicodeScalars[$0...$0]) }
    case .none: sentence.whitespaceWords
    }
  }

  private static let removed = Array("<skipped>".utf8)
  private static let brokenWord = Array("-\n".utf8)
  /// In the order of replacement: `&amp;lt;` becomes `<`.
  private static let entities = [("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")].map {
    (Array($0.utf8), Array($1.utf8))
  }

  /// A sentence with spaces around its tokens.
  private static func spaced(_ sentence: String) -> String {
    var bytes = Array(sentence.withoutTrailingSpace.utf8)
    bytes.replace(removed, with: [])
    bytes.replace(brokenWord, with: [])
    if bytes.contains(UInt8(ascii: "&")) {
      for (entity, character) in entities { bytes.replace(entity, with: character) }
    }
    bytes = [.blank] + bytes.map { $0 == .lineFeed ? .blank : $0 } + [.blank]
    bytes = bytes.flatMap { $0.isSymbol ? [.blank, $0, .blank] : [$0] }
    bytes = spaced(bytes, isBefore: false) { !$0.isDigit && $1.isPointOrComma }
    bytes = spaced(bytes, isBefore: true) { $0.isPointOrComma && !$1.isDigit }
    bytes = spaced(bytes, isBefore: false) { $0.isDigit && $1 == UInt8(ascii: "-") }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Puts a space between two bytes that fit, and before or behind both. A byte belongs to one such pair at most.
  private static func spaced(_ bytes: [UInt8], isBefore: Bool, _ fit: (UInt8, UInt8) -> Bool) -> [UInt8] {
    var spaced: [UInt8] = []
    spaced.reserveCapacity(bytes.count + 16)
    var position = 0
    while position < bytes.count {
      guard position + 1 < bytes.count, fit(bytes[position], bytes[position + 1]) else {
        spaced.append(bytes[position])
        position += 1
        continue
      }
      if isBefore { spaced.append(.blank) }
      spaced += [bytes[position], .blank, bytes[position + 1]]
      if !isBefore { spaced.append(.blank) }
      position += 2
    }
    return spaced
  }
}

extension UInt8 {
  fileprivate var isPointOrComma: Bool { self == UInt8(ascii: ".") || self == UInt8(ascii: ",") }

  /// Whether it is a printable ASCII character that is no letter or digit, nor one of `'`, `,`, `-` and `.`.
  fileprivate var isSymbol: Bool {
    switch self {
    case 0x20...0x26, 0x28...0x2B, 0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
  }
}
