// Words as the scores of texts count them: those of Python, whose programs define the scores.

extension Unicode.Scalar {
  /// Whether it is white space. Python: `str.isspace()`, which has four separators more than Unicode.
  var isPythonSpace: Bool { (0x1C...0x1F).contains(value) || properties.isWhitespace }
}

extension String {
  /// The parts between white space. Python: `str.split()`.
  var whitespaceWords: [Substring] {
    unicodeScalars.split(whereSeparator: \.isPythonSpace).map { Substring($0) }
  }

  /// The words of a sentence, in lower case if the score ignores case.
  func scoredWords(lowercases: Bool) -> [Substring] { (lowercases ? inLowerCase() : self).whitespaceWords }

  /// Without white space at the end. Python: `str.rstrip()`.
  var withoutTrailingSpace: String {
    let last = unicodeScalars.lastIndex { !$0.isPythonSpace }
    return last.map { String(unicodeScalars[...$0]) } ?? ""
  }
}

/// The indices of the words of a sentence and its references, which are equal if their bytes are.
struct WordIndices {
  private var table = WordTable()

  /// The indices of words.
  mutating func indices(of words: [Substring]) -> [Int32] {
    words.map { word in
      var word = word
      return word.withUTF8 { table.insert($0) }
    }
  }
}

/// How many references sentences have.
struct ReferenceCount: Sendable, Hashable {
  private var counts: Set<Int> = []

  /// Adds the number of a sentence's references.
  mutating func add(_ count: Int) { counts.insert(count) }

  /// As in signatures: `nrefs:1`, or `nrefs:var` if it varies.
  var signature: String { "nrefs:" + (counts.count == 1 ? "\(counts.first ?? 0)" : "var") }
}
