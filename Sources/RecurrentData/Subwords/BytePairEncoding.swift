import RecurrentCore

/// Byte-pair encoding: splits words into subwords by merges that are learned from a text (Sennrich, Haddow and Birch 2016).
///
/// A word starts as its Unicode scalars, of which the last has the suffix `</w>`. Of the pairs of neighbors that have a
/// merge, the one with the earliest merge is replaced everywhere in the word, until none is left. Merges, subwords and files
/// are those of subword-nmt, version 0.2.
/// ```swift
/// let encoding = try BytePairEncoding(learning: 8_000, from: lines)
/// var segmenter = SubwordSegmenter(encoding)
/// segmenter.segment("eine Lokomotive")  // "eine Loko@@ mo@@ tive"
/// ```
public struct BytePairEncoding: Sendable, Hashable {
  /// Two neighboring symbols that become one.
  public struct Merge: Sendable, Hashable {
    /// The first symbol.
    public let first: String
    /// The second symbol; ends with `</w>` at the end of a word.
    public let second: String

    /// A merge of two symbols.
    public init(first: String, second: String) { (self.first, self.second) = (first, second) }
  }

  /// A merge by the indices of its symbols.
  private struct Rule: Hashable {
    let rank: Int
    let result: Int32
  }

  /// A part of a word: its bytes, without `</w>`, and the index of the symbol; -1 if no merge has it.
  struct Symbol {
    var index: Int32
    var bytes: Range<Int>
  }

  /// The suffix of subwords that do not end their word.
  public static let separator = "@@"
  /// The end of a word, in symbols.
  static let wordEnd = Array("</w>".utf8)

  /// The merges, the first to apply first.
  public let merges: [Merge]

  private var symbols = WordTable()
  /// The number of bytes of each symbol, without `</w>`.
  private var lengths: [Int] = []
  /// The rules by the indices of their symbols; of a repeated merge, the first.
  private var rules: [UInt64: Rule] = [:]
  /// The symbols whose merge results in each symbol, of several the earliest.
  private var parts: [Int32: SIMD2<Int32>] = [:]

  /// An encoding with these merges.
  public init(merges: [Merge]) {
    self.merges = merges
    for (rank, merge) in merges.enumerated() {
      let (first, second) = (index(of: merge.first), index(of: merge.second))
      let rule = Rule(rank: rank, result: index(of: merge.first + merge.second))
      if rules[Self.key(first, second)] == nil { rules[Self.key(first, second)] = rule }
      if parts[rule.result] == nil { parts[rule.result] = [first, second] }
    }
  }

  private mutating func index(of symbol: String) -> Int32 {
    var symbol = symbol
    return symbol.withUTF8 { bytes in
      let index = symbols.insert(bytes)
      if Int(index) == lengths.count {
        let endsWord = bytes.suffix(Self.wordEnd.count).elementsEqual(Self.wordEnd)
        lengths.append(bytes.count - (endsWord ? Self.wordEnd.count : 0))
      }
      return index
    }
  }

