import RecurrentModel

/// A tagging scheme: the tags that mark entities (Ramshaw and Marcus 1995; Tjong Kim Sang and Veenstra 1999).
public enum EntityScheme: String, Codable, Sendable, CaseIterable {
  /// IOB1: `I`; `B` only for the first word of an entity directly after another of its type. The scheme of CoNLL-2003
  /// as published.
  case iob1
  /// IOB2 or BIO: `B` for the first word, `I` for the others.
  case iob2
  /// IOE1: `I`; `E` only for the last word of an entity directly before another of its type.
  case ioe1
  /// IOE2: `E` for the last word, `I` for the others.
  case ioe2
  /// IOBES or BIOES: `B` for the first word, `E` for the last, `I` between them; `S` for an entity of one word.
  case iobes
  /// BILOU or BILUO: `B` for the first word, `L` for the last, `I` between them; `U` for an entity of one word.
  case bilou

  /// The tag prefixes of the scheme, apart from `O`.
  package var prefixes: String {
    switch self {
    case .iob1, .iob2: "BI"
    case .ioe1, .ioe2: "IE"
    case .iobes: "BIES"
    case .bilou: "BILU"
    }
  }

  /// Ties go to the first scheme.
  private static let byPreference: [EntityScheme] = [.iob2, .iob1, .ioe2, .ioe1, .iobes, .bilou]

  /// The scheme of the tags of sentences: among those that have all prefixes of the tags, the one in which most
  /// entities are well-formed, so that IOB1 and BIO are distinguished by the majority.
  ///
  /// Nil if no tag marks an entity, if a tag other than `O` marks none, or if no scheme has all prefixes.
  public init?(of sentences: some Sequence<[String]>) {
    var counts: [EntityScheme: Int] = [:]
    var prefixes: Set<Character> = []
    for sentence in sentences {
      let tags = sentence.map(EntityTag.init)
      guard zip(sentence, tags).allSatisfy({ $1.role != .outside || $0 == "O" }) else { return nil }
      prefixes.formUnion(tags.map(\.prefix))
      for entity in Entity.of(tags) {
        for scheme in Self.allCases where scheme.isWellFormed(entity, in: tags) { counts[scheme, default: 0] += 1 }
      }
    }
    prefixes.remove("O")
    guard !prefixes.isEmpty else { return nil }
    let candidates = Self.byPreference.filter { prefixes.isSubset(of: $0.prefixes) }
    guard var best = candidates.first else { return nil }
    for scheme in candidates where counts[scheme] ?? 0 > counts[best] ?? 0 { best = scheme }
    self = best
  }

  /// The number of entities of sentences that are not well-formed in the scheme.
  package func illFormed(in sentences: some Sequence<[String]>) -> Int {
    sentences.reduce(0) { $0 + Entity.of(tags: $1).count - Entity.of(tags: $1, strictly: self).count }
  }

  /// Whether an entity, as `Entity.of` finds it, is well-formed in the scheme.
  func isWellFormed(_ entity: Entity, in tags: [EntityTag]) -> Bool {
    let words = entity.words
    guard tags[words].allSatisfy({ prefixes.contains($0.prefix) }) else { return false }
    let (first, last) = (tags[words.lowerBound].role, tags[words.upperBound - 1].role)
    return switch self {
    case .iob1: first == .inside || (words.lowerBound > 0 && tags[words.lowerBound - 1].type == entity.type)
    case .iob2: first == .begin
    case .ioe1: last == .inside || (words.upperBound < tags.count && tags[words.upperBound].type == entity.type)
    case .ioe2: last == .end
    case .iobes, .bilou: first == .single || (first == .begin && last == .end)
    }
  }
}
