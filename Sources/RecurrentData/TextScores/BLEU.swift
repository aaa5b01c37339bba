import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// BLEU of a corpus (Papineni et al. 2002), as sacrebleu counts it (Post 2018): the geometric mean of the precisions of 1- to
/// 4-grams of tokens, times a penalty if the translations are shorter than their references.
/// ```swift
/// var bleu = BLEU(lowercases: true)
/// for (translation, pair) in zip(translations, pairs) { bleu.add(translation, references: [pair.target]) }
/// print(bleu.value, bleu.signature)  // 38.37 nrefs:1|case:lc|eff:no|tok:13a|smooth:exp
/// ```
public struct BLEU: Sendable, Hashable {
  /// The longest n-grams.
  private static let order = 4

  /// What counts for a precision that is 0.
  public enum Smoothing: String, Sendable, Hashable, Codable, CaseIterable {
    /// Of the first such precision, half an n-gram that matches, of the next a quarter, and so on (NIST).
    case exponential = "exp"
    /// Nothing: the score is 0.
    case none
  }

  /// How sentences are split into tokens.
  public let tokenization: BLEUTokenization
  /// Whether sentences are converted to lower case.
  public let lowercases: Bool
  /// What counts for a precision that is 0.
  public let smoothing: Smoothing

  /// The number of tokens of the translations.
  public private(set) var translationLength = 0
  /// The number of tokens of the references: of several, the one whose length is closest to the translation's.
  public private(set) var referenceLength = 0
  /// Of the n-grams of each length, how many the translations have, and how many of them are in a reference.
  private var (totals, matches) = ([Int](repeating: 0, count: order), [Int](repeating: 0, count: order))
  private var references = ReferenceCount()

  /// The score of no sentences yet.
  public init(
    tokenization: BLEUTokenization = .v13a, lowercases: Bool = false, smoothing: Smoothing = .exponential
  ) {
    self.tokenization = tokenization
    self.lowercases = lowercases
    self.smoothing = smoothing
  }

  /// Adds a sentence.
  /// - Parameters:
  ///   - translation: The translation.
  ///   - references: One or more reference translations.
  public mutating func add(_ translation: String, references: [String]) {
    var words = WordIndices()
    func tokens(of sentence: String) -> [Int32] {
      words.indices(of: tokenization.tokens(of: lowercases ? sentence.inLowerCase() : sentence))
    }
    let translation = tokens(of: translation)
    let all = references.map(tokens)
    self.references.add(references.count)
    translationLength += translation.count
    referenceLength +=
      all.map(\.count).min { a, b in
        let (first, second) = ((a - translation.count).magnitude, (b - translation.count).magnitude)
        return (first, a) < (second, b)
      } ?? 0
    var counts: [SIMD4<Int32>: Int] = [:]
    for reference in all {
      var own: [SIMD4<Int32>: Int] = [:]
      Self.forEachNgram(of: reference) { ngram, _ in own[ngram, default: 0] += 1 }
      counts.merge(own, uniquingKeysWith: max)
    }
    Self.forEachNgram(of: translation) { ngram, length in
      totals[length - 1] += 1
      guard let left = counts[ngram], left > 0 else { return }
      counts[ngram] = left - 1
      matches[length - 1] += 1
    }
  }

  /// Calls a body with each n-gram, filled with -1, and its length.
  private static func forEachNgram(of tokens: [Int32], _ body: (SIMD4<Int32>, Int) -> Void) {
    for start in tokens.indices {
      var ngram = SIMD4<Int32>(repeating: -1)
      for length in 1...min(order, tokens.count - start) {
        ngram[length - 1] = tokens[start + length - 1]
        body(ngram, length)
      }
    }
  }

  /// The score, `0 ... 100`; NaN without a sentence.
  public var value: Double {
    guard references != ReferenceCount() else { return .nan }
    guard matches.contains(where: { $0 > 0 }) else { return 0 }
    let logarithms = precisions.map { $0 > 0 ? log($0) : -.infinity }
    return brevityPenalty * exp(logarithms.reduce(0, +) / Double(Self.order))
  }

  /// The precisions of 1- to 4-grams in percent, smoothed; all 0 if no token is in a reference.
  public var precisions: [Double] {
    guard matches.contains(where: { $0 > 0 }) else { return matches.map { _ in 0 } }
    var divisor = 1.0
    return zip(matches, totals).map { matches, total in
      guard total > 0 else { return 0 }
      guard matches == 0 else { return 100 * Double(matches) / Double(total) }
      divisor *= 2
      return smoothing == .exponential ? 100 / (divisor * Double(total)) : 0
    }
  }

  /// The factor for translations that are too short, `0 ... 1`.
  public var brevityPenalty: Double {
    guard translationLength < referenceLength else { return 1 }
    return translationLength == 0 ? 0 : exp(1 - Double(referenceLength) / Double(translationLength))
  }

  /// What the score was counted with, as sacrebleu writes it, without its version.
  public var signature: String {
    "\(references.signature)|case:\(lowercases ? "lc" : "mixed")|eff:no|tok:\(tokenization.rawValue)|smooth:\(smoothing.rawValue)"
  }
}

extension BLEU: CustomStringConvertible {
  /// The score and its parts: `BLEU = 38.37 70.1/45.0/31.2/22.1 (BP = 0.990 ratio = 0.990 hyp_len = 12987 ref_len = 13116)`.
  public var description: String {
    let ratio = referenceLength > 0 ? Double(translationLength) / Double(referenceLength) : 0
    return "BLEU = \(value.text(2)) \(precisions.map { $0.text(1) }.joined(separator: "/")) "
      + "(BP = \(brevityPenalty.text(3)) ratio = \(ratio.text(3)) hyp_len = \(translationLength) "
      + "ref_len = \(referenceLength))"
  }
}
