import RecurrentCore
import RecurrentData
import RecurrentModel

/// Tokenized texts with labels, for training and evaluation of a classifier.
public struct LabelledTexts: Sendable {
  /// The indices of the given texts that have tokens.
  public let indices: [Int]
  /// The tokens of each text, after truncation.
  package let tokens: [[Int32]]
  /// The characters of the words; nil if the model does not read them.
  package let characterLists: WordCharacterLists?
  /// The label of each text, from 0; −1 if it has none.
  public let classes: [Int32]
  /// The label names that are unknown to the model: `classes` numbers them after the model's. They count as misses in
  /// an evaluation, and cannot be trained on.
  public let unseen: [String]
  /// The padding of a batch.
  package let padding: SequencePadding
  /// The kind of tokens.
  package let kind: TokenKind

  /// Tokenizes texts for a classifier; texts without tokens are left out.
  /// - Parameters:
  ///   - examples: The texts, with their labels or without.
  ///   - vocabulary: The tokens.
  ///   - characters: The words' characters, if the classifier reads them, too; a model's own characters, whatever its rules make
  ///     of words.
  ///   - limit: How many characters of a word are read.
  ///   - labels: The label names; of a repeated name the first index is used.
  ///   - padding: How texts are cut and become a batch.
  /// - Throws: `RecurrentError.invalidData` that names the text: of a word or a character that is not in a vocabulary without an
  ///   unknown symbol. `.invalidArgument` if characters are to be read and tokens are not words.
  package init(
    _ examples: [TextExample], vocabulary: Vocabulary, characters: Vocabulary? = nil, limit: Int = .max,
    labels: [String], padding: SequencePadding
  ) throws {
    var numbers = ClassNumbers(labels)
    var characterLists = characters.map { WordCharacterLists(characters: $0, limit: limit) }
    var (indices, tokens, classes): ([Int], [[Int32]], [Int32]) = ([], [], [])
    tokens.reserveCapacity(examples.count)
    for (index, example) in examples.enumerated() {
      let encoded = try vocabulary.encode(example.text, from: example.location)
      guard !encoded.isEmpty else { continue }
      indices.append(index)
      tokens.append(Array(padding.kept(encoded)))
      try characterLists?.append(vocabulary.words(of: example.text), truncatedBy: padding) { _ in example.location }
      classes.append(example.label.map { numbers.number(of: $0) } ?? -1)
    }
    (self.indices, self.classes, unseen) = (indices, classes, numbers.unseen)
    self.tokens = tokens
    self.characterLists = characterLists
    self.padding = padding
    kind = vocabulary.kind
  }

  /// The number of steps of each text: that of the batch if texts are padded at their start.
  public var lengths: [Int] {
    guard padding.padding == .start, let limit = padding.limit else { return tokens.map(\.count) }
    return tokens.map { _ in limit }
  }

  /// A batch of some of the texts. If texts are padded at their start, all batches have the same number of steps: the
  /// padding is read, and the result of a text must not depend on the others.
  /// - Parameter indices: The positions of its texts in this collection.
  public func batch(_ indices: [Int]) -> LabelledBatch {
    let steps = padding.padding == .start ? padding.limit : nil
    return LabelledBatch(
      sequences: padding.batch(indices.map { tokens[$0] }, steps: steps),
      characters: characterLists?.batch(indices, padding, steps: steps), classes: indices.map { classes[$0] })
  }
}

/// A batch of N sequences with a label each, on the host.
public struct LabelledBatch: Hashable, Sendable {
  /// The tokens.
  package var sequences: SequencePadding.Batch
  /// The characters of T·N words, empty for padding; nil if the model does not read them.
  package var characters: [[Int32]]?
  /// The N labels; −1 if unknown.
  public var classes: [Int32]

  /// The tokens `[T, N]` on the device, for this pass of the tape.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of tokens is not T·N, or a length is not in `0 ... T`.
  public func tokens(on tape: Tape) throws -> Tokens { try sequences.tokens(on: tape) }

  /// Copies their characters to the device; nil if the model does not read them.
  /// - Throws: `RecurrentError.shapeMismatch` if they are not of T·N words.
  public func characters(on tape: Tape) throws -> WordCharacters? {
    try characters.map { try tape.characters(of: $0, steps: sequences.steps, batchSize: sequences.batchSize) }
  }
}

extension Classifier {
  /// Tokenizes texts for this model.
  /// - Throws: As `LabelledTexts`, or `RecurrentError.invalidModel` if the model has no vocabulary.
  public func texts(_ examples: [TextExample]) throws -> LabelledTexts {
    try LabelledTexts(
      examples, vocabulary: vocabulary.required(at: "Classifier"), characters: characterVocabulary,
      limit: characters?.limit ?? .max, labels: labels, padding: padding)
  }
}

extension LabelledTexts: EncodedExamples {
  var fingerprint: String {
    RecurrentTasks.fingerprint(
      of: (tokens + (characterLists?.parts ?? []) + [classes, tokens.map { Int32($0.count) }]).joined())
  }

  /// The labels that are unknown to a model.
  func unseenClasses(by model: Classifier) -> UnseenClasses {
    UnseenClasses(unseen, behind: model.labels.count, in: classes)
  }
}
