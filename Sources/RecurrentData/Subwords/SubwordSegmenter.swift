import RecurrentCore

/// Splits words into subwords, and joins them again. The subwords of each word are kept, since most words are frequent.
public struct SubwordSegmenter: Sendable {
  /// The merges.
  public let encoding: BytePairEncoding

  /// The subwords that may result; nil for all.
  private let vocabulary: WordTable?
  private var words = WordTable()
  /// The subwords of each of `words`.
  private var subwords: [[String]] = []

  /// A segmenter.
  /// - Parameters:
  ///   - encoding: The merges.
  ///   - vocabulary: The subwords that may result, with `@@` within a word; nil for all. Another subword is split again, by
  ///     the merges that led to it, as far as possible: subwords that only the other language has, if merges were learned
  ///     from both.
  public init(_ encoding: BytePairEncoding, vocabulary: Set<String>? = nil) {
    self.encoding = encoding
    self.vocabulary = vocabulary.map { subwords in
      var table = WordTable()
      for var subword in subwords { _ = subword.withUTF8 { table.insert($0) } }
      return table
    }
  }

  /// The subwords of a word; those before the last have the suffix `@@`.
  public mutating func subwords(of word: String) -> [String] {
    var word = word
    let known: Int32? = word.withUTF8 { words.number(of: $0) }
    if let known { return subwords[Int(known)] }
    let found = split(word) { false }
    _ = word.withUTF8 { words.insert($0) }
    subwords.append(found)
    return found
  }

  /// The subwords of a word by only some of the merges, BPE-dropout (Provilkov, Emelianenko and Voita 2020): at each step
  /// each merge that applies is left out with a probability.
  /// - Parameters:
  ///   - word: The word.
  ///   - dropout: The probability, `0 ... 1`; 1 results in characters.
  ///   - random: The source of the draws, one per pair that has a merge and step.
  public func subwords(of word: String, dropout: Double, from random: inout RandomSource) -> [String] {
    split(word) { dropout > 0 && random.uniform() < dropout }
  }

  /// The subwords of a line, whose words are separated by spaces.
  public mutating func segment(_ line: String) -> String {
    line.spacedWords.flatMap { subwords(of: String($0)) }.joined(separator: " ")
  }

  /// The words of subwords. An `@@` behind the last one is removed.
  public static func joined(_ subwords: some Sequence<String>) -> [String] {
    var words: [String] = []
    var isInner = false
    for subword in subwords {
      let (text, endsWord) = BytePairEncoding.parts(of: subword)
      if isInner { words[words.count - 1] += text } else { words.append(text) }
      isInner = !endsWord
    }
    return words
  }

  private func split(_ word: String, drops: () -> Bool) -> [String] {
    var word = word
    return word.withUTF8 { bytes in
      let symbols = encoding.symbols(of: bytes, drops: drops).flatMap { allowed($0, in: bytes) }
      return symbols.map { String(decoding: subword($0, of: bytes), as: UTF8.self) }
    }
  }

  /// The bytes of a symbol, with `@@` before the end of the word.
  private func subword(_ symbol: BytePairEncoding.Symbol, of word: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    word[symbol.bytes] + (symbol.bytes.upperBound < word.count ? Array(BytePairEncoding.separator.utf8) : [])
  }

  /// A symbol that is in the vocabulary, or its parts.
  private func allowed(
    _ symbol: BytePairEncoding.Symbol, in word: UnsafeBufferPointer<UInt8>
  ) -> [BytePairEncoding.Symbol] {
    guard let vocabulary, subword(symbol, of: word).withUnsafeBufferPointer(vocabulary.number) == nil,
      let parts = encoding.parts(of: symbol)
    else { return [symbol] }
    return allowed(parts.first, in: word) + allowed(parts.second, in: word)
  }
}

extension String {
  /// The parts between spaces and line ends. Tabs and other white space are part of words, as in subword-nmt.
  var spacedWords: [Substring] { utf8.split { $0 == .blank || $0.endsLine }.map { Substring($0) } }
}
