import RecurrentCore

/// The score of character n-grams of a corpus, chrF (Popović 2015), and with n-grams of words chrF++ (Popović 2017), as
/// sacrebleu counts them: the F-score of the mean precision and the mean recall of all lengths, in which recall counts twice
/// as much.
public struct ChrF: Sendable, Hashable {
  /// The n-grams of a length: in the translations, in the references, and in both.
  private struct Counts: Hashable {
    var (translation, reference, both) = (0, 0, 0)
  }

  /// The longest n-grams of characters.
  private static let characterOrder = 6
  /// How many times as much recall counts as precision.
  private static let beta = 2.0

  /// The longest n-grams of words: 0 for chrF, 2 for chrF++.
  public let wordOrder: Int
  /// Whether sentences are converted to lower case.
  public let lowercases: Bool

  private var counts: [Counts]
  private var references = ReferenceCount()

  /// The score of no sentences yet.
  /// - Parameters:
  ///   - includesWords: Whether single words and pairs of words count, too: chrF++.
  ///   - lowercases: Whether sentences are converted to lower case.
  public init(includesWords: Bool = false, lowercases: Bool = false) {
    wordOrder = includesWords ? 2 : 0
    self.lowercases = lowercases
    counts = [Counts](repeating: Counts(), count: Self.characterOrder + wordOrder)
  }

  /// Adds a sentence.
  /// - Parameters:
  ///   - translation: The translation.
  ///   - references: One or more reference translations, of which the one with the highest score counts.
  public mutating func add(_ translation: String, references: [String]) {
    var words = WordIndices()
    func symbols(of sentence: String) -> Symbols {
      let parts = sentence.scoredWords(lowercases: lowercases)
      return Symbols(
        characters: parts.flatMap { $0.unicodeScalars.map(\.value) },
        words: wordOrder > 0 ? words.indices(of: parts.flatMap(Self.withoutPunctuation)) : [])
    }
    let translation = symbols(of: translation)
    self.references.add(references.count)
    var best: (counts: [Counts], value: Double)?
    for reference in references {
      let counts = counts(of: translation, in: symbols(of: reference))
      let value = Self.value(of: counts)
      if value > best?.value ?? -1 { best = (counts, value) }
    }
    for (index, sum) in (best?.counts ?? []).enumerated() {
      counts[index].translation += sum.translation
      counts[index].reference += sum.reference
      counts[index].both += sum.both
    }
  }

  /// The score, `0 ... 100`; NaN without a sentence.
  public var value: Double { references == ReferenceCount() ? .nan : Self.value(of: counts) }

  /// The name of the score: `chrF2` or `chrF2++`.
  public var name: String { "chrF2" + String(repeating: "+", count: wordOrder) }

  /// What the score was counted with, as sacrebleu writes it, without its version.
  public var signature: String {
    "\(references.signature)|case:\(lowercases ? "lc" : "mixed")|eff:yes|nc:\(Self.characterOrder)|nw:\(wordOrder)|space:no"
  }

  // MARK: N-grams

  /// A sentence as characters without white space, and as indices of words.
  private struct Symbols {
    let characters: [UInt32]
    let words: [Int32]
  }

  /// The counts of each length, of characters and then of words.
  private func counts(of translation: Symbols, in reference: Symbols) -> [Counts] {
    Self.counts(of: translation.characters, in: reference.characters, order: Self.characterOrder)
      + Self.counts(
        of: translation.words.map { UInt32($0) }, in: reference.words.map { UInt32($0) }, order: wordOrder)
  }

  private static func counts(of translation: [UInt32], in reference: [UInt32], order: Int) -> [Counts] {
    var counts = [Counts](repeating: Counts(), count: order)
    var left: [SIMD2<UInt64>: Int] = [:]
    forEachNgram(of: reference, order: order) { ngram, length in
      left[ngram, default: 0] += 1
      counts[length - 1].reference += 1
    }
    forEachNgram(of: translation, order: order) { ngram, length in
      // Lengths that the reference does not have do not count.
      guard counts[length - 1].reference > 0 else { return }
      counts[length - 1].translation += 1
      guard let count = left[ngram], count > 0 else { return }
      left[ngram] = count - 1
      counts[length - 1].both += 1
    }
    return counts
  }

  /// Calls a body with each n-gram as a number, 21 bits per symbol, and its length.
  private static func forEachNgram(of symbols: [UInt32], order: Int, _ body: (SIMD2<UInt64>, Int) -> Void) {
    guard order > 0 else { return }
    for start in symbols.indices {
      var ngram = SIMD2<UInt64>()
      for length in 1...min(order, symbols.count - start) {
        let half = length > 3 ? 1 : 0
        // No symbol is 0, so that n-grams of different lengths differ.
        ngram[half] = ngram[half] << 21 | UInt64(symbols[start + length - 1] + 1)
        body(ngram, length)
      }
    }
  }

  /// A word without a punctuation mark at its end, or else at its start, and that mark.
  private static func withoutPunctuation(_ word: Substring) -> [Substring] {
    let scalars = word.unicodeScalars
    guard scalars.count > 1, let first = scalars.first, let last = scalars.last else { return [word] }
    if last.isASCIIPunctuation { return [Substring(scalars.dropLast()), Substring(scalars.suffix(1))] }
    return first.isASCIIPunctuation ? [Substring(scalars.prefix(1)), Substring(scalars.dropFirst())] : [word]
  }

  /// The F-score in percent.
  private static func value(of counts: [Counts]) -> Double {
    let counted = counts.filter { $0.translation > 0 && $0.reference > 0 }
    guard !counted.isEmpty else { return 0 }
    let precision = counted.reduce(0) { $0 + Double($1.both) / Double($1.translation) } / Double(counted.count)
    let recall = counted.reduce(0) { $0 + Double($1.both) / Double($1.reference) } / Double(counted.count)
    guard precision + recall > 0 else { return 0 }
    let factor = beta * beta
    return 100 * ((1 + factor) * precision * recall / (factor * precision + recall))
  }
}

extension ChrF: CustomStringConvertible {
  /// The name and the score: `chrF2 = 58.12`.
  public var description: String { "\(name) = \(value.text(2))" }
}

extension Unicode.Scalar {
  /// Whether it is a punctuation mark or symbol of ASCII. Python: `string.punctuation`.
  fileprivate var isASCIIPunctuation: Bool {
    switch value {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
  }
}
