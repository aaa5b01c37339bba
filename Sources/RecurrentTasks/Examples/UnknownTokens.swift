import RecurrentCore
import RecurrentModel

/// Says of texts what may be wrong with them, where a model does not know most of their tokens.
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
  /// Of a hundred tokens of texts, how many are unknown; 0 where there are none.
  func percentUnknown(of texts: [some Sequence<Int32>]) -> Double {
    guard let symbol = unknown else { return 0 }
    let (all, unknown) = texts.joined().reduce(into: (0, 0)) { counts, token in
      counts.0 += 1
      if token == symbol { counts.1 += 1 }
    }
    return 100 * Double(unknown) / Double(max(all, 1))
  }
}