  static func key(_ first: Int32, _ second: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: first)) << 32 | UInt64(UInt32(bitPattern: second))
  }

  // MARK: Splitting words

  /// The subwords of a word.
  /// - Parameters:
  ///   - word: The word, as UTF-8.
  ///   - drops: Whether a merge that applies is left out this time.
  func symbols(of word: UnsafeBufferPointer<UInt8>, drops: () -> Bool) -> [Symbol] {
    var parts = scalars(of: word)
    while parts.count > 1 {
      let found = zip(parts, parts.dropFirst()).map { first, second in
        rules[Self.key(first.index, second.index)].flatMap { drops() ? nil : $0 }
      }
      guard let best = found.lazy.compactMap(\.self).min(by: { $0.rank < $1.rank }) else { break }
      var merged: [Symbol] = []
      var position = 0
      while position < parts.count {
        let isMerged = position < found.count && found[position] == best
        let bytes = parts[position].bytes.lowerBound..<parts[position + (isMerged ? 1 : 0)].bytes.upperBound
        merged.append(Symbol(index: isMerged ? best.result : parts[position].index, bytes: bytes))
        position += isMerged ? 2 : 1
      }
      parts = merged
    }
    return parts
  }

  private func scalars(of word: UnsafeBufferPointer<UInt8>) -> [Symbol] {
    var parts: [Symbol] = []
    var start = 0
    while start < word.count {
      let end = start + word.scalar(at: start).length
      let bytes = UnsafeBufferPointer(rebasing: word[start..<end])
      let index =
        end < word.count ? symbols.number(of: bytes) : (bytes + Self.wordEnd).withUnsafeBufferPointer(symbols.number)
      parts.append(Symbol(index: index ?? -1, bytes: start..<end))
      start = end
    }
    return parts
  }

  /// The symbols whose merge results in a symbol; nil for a scalar.
  func parts(of symbol: Symbol) -> (first: Symbol, second: Symbol)? {
    guard let parts = parts[symbol.index] else { return nil }
    let middle = symbol.bytes.lowerBound + lengths[Int(parts[0])]
    return (
      Symbol(index: parts[0], bytes: symbol.bytes.lowerBound..<middle),
      Symbol(index: parts[1], bytes: middle..<symbol.bytes.upperBound)
    )
  }

  // MARK: Vocabularies

  /// Whether a merge applies to one of some words.
  package func merges(anyOf words: some Sequence<String>) -> Bool {
    words.contains { word in
      var word = word
      return word.withUTF8 { symbols(of: $0) { false }.count < scalars(of: $0).count }
    }
  }

  /// The results of the merges as subwords, with `@@` within a word.
  var results: [String] {
    merges.map { merge in
      let symbol = Array((merge.first + merge.second).utf8)
      let endsWord = symbol.suffix(Self.wordEnd.count).elementsEqual(Self.wordEnd)
      let text = String(decoding: endsWord ? symbol.dropLast(Self.wordEnd.count) : symbol[...], as: UTF8.self)
      return endsWord ? text : text + Self.separator
    }
  }

  /// Checks that a vocabulary consists of subwords of this encoding.
  /// - Parameters:
  ///   - vocabulary: The vocabulary.
  ///   - special: Symbols of the vocabulary that are not subwords, beside the unknown one.
  ///   - location: The source of the merges, for errors.
  /// - Throws: `RecurrentError.invalidData` if a symbol of several characters is not the result of a merge.
  public func requireFit(_ vocabulary: Vocabulary, special: Set<String> = [], at location: String = "merges") throws {
    for (index, symbol) in vocabulary.symbols.enumerated() where index != vocabulary.unknown {
      guard !special.contains(symbol), !isSubword(symbol) else { continue }
      throw RecurrentError(
        .invalidData, "no merge results in the symbol \(symbol.shown) of the vocabulary", at: location,
        remedy: "use the merges that the vocabulary was made with")
    }
  }

  /// Whether text with a separator behind it, or none, is a scalar or the result of a merge.
  private func isSubword(_ text: String) -> Bool {
    let (text, endsWord) = Self.parts(of: text)
    let subword = Array(text.utf8)
    let symbol = endsWord ? subword + Self.wordEnd : subword
    let isScalar = subword.withUnsafeBufferPointer { !$0.isEmpty && $0.scalar(at: 0).length == $0.count }
    return isScalar || symbol.withUnsafeBufferPointer(symbols.number).map { parts[$0] != nil } ?? false
  }

  /// The text of a subword without its separator, and whether it has none.
  static func parts(of subword: String) -> (text: String, endsWord: Bool) {
    // By bytes: the separator may be one character with what is before it.
    let bytes = subword.utf8
    guard bytes.count > separator.utf8.count, bytes.suffix(separator.utf8.count).elementsEqual(separator.utf8) else {
      return (subword, true)
    }
    return (String(decoding: bytes.dropLast(separator.utf8.count), as: UTF8.self), false)
  }
}
