import RecurrentCore
import RecurrentModel

/// Precision, recall and F1 of entities, counted like `conlleval` of the CoNLL shared tasks (Tjong Kim Sang and
/// Buchholz 2000): an entity is correct if its type and all its words match.
///
/// These are also the counts of seqeval's `classification_report`; with `isStrict`, those of `mode="strict"`.
public struct EntityScores: Hashable, Sendable {
  /// Counts of entities.
  public struct Score: Hashable, Sendable {
    /// The number of entities in the data.
    public var expected = 0
    /// The number of predicted entities.
    public var found = 0
    /// The number of correctly predicted entities.
    public var correct = 0

    /// The fraction of predicted entities that are correct; 0 without predictions.
    public var precision: Double { found == 0 ? 0 : Double(correct) / Double(found) }
    /// The fraction of entities in the data that were predicted; 0 without entities.
    public var recall: Double { expected == 0 ? 0 : Double(correct) / Double(expected) }
    /// The harmonic mean of precision and recall.
    public var f1: Double { precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall) }
  }

  /// The number of words.
  public private(set) var words = 0
  /// The number of words whose tag was predicted correctly.
  public private(set) var correctWords = 0
  /// The counts by type.
  public private(set) var types: [String: Score] = [:]

  /// The number of entities in the data that are not well-formed in the scheme; ignored if `isStrict`.
  package private(set) var illFormedExpected = 0
  /// The number of predicted entities that are not well-formed in the scheme; ignored if `isStrict`.
  package private(set) var illFormedFound = 0

  /// The scheme of the tags; nil for any.
  package let scheme: EntityScheme?
  /// Whether only entities that are well-formed in the scheme are counted.
  package let isStrict: Bool

  /// Scores without sentences.
  /// - Parameters:
  ///   - scheme: The scheme of the tags; nil for any.
  ///   - isStrict: Whether only entities that are well-formed in it are counted.
  public init(scheme: EntityScheme? = nil, isStrict: Bool = false) {
    self.scheme = scheme
    self.isStrict = isStrict
  }

  /// Adds a sentence.
  /// - Throws: `RecurrentError.shapeMismatch` unless there is one prediction per word.
  public mutating func add(expected: [String], predicted: [String]) throws {
    guard expected.count == predicted.count else {
      throw RecurrentError(
        .shapeMismatch, "\(predicted.count) tags for a sentence of \(expected.count) words", at: "entity scores",
        remedy: "give one tag per word")
    }
    words += expected.count
    correctWords += zip(expected, predicted).count { $0 == $1 }
    let there = entities(of: expected, illFormed: &illFormedExpected)
    let found = entities(of: predicted, illFormed: &illFormedFound)
    for entity in there { types[entity.type, default: Score()].expected += 1 }
    for entity in found { types[entity.type, default: Score()].found += 1 }
    for entity in Set(there).intersection(found) { types[entity.type, default: Score()].correct += 1 }
  }

  /// The entities of a sentence that are counted.
  private func entities(of tags: [String], illFormed: inout Int) -> [Entity] {
    let tags = tags.map(EntityTag.init)
    let all = Entity.of(tags)
    guard let scheme else { return all }
    let wellFormed = all.filter { scheme.isWellFormed($0, in: tags) }
    illFormed += all.count - wellFormed.count
    return isStrict ? wellFormed : all
  }

  /// The fraction of words whose tag was predicted correctly; 0 without words.
  public var accuracy: Double { words == 0 ? 0 : Double(correctWords) / Double(words) }

  /// The counts of all types together.
  public var overall: Score {
    types.values.reduce(Score()) {
      Score(expected: $0.expected + $1.expected, found: $0.found + $1.found, correct: $0.correct + $1.correct)
    }
  }

  /// The output of `conlleval`.
  public var report: String {
    let all = overall
    let lines = types.sorted { $0.key < $1.key }.map { type, score in
      type.leading(to: 17) + ": " + Self.line(score) + "  \(score.found)"
    }
    let head =
      "processed \(words) tokens with \(all.expected) phrases; found: \(all.found) phrases; correct: \(all.correct).\n"
    guard words > 0 else { return head }
    return head + "accuracy: \(Self.percent(correctWords, words)); "
      + ([Self.line(all)] + lines).joined(separator: "\n") + "\n"
  }

  private static func line(_ score: Score) -> String {
    let (precision, recall) = (percentage(score.correct, score.found), percentage(score.correct, score.expected))
    let f1 = precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall)
    return "precision: \(percent(score.correct, score.found)); recall: \(percent(score.correct, score.expected)); FB1: "
      + f1.printed.leading(to: 6)
  }

  private static func percent(_ part: Int, _ whole: Int) -> String {
    percentage(part, whole).printed.leading(to: 6) + "%"
  }

  private static func percentage(_ part: Int, _ whole: Int) -> Double {
    whole == 0 ? 0 : 100 * Double(part) / Double(whole)
  }
}

extension Double {
  /// A number from 0 to 100 as C's `printf("%.2f")` prints it: rounded from its exact value, ties to even (15.625 for 5
  /// of 32).
  fileprivate var printed: String {
    let product = self * 100
    let lost = (-product).addingProduct(self, 100)
    let below = product.rounded(.down)
    var hundredths = product.rounded(.toNearestOrEven)
    if product - below == 0.5, lost != 0 { hundredths = lost > 0 ? below + 1 : below }
    return (hundredths / 100).text(2)
  }
}
