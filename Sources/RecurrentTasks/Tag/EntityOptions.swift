import ArgumentParser
import RecurrentCore
import RecurrentModel

/// The tagging scheme.
package struct EntityOptions: ParsableArguments {
  /// The values of `--scheme`.
  package struct Choice: ExpressibleByArgument {
    package static let allValueStrings = ["auto"] + EntityScheme.allCases.map(\.rawValue)
    private static let otherNames = ["bio": EntityScheme.iob2, "bioes": .iobes, "biluo": .bilou]

    /// The scheme; nil for `auto`.
    let scheme: EntityScheme?

    package init?(argument: String) {
      let name = argument.lowercased()
      scheme = EntityScheme(rawValue: name) ?? Self.otherNames[name]
      if scheme == nil, name != "auto" { return nil }
    }

    package var defaultValueDescription: String { scheme?.rawValue ?? "auto" }
  }

  @Option(
    "Tagging scheme of entities (aliases: bio = iob2, bioes = iobes, biluo = bilou).",
    default: "auto, decided by the training tags and stored in the model")
  package var scheme: Choice?

  package init() {}

  /// The given scheme; nil for `auto`.
  /// - Parameter tags: The tags that a model knows.
  /// - Throws: `RecurrentError.invalidArgument` if one of them is not of the scheme.
  func scheme(of tags: [String]) throws -> EntityScheme? {
    guard let scheme = scheme?.scheme else { return nil }
    try scheme.check(tags)
    return scheme
  }
}

extension EntityScheme {
  /// - Throws: `RecurrentError.invalidArgument` if one of the tags is not of the scheme.
  func check(_ tags: [String]) throws {
    let others = tags.filter { $0 != "O" && !(Entity.isMarked(by: $0) && prefixes.contains($0.prefix(1))) }
    try requireUse(
      others.isEmpty, "--scheme",
      "\(rawValue) has O and \(prefixes.map { "\($0)-TYPE" }.joined(separator: ", ")), not \(others.map(\.shown).listed)",
      remedy: "use another scheme, or leave it out")
  }
}

/// A note of the number of ill-formed entities, and how they count.
/// - Parameters:
///   - whose: Where they are.
///   - isStrict: Whether they do not count.
func noteOfIllFormed(_ count: Int, _ scheme: EntityScheme?, _ whose: String, isStrict: Bool = false) -> [String] {
  guard count > 0, let scheme else { return [] }
  let isOne = count == 1
  return [
    "\(count.grouped) \(isOne ? "entity" : "entities") \(whose) \(isOne ? "is" : "are") not well-formed in the scheme "
      + "\(scheme.rawValue) "
      + (isStrict ? "and left out." : "but counted; recur evaluate --strict leaves \(isOne ? "it" : "them") out.")
  ]
}
