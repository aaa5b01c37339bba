import RecurrentModel

/// A named entity or another chunk of a sentence.
public struct Entity: Hashable, Sendable {
  /// The type: `PER`.
  public var type: String
  /// The indices of its words in the sentence.
  public var words: Range<Int>

  /// An entity.
  public init(type: String, words: Range<Int>) {
    self.type = type
    self.words = words
  }

  /// The entities that the tags of a sentence mark, in any tagging scheme.
  ///
  /// Without a scheme every sequence is accepted, as in conlleval and in seqeval's default mode: an entity continues
  /// while `I`, `E` or `L` of its type follows its `B` or `I`; every other tag except `O` starts one. Tags that mark no
  /// entity are read as `O`.
  /// - Parameters:
  ///   - tags: One per word: `B-PER`, `O`.
  ///   - scheme: If given, only entities that are well-formed in this scheme are returned, as in seqeval's strict mode.
  public static func of(tags: [String], strictly scheme: EntityScheme? = nil) -> [Entity] {
    let tags = tags.map(EntityTag.init)
    let entities = of(tags)
    guard let scheme else { return entities }
    return entities.filter { scheme.isWellFormed($0, in: tags) }
  }

  static func of(_ tags: [EntityTag]) -> [Entity] {
    var entities: [Entity] = []
    var last = EntityTag.outside
    for (place, tag) in tags.enumerated() {
      if tag.continues(last) {
        entities[entities.count - 1].words = entities[entities.count - 1].words.lowerBound..<place + 1
      } else if tag.role != .outside {
        entities.append(Entity(type: tag.type, words: place..<place + 1))
      }
      last = tag
    }
    return entities
  }

  /// Whether a tag marks part of an entity: a type after `B-`, `I-`, `E-`, `S-`, `L-` or `U-`.
  package static func isMarked(by tag: String) -> Bool { EntityTag(tag).role != .outside }
}

/// A tag in two parts: `B` and `PER` of `B-PER`.
struct EntityTag {
  /// The position of a word in an entity.
  enum Role { case outside, begin, inside, end, single }

  static let outside = EntityTag("O")

  /// `B`, `I`, `E`, `S`, `L` or `U`; `O` for every tag that marks no entity.
  let prefix: Character
  /// The type, such as `PER`; empty for a tag that marks no entity.
  let type: String

  init(_ tag: String) {
    let parts = tag.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[1].isEmpty, parts[0].count == 1, let letter = parts[0].first,
      "BIESLU".contains(letter)
    else {
      (prefix, type) = ("O", "")
      return
    }
    (prefix, type) = (letter, String(parts[1]))
  }

  /// The letters of BILOU and IOBES have the same meaning.
  var role: Role {
    switch prefix {
    case "B": .begin
    case "I": .inside
    case "E", "L": .end
    case "S", "U": .single
    default: .outside
    }
  }

  /// Whether this tag continues the entity of the previous tag.
  func continues(_ last: EntityTag) -> Bool {
    (last.role == .begin || last.role == .inside) && (role == .inside || role == .end) && type == last.type
  }
}
