import RecurrentData
import RecurrentCore
import RecurrentModel

/// Notes about data that a model cannot read or was not trained on.

/// A note of the texts without tokens.
/// - Parameters:
///   - kept: Which of them have one.
///   - kind: The kind of tokens.
///   - consequence: The effect on texts without tokens: `left out`.
func noteOfSkipped(_ examples: [TextExample], kept: [Int], _ kind: TokenKind, _ consequence: String) -> [String] {
  let kept = Set(kept)
  let skipped = examples.indices.filter { !kept.contains($0) }
  guard !skipped.isEmpty else { return [] }
  let isOne = skipped.count == 1
  return [
    "\(skipped.count.grouped) text\(isOne ? "" : "s") without \(kind.noun) \(isOne ? "is" : "are") \(consequence): "
      + skipped.map { examples[$0].place }.listed(by: "; ") + "."
  ]
}

/// Labels of texts, or tags of words, that are unknown to the model.
struct UnseenClasses {
  /// The number of texts or words of each.
  let counts: [String: Int]
  private let names: [String]
  private let areAll: Bool

  /// - Parameters:
  ///   - names: Those that the model does not have, numbered behind its own.
  ///   - known: How many classes the model has.
  ///   - classes: The classes of all texts or words.
  init(_ names: [String], behind known: Int, in classes: some Sequence<Int32>) {
    self.names = names
    let all = names.isEmpty ? [] : classes.counts(below: known + names.count)
    counts = Dictionary(uniqueKeysWithValues: zip(names, all.dropFirst(known)))
    areAll = !all.prefix(known).contains { $0 > 0 }
  }

  /// A note of them.
  /// - Parameters:
  ///   - kind: The name of a class: `label`.
  ///   - place: Their file.
  func note(_ kind: String, _ place: String) -> [String] {
    guard !names.isEmpty else { return [] }
    let list = names.map { "\($0.shown) (\((counts[$0] ?? 0).grouped))" }.listed
    let what =
      names.count == 1
      ? "A \(kind) of \(place) was not in the training data and counts as a miss"
      : "\(names.count.grouped) \(kind)s of \(place) were not in the training data and count as misses"
    return ["\(what): \(list)" + (areAll ? "; none of its \(kind)s was: check the column." : ".")]
  }
}

extension UnseenClasses {
  init(of texts: LabelledTexts, _ model: Classifier) {
    self.init(texts.unseen, behind: model.labels.count, in: texts.classes)
  }

  init(of texts: TaggedTexts, _ model: Tagger) {
    self.init(texts.unseen, behind: model.labels.count, in: texts.tags.joined())
  }
}

/// Rejects training data with labels that are unknown to a given model.
/// - Parameters:
///   - unseen: The classes.
///   - kind: Their name: `labels`.
/// - Throws: `RecurrentError.invalidData` that names them.
func requireKnown(_ unseen: [String], _ kind: String, at place: String) throws {
  guard unseen.isEmpty else {
    throw RecurrentError(
      .invalidData, "has \(kind) that the model does not know: \(unseen.map(\.shown).listed)", at: place,
      remedy: "remove them, or train a new model without --from")
  }
}
