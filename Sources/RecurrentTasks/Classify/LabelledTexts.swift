import RecurrentData
import RecurrentCore
import RecurrentModel

/// Texts as tokens, each with its class: what a classifier is trained on and measured by.
public struct LabelledTexts: Sendable {
  /// Which of the given texts they are: those that have a token.
  package let places: [Int]
  /// The tokens of each text that are read.
  package let tokens: [[Int32]]
  /// Their characters, where tokens are words, or nil if none are read.
  package let spellings: Spellings?
  /// The class of each, from 0; −1 where none is given.
  package let classes: [Int32]
  /// The classes that the model does not have: `classes` numbers them behind the model's. They can be measured by, as misses,
  /// not trained on.
  public let unseen: [String]
  /// How they become a batch.
  package let padding: SequencePadding
  /// What a token is.
  package let kind: TokenKind

  /// Texts as a classifier reads them; those without a token are left out.
  /// - Parameters:
  ///   - examples: The texts, with their labels or without.
  ///   - vocabulary: The tokens.
  ///   - characters: The words' characters, if the classifier reads them, too; a model's own spelling, whatever its rules make
  ///     of words.
  ///   - limit: How many characters of a word are read.
  ///   - labels: The classes' names; of one that is there twice the first place counts.
  ///   - padding: How texts are cut and become a batch.
  /// - Throws: `RecurrentError.invalidData` that names the text: of a word or a character that is not in a vocabulary without an
  ///   unknown symbol. `.invalidArgument` if characters are to be read and tokens are not words.
  package init(
    _ examples: [TextExample], vocabulary: Vocabulary, characters: Vocabulary? = nil, limit: Int = .max,
    labels: [String], padding: SequencePadding
  ) throws {
    var numbers = ClassNumbers(labels)
    var spellings = characters.map { Spellings(characters: $0, limit: limit) }
    var (places, tokens, classes): ([Int], [[Int32]], [Int32]) = ([], [], [])
    tokens.reserveCapacity(examples.count)
    for (place, example) in examples.enumerated() {
      let encoded = try vocabulary.encode(example.text, from: example.place)
      guard !encoded.isEmpty else { continue }
      places.append(place)
      tokens.append(Array(padding.kept(encoded)))
      try spellings?.append(vocabulary.words(of: example.text), cutBy: padding) { _ in example.place }
      classes.append(example.label.map { numbers.number(of: $0) } ?? -1)
    }
    (self.places, self.classes, unseen) = (places, classes, numbers.unseen)
    self.tokens = tokens
    self.spellings = spellings
    self.padding = padding
    kind = vocabulary.kind
  }

  /// The steps that are read of each text: all of them, where short ones are filled at their start.
  public var lengths: [Int] {
    guard padding.fill == .start, let limit = padding.limit else { return tokens.map(\.count) }
    return tokens.map { _ in limit }
  }

  /// Some of the texts side by side. Where short ones are filled at their start, all batches have as many steps: the filling is
  /// read, and a text's result must not depend on the others.
  /// - Parameter places: Which.
  public func batch(_ places: [Int]) -> LabelledBatch {
    let steps = padding.fill == .start ? padding.limit : nil
    return LabelledBatch(
      sequences: padding.batch(places.map { tokens[$0] }, steps: steps),
      characters: spellings?.batch(places, padding, steps: steps), classes: places.map { classes[$0] })
  }
}

/// A batch of sequences with a class each, on the host. N rows.
public struct LabelledBatch: Hashable, Sendable {
  /// The tokens.
  package var sequences: SequencePadding.Batch
  /// T·N words' characters, none where a row has no word; nil if none are read.
  package var characters: [[Int32]]?
  /// N classes; −1 where none is known.
  package var classes: [Int32]

  /// The tokens `[T, N]` on the device, for this pass of the tape.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of tokens is not T·N, or a length is not in `0 ... T`.
  public func tokens(on tape: Tape) throws -> Tokens { try sequences.tokens(on: tape) }

  /// Their characters on the device, if they are read.
  /// - Throws: `RecurrentError.shapeMismatch` if they are not of T·N words.
  public func spelling(on tape: Tape) throws -> WordCharacters? {
    try characters.map { try tape.characters(of: $0, steps: sequences.steps, rows: sequences.rows) }
  }
}

extension Classifier {
  /// Texts as this model reads them.
  /// - Throws: As `LabelledTexts`, or `RecurrentError.invalidModel` if the model has no vocabulary.
  public func texts(_ examples: [TextExample]) throws -> LabelledTexts {
    try LabelledTexts(
      examples, vocabulary: vocabulary.required(at: "Classifier"), characters: characterVocabulary,
      limit: characters?.limit ?? .max, labels: labels, padding: padding)
  }
}
