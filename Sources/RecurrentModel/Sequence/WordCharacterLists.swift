import RecurrentData

/// The characters of the words of texts, stored once per distinct word.
package struct WordCharacterLists: Sendable {
  /// The characters of each distinct word, truncated.
  package private(set) var words: [[Int32]] = []
  /// The indices of the distinct words, by text.
  package private(set) var texts: [[Int32]] = []

  private let characters: Vocabulary
  private let limit: Int
  private var numbers: [[Int32]: Int32] = [:]

  /// An empty list of texts.
  /// - Parameters:
  ///   - characters: The characters that are known.
  ///   - limit: How many characters of a word are read.
  package init(characters: Vocabulary, limit: Int) { (self.characters, self.limit) = (characters, limit) }

  /// Adds a text.
  /// - Parameters:
  ///   - words: Its words, in their original spelling.
  ///   - padding: How it is cut.
  ///   - location: The source of a word, for errors.
  /// - Throws: `RecurrentError.invalidData` if a character is unknown, and the vocabulary has no symbol for such.
  package mutating func append(
    _ words: [String], truncatedBy padding: SequencePadding = SequencePadding(), from location: (Int) -> String
  ) throws {
    var text: [Int32] = []
    text.reserveCapacity(words.count)
    for (number, word) in words.enumerated() {
      let spelled = try characters.encode(String(word.unicodeScalars.prefix(limit)), from: location(number))
      text.append(self.number(of: spelled))
    }
    texts.append(Array(padding.kept(text)))
  }

  private mutating func number(of word: [Int32]) -> Int32 {
    if let number = numbers[word] { return number }
    let number = Int32(words.count)
    numbers[word] = number
    words.append(word)
    return number
  }

  /// The characters of the T·N words of a batch of texts, time first; empty for padding.
  /// - Parameters:
  ///   - places: Which texts.
  ///   - padding: How they become a batch.
  ///   - steps: T, or nil for the longest.
  package func batch(_ places: [Int], _ padding: SequencePadding, steps: Int? = nil) -> [[Int32]] {
    padding.batch(places.map { texts[$0] }, steps: steps).tokens.map { $0 < 0 ? [] : words[Int($0)] }
  }
}
