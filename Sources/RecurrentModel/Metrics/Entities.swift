/// A chunk of a sentence: a name, for example.
public struct Entity: Hashable, Sendable {
  /// What it is: `PER`.
  public var type: String
  /// Its words' places in the sentence.
  public var words: Range<Int>

  /// An entity.
  public init(type: String, words: Range<Int>) {
    self.type = type
    self.words = words
  }

  /// The entities that a sentence's tags mark, in any chunking scheme.
  ///
  /// Without a scheme no sequence is refused, as in conlleval and in seqeval's default mode: an entity goes on while `I`, `E`
  /// or `L` of its type follows its `B` or `I`; every other tag but `O` starts one. Tags that mark no entity are read as `O`.
  /// - Parameters:
  ///   - tags: One a word: `B-PER`, `O`.
  ///   - scheme: Only entities that are well-formed in this scheme count, as in seqeval's strict mode; nil for all.
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

  /// Whether a tag marks a part of an entity: a type behind `B-`, `I-`, `E-`, `S-`, `L-` or `U-`.
  public static func isMarked(by tag: String) -> Bool { EntityTag(tag).role != .outside }
}

/// A tag in its two parts: `B` and `PER` of `B-PER`.
struct EntityTag {
  /// Where in an entity a word stands.
  enum Role { case outside, begin, inside, end, single }

  static let outside = EntityTag("O")

  /// `B`, `I`, `E`, `S`, `L`, `U`, or `O` for every tag that marks no entity.
  let prefix: Character
  /// `PER`; of a tag that marks no entity nothing.
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

  /// BILOU's letters mean what IOBES' do.
  var role: Role {
    switch prefix {
    case "B": .begin
    case "I": .inside
    case "E", "L": .end
    case "S", "U": .single
    default: .outside
    }
  }

  /// Whether an entity that the tag before belongs to goes on with this one.
  func continues(_ last: EntityTag) -> Bool {
    (last.role == .begin || last.role == .inside) && (role == .inside || role == .end) && type == last.type
  }
}
