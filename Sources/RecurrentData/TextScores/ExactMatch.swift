/// How many outputs equal one of their references, up to the white space between words.
public struct ExactMatch: Sendable, Hashable {
  /// Whether sentences are converted to lower case.
  public let lowercases: Bool
  /// The number of outputs that equal a reference.
  public private(set) var matches = 0
  /// The number of outputs.
  public private(set) var count = 0

  /// The fraction of no sentences yet.
  public init(lowercases: Bool = false) { self.lowercases = lowercases }

  /// Adds an output.
  /// - Parameters:
  ///   - output: The output.
  ///   - references: One or more references, such as all pronunciations of a word.
  public mutating func add(_ output: String, references: [String]) {
    let output = output.scoredWords(lowercases: lowercases)
    let isMatch = references.contains { reference in
      let words = reference.scoredWords(lowercases: lowercases)
      return words.elementsEqual(output) { $0.utf8.elementsEqual($1.utf8) }
    }
    count += 1
    matches += isMatch ? 1 : 0
  }

  /// The fraction of outputs that equal a reference, `0 ... 1`; NaN without an output.
  public var value: Double { Double(matches) / Double(count) }

  /// The fraction of outputs that equal no reference: the *word error rate* of grapheme-to-phoneme conversion, where an
  /// output is the phonemes of a word (Yao and Zweig 2015).
  public var errorRate: Double { 1 - value }
}
