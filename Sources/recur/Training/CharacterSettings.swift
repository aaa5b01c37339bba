import Recurrent

/// How words are read letter by letter: `--characters`.
struct CharacterSettings: Codable {
  /// How many characters of a word are read.
  private static let limit = 50

  var embedding: Int
  var hidden: Int

  /// What was given, and the defaults; nil if characters are not read.
  init?(_ options: ExampleOptions) throws {
    for (option, value) in [
      ("--character-embedding", options.characterEmbedding), ("--character-hidden", options.characterHidden),
    ] {
      try requireUse(options.characters || value == nil, option, "characters are not read", remedy: "add --characters")
    }
    guard options.characters else { return nil }
    (embedding, hidden) = (options.characterEmbedding ?? 32, options.characterHidden ?? 32)
  }

  /// - Throws: `RecurrentError.invalidArgument` that names the first number that is out of range.
  func check() throws {
    for (option, value, limit) in [
      ("--character-embedding", embedding, NetworkConfiguration.Limit.embedding),
      ("--character-hidden", hidden, NetworkConfiguration.Limit.hidden),
    ] {
      try require((1...limit).contains(value), option, value, "take 1 to \(limit.grouped)")
    }
  }

  /// The characters of texts, and what reads them. What occurs once teaches the model what to make of a character that
  /// it does not know.
  func reader(
    of texts: some Sequence<String>
  ) throws -> (vocabulary: Vocabulary, configuration: CharacterConfiguration) {
    let vocabulary = try Vocabulary(of: texts, kind: .characters, minimumCount: 2, knowsUnknown: true)
    return (
      vocabulary,
      CharacterConfiguration(vocabularySize: vocabulary.count, embedding: embedding, hidden: hidden, limit: Self.limit)
    )
  }
}
