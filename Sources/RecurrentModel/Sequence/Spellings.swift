import RecurrentData

/// The characters of the words of texts, those of each distinct word once: texts have many times as many words as that.
package struct Spellings: Sendable {
  /// The characters of each distinct word that are read.
  package private(set) var words: [[Int32]] = []
  /// Which of them each text's words are.
  package private(set) var texts: [[Int32]] = []

  private let characters: Vocabulary
  private let limit: Int
  private var numbers: [[Int32]: Int32] = [:]

  /// No text yet.
  /// - Parameters:
  ///   - characters: The characters that are known.
  ///   - limit: How many characters of a word are read.
  package init(characters: Vocabulary, limit: Int) { (self.characters, self.limit) = (characters, limit) }

  /// Adds a text.
  /// - Parameters:
  ///   - words: Its words, as they are written.
  ///   - padding: How it is cut.
  ///   - place: What an error names as a word's origin.
  /// - Throws: `RecurrentError.invalidData` if a character is unknown, and the vocabulary has no symbol for such.
  package mutating func append(
    _ words: [String], cutBy padding: SequencePadding = SequencePadding(), from place: (Int) -> String
  ) throws {
    var text: [Int32] = []
    text.reserveCapacity(words.count)
    for (number, word) in words.enumerated() {
      let spelled = try characters.encode(String(word.unicodeScalars.prefix(limit)), from: place(number))
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

  /// The characters of T·N words, time first, of some of the texts side by side; none where a row has no word.
  /// - Parameters:
  ///   - places: Which texts.
  ///   - padding: How they become a batch.
  ///   - steps: T, or nil for the longest.
  package func batch(_ places: [Int], _ padding: SequencePadding, steps: Int? = nil) -> [[Int32]] {
    padding.batch(places.map { texts[$0] }, steps: steps).tokens.map { $0 < 0 ? [] : words[Int($0)] }
  }
}
