/// Words that belong together: a name in a sentence.
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

  /// The entities that a sentence's tags mark, as conlleval takes them: BIO (`B-` starts each) or IOB1 (`B-` only between
  /// neighbours of one type); `E-` may end one.
  ///
  /// No sequence is refused: an `I-` after `O` or after another type starts an entity.
  public static func of(tags: [String]) -> [Entity] {
    var entities: [Entity] = []
    var (start, last) = (Int?.none, Tag("O"))
    for (place, tag) in (tags.map(Tag.init) + [Tag("O")]).enumerated() {
      if let first = start, tag.ends(after: last) {
        entities.append(Entity(type: last.type, words: first..<place))
        start = nil
      }
      if tag.starts(after: last) { start = place }
      last = tag
    }
    return entities
  }

  /// Whether a set of tags marks entities: `O`, and types behind `B-`, `I-` or `E-`.
  public static func areMarked(by tags: some Sequence<String>) -> Bool {
    let tags = tags.map(Tag.init)
    return tags.contains { $0.part != "O" }
      && tags.allSatisfy { $0.part == "O" ? $0.type.isEmpty : ["B", "I", "E"].contains($0.part) && !$0.type.isEmpty }
  }
}

/// With what entities begin, which tells BIO from IOB1, and what is neither.
public struct EntityStarts: Hashable, Sendable {
  /// How many begin with `B-` though no neighbour of their type is before them: BIO does this, IOB1 does not.
  public private(set) var withB = 0
  /// How many begin with `I-`: IOB1 does this, BIO does not.
  public private(set) var withI = 0

  /// Of no sentence.
  public init() {}

  /// Counts a sentence.
  public mutating func add(tags: [String]) {
    var last = Tag("O")
    for tag in tags.map(Tag.init) {
      if tag.part == "B", last.part == "O" || last.type != tag.type { withB += 1 }
      if tag.part == "I", tag.starts(after: last) { withI += 1 }
      last = tag
    }
  }

  /// How many begin with `I-` where the others show that BIO is meant.
  public var illFormed: Int { withB > 0 ? withI : 0 }
}

/// A tag in its two parts: `B` and `PER` of `B-PER`.
private struct Tag {
  let part: Substring
  let type: String

  init(_ text: String) {
    part = text.prefix { $0 != "-" }
    type = String(text.dropFirst(part.count + 1))
  }

  /// Whether an entity starts with this tag's word.
  func starts(after last: Tag) -> Bool {
    switch (last.part, part) {
    case ("B", "B"), ("I", "B"), ("O", "B"), ("O", "I"), ("E", "E"), ("E", "I"), ("O", "E"): true
    default: part != "O" && last.type != type
    }
  }

  /// Whether an entity that the last word belongs to ends before this tag's word.
  func ends(after last: Tag) -> Bool {
    switch (last.part, part) {
    case ("B", "B"), ("B", "O"), ("I", "B"), ("I", "O"), ("E", "E"), ("E", "I"), ("E", "O"): true
    default: last.part != "O" && last.type != type
    }
  }
}
