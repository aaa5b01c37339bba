import RecurrentCore
import RecurrentData
import RecurrentModel

// Notes about data that a model cannot read or was not trained on.

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
      + skipped.map { examples[$0].location }.listed(by: "; ") + "."
  ]
}

/// Classes of data that are unknown to the model.
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
  ///   - location: Their file.
  func note(_ kind: String, _ location: String) -> [String] {
    guard !names.isEmpty else { return [] }
    let list = names.map { "\($0.shown) (\((counts[$0] ?? 0).grouped))" }.listed
    let what =
      names.count == 1
      ? "A \(kind) of \(location) was not in the training data and counts as a miss"
      : "\(names.count.grouped) \(kind)s of \(location) were not in the training data and count as misses"
    return ["\(what): \(list)" + (areAll ? "; none of its \(kind)s was: check the column." : ".")]
  }
}

/// Rejects training data with classes that are unknown to a given model.
/// - Parameters:
///   - unseen: The classes.
///   - kind: Their name: `labels`.
/// - Throws: `RecurrentError.invalidData` that names them.
func requireKnown(_ unseen: [String], _ kind: String, at location: String) throws {
  guard unseen.isEmpty else {
    throw RecurrentError(
      .invalidData, "has \(kind) that the model does not know: \(unseen.map(\.shown).listed)", at: location,
      remedy: "remove them, or train a new model without --from")
  }
}

/// A note about texts with mostly unknown tokens.
/// - Parameters:
///   - texts: Their tokens.
///   - location: Their file; nil where they are a part of the training data, of which nothing is said.
func noteOfUnknown(_ texts: [some Sequence<Int32>], in vocabulary: Vocabulary?, _ location: String?) -> [String] {
  guard let location, let vocabulary else { return [] }
  let share = vocabulary.percentUnknown(of: texts)
  guard share > 50 else { return [] }
  let note =
    "\(share.text(0)) % of the \(vocabulary.kind.noun) of \(location) are unknown to the model: check the language and, "
    + "in a table, the columns."
  guard vocabulary.kind != .characters else { return [note] }
  let others = vocabulary.rules.lowercases ? "characters" : "characters, or lower-cased words,"
  return [note + " A model of \(others) has fewer unknown tokens."]
}

extension Vocabulary {
  /// The percentage of unknown tokens in texts; 0 if there are no tokens.
  func percentUnknown(of texts: [some Sequence<Int32>]) -> Double {
    guard let symbol = unknown else { return 0 }
    let (all, unknown) = texts.joined().reduce(into: (0, 0)) { counts, token in
      counts.0 += 1
      if token == symbol { counts.1 += 1 }
    }
    return 100 * Double(unknown) / Double(max(all, 1))
  }
}

/// A note that `--tokens words` splits texts that are already tokenized.
/// - Parameters:
///   - location: Their file.
///   - reason: Why that matters.
func noteOfTokenized(
  _ texts: some Sequence<String>, tokens: TokenKind, _ location: String, reason: String = ""
) -> [String] {
  guard tokens == .words else { return [] }
  let text = TokenizedText(texts)
  guard text.isTokenized else { return [] }
  let sign = text.hasUnknown ? "<unk> is in it" : "its punctuation marks are surrounded by blanks"
  return [
    "\(location) looks tokenized already (\(sign)), and --tokens words splits its tokens again\(reason). To keep its tokens, use "
      + "--tokens whitespace."
  ]
}
