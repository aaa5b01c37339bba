import RecurrentData
import RecurrentCore
import RecurrentModel

/// A note about texts with mostly unknown tokens.
/// - Parameters:
///   - texts: Their tokens.
///   - place: Their file; nil where they are a part of the training data, of which nothing is said.
func noteOfUnknown(_ texts: [some Sequence<Int32>], in vocabulary: Vocabulary?, _ place: String?) -> [String] {
  guard let place, let vocabulary else { return [] }
  let share = vocabulary.percentUnknown(of: texts)
  guard share > 50 else { return [] }
  let note =
    "\(share.text(0)) % of the \(vocabulary.kind.noun) of \(place) are unknown to the model: check the language and, "
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
