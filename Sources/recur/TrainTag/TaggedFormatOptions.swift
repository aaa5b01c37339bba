import ArgumentParser
import Recurrent

/// Which columns of tagged sentences hold what, as options say it and checkpoints carry it.
struct TaggedColumns: Codable {
  var word: Int?
  var tag: Int?
  var pos: PartOfSpeech?
  var comments: Bool

  /// The format of a file.
  /// - Parameter isTagged: Whether tags are read.
  /// - Throws: `RecurrentError.invalidArgument` if something is given that is for another format.
  func format(of path: String, isTagged: Bool = true) throws -> TaggedFormat {
    for (option, number) in [("--word-column", word), ("--tag-column", tag)] {
      if let number { try require(number >= 1, option, number, "take 1 or more") }
    }
    guard case .columns = TaggedFormat(of: path) else {
      try requireUse(word == nil, "--word-column", "CoNLL-U has its own columns", remedy: "leave it out")
      try requireUse(tag == nil, "--tag-column", "CoNLL-U has its own columns", remedy: "take --pos")
      return .conllu(pos == .xpos ? .xpos : .upos)
    }
    try requireUse(
      pos == nil, "--pos", "it is for CoNLL-U, and the name of such a file ends in .conllu",
      remedy: "take --tag-column")
    return .columns(word: word ?? 1, tag: isTagged ? tag.map { .number($0) } ?? .last : .unread, comments: comments)
  }
}

/// A part of speech of CoNLL-U by its name.
enum PartOfSpeech: String, ExpressibleByArgument, CaseIterable, Codable {
  case upos, xpos
}

/// How sentences are stored.
struct WordColumnOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "The number of the column with the word, from 1. (default: 1)")
  var wordColumn: Int?

  @Flag(help: "Lines that begin with # are comments, which they always are in CoNLL-U.")
  var comments = false

  var columns: TaggedColumns { TaggedColumns(word: wordColumn, comments: comments) }

  /// - Throws: `RecurrentError.invalidArgument` if any was given.
  func refuse(_ reason: String) throws {
    try requireUse(wordColumn == nil, "--word-column", reason, remedy: "leave it out")
    try requireUse(!comments, "--comments", reason, remedy: "leave it out")
  }
}

/// How sentences and their tags are stored.
struct TaggedFormatOptions: ParsableArguments {
  @OptionGroup var words: WordColumnOptions

  @Option(parsing: .unconditional, help: "The number of the column with the tag, from 1. (default: the last)")
  var tagColumn: Int?

  @Option(help: "The part of speech that is read of CoNLL-U. (default: upos)")
  var pos: PartOfSpeech?

  var columns: TaggedColumns {
    var columns = words.columns
    (columns.tag, columns.pos) = (tagColumn, pos)
    return columns
  }

  /// - Throws: `RecurrentError.invalidArgument` if any was given.
  func refuse(_ reason: String) throws {
    try words.refuse(reason)
    try requireUse(tagColumn == nil, "--tag-column", reason, remedy: "leave it out")
    try requireUse(pos == nil, "--pos", reason, remedy: "leave it out")
  }
}
