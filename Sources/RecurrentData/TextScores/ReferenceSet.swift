/// A source with all targets that data has for it: the translations of a sentence, the pronunciations of a word.
public struct ReferenceSet: Sendable, Hashable {
  /// The source.
  public var source: String
  /// Its targets, each once, in the order of the data.
  public var references: [String]
  /// Where the source is first.
  public var location: String

  /// A source with its targets.
  public init(source: String, references: [String], location: String = "source") {
    self.source = source
    self.references = references
    self.location = location
  }

  /// The sources of pairs, each once, in the order of the data.
  public static func sets(of pairs: some Sequence<TextPair>) -> [ReferenceSet] {
    var sets: [ReferenceSet] = []
    var indices: [String: Int] = [:]
    for pair in pairs {
      guard let index = indices[pair.source] else {
        indices[pair.source] = sets.count
        sets.append(ReferenceSet(source: pair.source, references: [pair.target], location: pair.location))
        continue
      }
      if !sets[index].references.contains(pair.target) { sets[index].references.append(pair.target) }
    }
    return sets
  }
}
