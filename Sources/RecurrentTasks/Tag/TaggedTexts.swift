import RecurrentCore
import RecurrentData
import RecurrentModel

/// Tokenized sentences with tags, for training and evaluation of a tagger.
public struct TaggedTexts: Sendable {
  /// The indices of the given sentences that have words.
  public let indices: [Int]
  /// The words of each sentence.
  package let words: [[Int32]]
  /// The characters of the words; nil if the model does not read them.
  package let characterLists: WordCharacterLists?
  /// The tag of each word, from 0; −1 if it has none.
  public let tags: [[Int32]]
  /// The tag names that are unknown to the model: `tags` numbers them after the model's. They count as misses in an
  /// evaluation, and cannot be trained on.
  public let unseen: [String]

  /// Tokenizes sentences for a tagger; sentences without words are left out.
  /// - Parameters:
  ///   - sentences: The words, with their tags or without.
  ///   - vocabulary: The words that the model knows.
  ///   - characters: The characters, if the tagger reads them; a model's own characters, whatever its rules make of words.
  ///   - limit: How many characters of a word are read.
  ///   - labels: The tag names; of a repeated name the first index is used.
  /// - Throws: `RecurrentError.invalidData` that names the word: if there is not one tag per word, of a word or a character
  ///   that is not in a vocabulary without an unknown symbol.
  package init(
    _ sentences: [TaggedSentence], vocabulary: Vocabulary, characters: Vocabulary? = nil, limit: Int = .max,
    labels: [String]
  ) throws {
    var numbers = ClassNumbers(labels)
    indices = sentences.indices.filter { !sentences[$0].words.isEmpty }
    let sentences = indices.map { sentences[$0] }
    words = try sentences.map { try vocabulary.encode(words: $0.words, from: $0.location) }
    tags = try sentences.map { sentence in
      guard !sentence.tags.isEmpty else { return Array(repeating: -1, count: sentence.words.count) }
      guard sentence.tags.count == sentence.words.count else {
        throw RecurrentError(
          .invalidData, "has \(sentence.words.count.counted("word")) and \(sentence.tags.count.counted("tag"))",
          at: sentence.location,
          remedy: "give a tag for each word, or no tags")
      }
      return sentence.tags.map { numbers.number(of: $0) }
    }
    unseen = numbers.unseen
    characterLists = try characters.map { characters in
      try sentences.reduce(into: WordCharacterLists(characters: characters, limit: limit)) { characterLists, sentence in
        try characterLists.append(sentence.words, from: sentence.location(ofWord:))
      }
    }
  }

  /// The number of words of each sentence.
  public var lengths: [Int] { words.map(\.count) }

  /// A batch of some of the sentences.
  /// - Parameter indices: Which.
  public func batch(_ indices: [Int]) -> TaggedBatch {
    let padding = SequencePadding()
    return TaggedBatch(
      words: padding.batch(indices.map { words[$0] }), characters: characterLists?.batch(indices, padding),
      tags: padding.batch(indices.map { tags[$0] }).tokens)
  }
}

/// A batch of sentences, on the host. T steps, N rows, time first.
public struct TaggedBatch: Hashable, Sendable {
  /// The words.
  package var words: SequencePadding.Batch
  /// The characters of T·N words, empty for padding; nil if the model does not read them.
  package var characters: [[Int32]]?
  /// The T·N tags; −1 if unknown.
  public var tags: [Int32]

  /// The words `[T, N]` on the device, for this pass of the tape.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of words is not T·N, or a length is not in `0 ... T`.
  public func words(on tape: Tape) throws -> Tokens { try words.tokens(on: tape) }

  /// Copies their characters to the device; nil if the model does not read them.
  /// - Throws: `RecurrentError.shapeMismatch` if they are not of T·N words.
  public func characters(on tape: Tape) throws -> WordCharacters? {
    try characters.map { try tape.characters(of: $0, steps: words.steps, batchSize: words.batchSize) }
  }

  /// The tags of a row's words.
  func tags(ofRow row: Int) -> [Int32] {
    (0..<Int(words.lengths?[row] ?? Int32(words.steps))).map { tags[$0 * words.batchSize + row] }
  }
}

extension Tagger {
  /// Tokenizes sentences for this model.
  /// - Throws: As `TaggedTexts`, or `RecurrentError.invalidModel` if the model has no vocabulary.
  public func texts(_ sentences: [TaggedSentence]) throws -> TaggedTexts {
    try TaggedTexts(
      sentences, vocabulary: vocabulary.required(at: "Tagger"), characters: characterVocabulary,
      limit: characters?.limit ?? .max, labels: labels)
  }
}

extension TaggedTexts: EncodedExamples {
  var fingerprint: String {
    RecurrentTasks.fingerprint(
      of: (words + (characterLists?.parts ?? []) + tags + [words.map { Int32($0.count) }]).joined())
  }

  /// The tags that are unknown to a model.
  func unseenClasses(by model: Tagger) -> UnseenClasses {
    UnseenClasses(unseen, behind: model.labels.count, in: tags.joined())
  }
}
