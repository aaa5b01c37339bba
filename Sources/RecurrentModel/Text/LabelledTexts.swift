import RecurrentCore

/// Texts as tokens, each with its class: what a classifier is trained on and measured by.
public struct LabelledTexts: Sendable {
  /// The tokens of each text that are read.
  public let tokens: [[Int32]]
  /// The class of each, from 0; −1 where it is not known.
  public let classes: [Int32]
  /// How they become a batch.
  public let padding: SequencePadding

  /// Texts as a classifier reads them.
  /// - Parameter labels: The classes' names; of one that is there twice the first place counts.
  /// - Throws: `RecurrentError.invalidData` that names the text: of a label that is none of the model's, of a character that is
  ///   not in the vocabulary, of a text without a token.
  public init(_ examples: [TextExample], vocabulary: Vocabulary, labels: [String], padding: SequencePadding) throws {
    let numbers = Dictionary(zip(labels, Int32(0)...), uniquingKeysWith: { first, _ in first })
    var tokens: [[Int32]] = []
    tokens.reserveCapacity(examples.count)
    classes = try examples.map { example in
      let encoded = try vocabulary.encode(example.text, from: example.place)
      guard !encoded.isEmpty else {
        throw RecurrentError(
          .invalidData, "has a text without \(vocabulary.kind.rawValue)", at: example.place, remedy: "remove it")
      }
      tokens.append(Array(padding.kept(encoded)))
      guard let label = example.label else { return -1 }
      guard let number = numbers[label] else {
        throw RecurrentError(
          .invalidData, "has the label \(label.shown), which was not in the training data", at: example.place,
          remedy: "take one of \(labels.map(\.shown).listed)")
      }
      return number
    }
    self.tokens = tokens
    self.padding = padding
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
      sequences: padding.batch(places.map { tokens[$0] }, steps: steps), classes: places.map { classes[$0] })
  }
}

/// A batch of sequences with a class each, on the host. N rows.
public struct LabelledBatch: Hashable, Sendable {
  /// The tokens.
  public var sequences: SequencePadding.Batch
  /// N classes; −1 where none is known.
  public var classes: [Int32]
}

extension Classifier {
  /// Texts as this model reads them.
  /// - Throws: As `LabelledTexts`, or `RecurrentError.invalidModel` if the model has no vocabulary.
  public func texts(_ examples: [TextExample]) throws -> LabelledTexts {
    try LabelledTexts(
      examples, vocabulary: vocabulary.required(at: "Classifier"), labels: labels, padding: padding)
  }
}
