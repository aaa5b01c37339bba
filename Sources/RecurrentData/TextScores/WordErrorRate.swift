/// The word error rate of a corpus, as in speech recognition: the least number of insertions, deletions and substitutions of
/// words that make the outputs their references, per word of the references. Where words are phonemes, it is the phoneme
/// error rate. PyPI: `jiwer.wer`.
///
/// In grapheme-to-phoneme conversion the *word error rate* is another measure, the fraction of words with any error:
/// `ExactMatch.errorRate`.
public struct WordErrorRate: Sendable, Hashable {
  /// Whether sentences are converted to lower case.
  public let lowercases: Bool
  /// The number of insertions, deletions and substitutions.
  public private(set) var edits = 0
  /// The number of words of the references.
  public private(set) var referenceWords = 0

  /// The rate of no sentences yet.
  public init(lowercases: Bool = false) { self.lowercases = lowercases }

  /// Adds a sentence.
  /// - Parameters:
  ///   - output: The output.
  ///   - references: One or more references, of which the one with the fewest edits counts; of several, the longest.
  public mutating func add(_ output: String, references: [String]) {
    var indices = WordIndices()
    func words(of sentence: String) -> [Int32] {
      indices.indices(of: sentence.scoredWords(lowercases: lowercases))
    }
    let output = words(of: output)
    let results = references.map { reference in
      let reference = words(of: reference)
      return (edits: Self.edits(from: output, to: reference), words: reference.count)
    }
    guard let best = results.min(by: { ($0.edits, -$0.words) < ($1.edits, -$1.words) }) else { return }
    edits += best.edits
    referenceWords += best.words
  }

  /// The rate, 0 for no errors; may exceed 1. NaN without words in the references.
  public var value: Double { Double(edits) / Double(referenceWords) }

  /// The edit distance (Levenshtein 1966).
  static func edits(from output: [Int32], to reference: [Int32]) -> Int {
    // The distances of the words of the output so far to each start of the reference.
    var distances = Array(0...reference.count)
    for (position, word) in output.enumerated() {
      var diagonal = distances[0]
      distances[0] = position + 1
      for (index, other) in reference.enumerated() {
        let substituted = diagonal + (word == other ? 0 : 1)
        diagonal = distances[index + 1]
        distances[index + 1] = min(substituted, diagonal + 1, distances[index] + 1)
      }
    }
    return distances[reference.count]
  }
}
