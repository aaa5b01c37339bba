import ArgumentParser
import Recurrent

/// Which columns of tagged sentences hold what, as options say it and checkpoints carry it.
struct TaggedColumns: Codable, Hashable {
  var word: Int?
  var tag: Int?
  var pos: PartOfSpeech?
  var comments: Bool?
  var header: HeaderChoice?
  var delimiter: DelimiterChoice?

  /// The format of a file.
  /// - Parameters:
  ///   - isTagged: Whether tags are read.
  ///   - remembered: How the sentences were stored that the model was trained on, which says what no option does.
  /// - Throws: `RecurrentError.invalidArgument` if something is given that is for another format.
  func format(of path: String, isTagged: Bool = true, remembered: TaggedFormat? = nil) throws -> TaggedFormat {
    for (option, number) in [("--word-column", word), ("--tag-column", tag)] {
      if let number { try require(number >= 1, option, number, "take 1 or more") }
    }
    guard case .columns = TaggedFormat(of: path) else {
      try requireUse(word == nil, "--word-column", "CoNLL-U has its own columns", remedy: "leave it out")
      try requireUse(tag == nil, "--tag-column", "CoNLL-U has its own columns", remedy: "take --pos")
      try requireUse(header == nil, "--header", "CoNLL-U has no header", remedy: "leave it out")
      try requireUse(delimiter == nil, "--delimiter", "CoNLL-U has its own columns", remedy: "leave it out")
      if pos == nil, case .conllu? = remembered { return remembered ?? .conllu() }
      return .conllu(pos == .xpos ? .xpos : .upos)
    }
    try requireUse(
      pos == nil, "--pos", "it is for CoNLL-U, and the name of such a file ends in .conllu",
      remedy: "take --tag-column")
    guard case .columns(let word, let tag, let comments, let layout)? = remembered else {
      return columns(1, .last, false, nil, isTagged)
    }
    return columns(word, tag, comments, layout, isTagged)
  }

  /// Columns as they are given, or else these.
  private func columns(
    _ word: Int, _ tag: TaggedFormat.TagColumn, _ comments: Bool, _ layout: TableLayout?, _ isTagged: Bool
  ) -> TaggedFormat {
    .columns(
      word: self.word ?? word, tag: isTagged ? self.tag.map { .number($0) } ?? tag : .unread,
      comments: self.comments ?? comments, layout: TableLayout(header, delimiter, else: layout))
  }

  /// What a file holds; says on standard error what was guessed.
  /// - Throws: `RecurrentError` if an option is for another format, or the file cannot be read.
  func contents(
    of path: String, isTagged: Bool = true, remembered: TaggedFormat? = nil
  ) throws -> TaggedSentences.Contents {
    let contents = try TaggedSentences.contents(
      of: path, format: format(of: path, isTagged: isTagged, remembered: remembered))
    for note in contents.notes { Console.say(note) }
    return contents
  }

  /// Keeps what was found of the training data, so that the run reads all its data alike, also when it goes on.
  mutating func keep(_ found: TaggedFormat) {
    guard case .columns(_, _, _, let layout) = found else { return }
    header = layout.header.map(HeaderChoice.init)
  }

  /// Reads the data of a run whose checkpoint has no header as the version did that wrote it: it knew none.
  mutating func readAsBefore(_ path: String) {
    if header == nil, case .columns = TaggedFormat(of: path) { header = .no }
  }
}

/// A part of speech of CoNLL-U by its name.
enum PartOfSpeech: String, ExpressibleByArgument, CaseIterable, Codable {
  case upos, xpos
}

/// How sentences are stored.
struct WordColumnOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: "The number of the column with the word, from 1. (default: 1, or as in training)")
  var wordColumn: Int?

  @Flag(
    inversion: .prefixedNo,
    help: "Lines that begin with # are comments, which they always are in CoNLL-U. (default: no, or as in training)")
  var comments: Bool?

  /// What was given.
  func columns(_ table: TableOptions) -> TaggedColumns {
    TaggedColumns(word: wordColumn, comments: comments, header: table.header, delimiter: table.delimiter)
  }

  /// - Throws: `RecurrentError.invalidArgument` if any was given.
  func refuse(_ reason: String) throws {
    try requireUse(wordColumn == nil, "--word-column", reason, remedy: "leave it out")
    try requireUse(comments == nil, "--comments", reason, remedy: "leave it out")
  }
}

/// How sentences and their tags are stored.
struct TaggedFormatOptions: ParsableArguments {
  @OptionGroup var words: WordColumnOptions

  @Option(
    parsing: .unconditional,
    help: "The number of the column with the tag, from 1. (default: the last, or as in training)")
  var tagColumn: Int?

  @Option(help: "The part of speech that is read of CoNLL-U. (default: upos, or as in training)")
  var pos: PartOfSpeech?

  /// What was given.
  func columns(_ table: TableOptions) -> TaggedColumns {
    var columns = words.columns(table)
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
