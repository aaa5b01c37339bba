import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// The columns of tagged sentences, from options.
struct TaggedColumns: Hashable {
  var word: Int?
  var tag: Int?
  var pos: PartOfSpeech?
  var comments: Bool?
  var header: HeaderChoice?
  var delimiter: DelimiterChoice?

  /// The format of a file.
  /// - Parameters:
  ///   - isTagged: Whether tags are read.
  ///   - remembered: The format of the model's training data, used if no option is given.
  /// - Throws: `RecurrentError.invalidArgument` if something is given that is for another format.
  func format(of path: String, isTagged: Bool = true, remembered: TaggedFormat? = nil) throws -> TaggedFormat {
    guard case .columns = TaggedFormat(of: path) else {
      try requireUse(word == nil, "--word-column", "CoNLL-U has its own columns", remedy: "leave it out")
      try requireUse(tag == nil, "--tag-column", "CoNLL-U has its own columns", remedy: "use --pos")
      try requireUse(header == nil, "--header", "CoNLL-U has no header", remedy: "leave it out")
      try requireUse(delimiter == nil, "--delimiter", "CoNLL-U has its own columns", remedy: "leave it out")
      if pos == nil, case .conllu? = remembered { return remembered ?? .conllu() }
      return .conllu(pos == .xpos ? .xpos : .upos)
    }
    try requireUse(
      pos == nil, "--pos", "it applies to CoNLL-U, in files with the extension .conllu",
      remedy: "use --tag-column")
    guard case .columns(let word, let tag, let comments, let layout)? = remembered else {
      return columns(1, .last, false, nil, isTagged)
    }
    return columns(word, tag, comments, layout, isTagged)
  }

  /// The given columns, or else these defaults.
  private func columns(
    _ word: Int, _ tag: TaggedFormat.TagColumn, _ comments: Bool, _ layout: TableLayout?, _ isTagged: Bool
  ) -> TaggedFormat {
    .columns(
      word: self.word ?? word, tag: isTagged ? self.tag.map { .number($0) } ?? tag : .unread,
      comments: self.comments ?? comments, layout: TableLayout(header, delimiter, else: layout))
  }

  /// Reads a file.
  /// - Parameter say: Gets notes about what was guessed.
  /// - Throws: `RecurrentError` if an option is for another format, or the file cannot be read.
  func contents(
    of path: String, isTagged: Bool = true, remembered: TaggedFormat? = nil, say: (String) -> Void
  ) throws -> TaggedSentences.Contents {
    let contents = try TaggedSentences.contents(
      of: path, format: format(of: path, isTagged: isTagged, remembered: remembered))
    contents.notes.forEach(say)
    return contents
  }

  /// Sets the header rule of earlier versions, for checkpoints without a header setting: there is none.
  mutating func readAsBefore(_ path: String) {
    if header == nil, case .columns = TaggedFormat(of: path) { header = .no }
  }
}

/// A part-of-speech column of CoNLL-U.
package enum PartOfSpeech: String, ExpressibleByArgument, CaseIterable {
  case upos, xpos
}

/// The format of sentences.
package struct WordColumnOptions: ParsableArguments {
  @Option(
    "Number of the column with the word. (default: \(orAsInTraining("1")))",
    .atLeast(1))
  package var wordColumn: Int?

  @Flag(
    inversion: .prefixedNo,
    help:
      "Treat lines that begin with # as comments, as always in CoNLL-U. (default: \(orAsInTraining("no")))"
  )
  package var comments: Bool?

  package init() {}

  /// The given options.
  func columns(_ table: TableOptions) -> TaggedColumns {
    TaggedColumns(word: wordColumn, comments: comments, header: table.header, delimiter: table.delimiter)
  }
}

/// The format of sentences and their tags.
package struct TaggedFormatOptions: ParsableArguments {
  @OptionGroup package var words: WordColumnOptions

  @Option(
    "Number of the column with the tag. (default: \(orAsInTraining("the last")))",
    .atLeast(1))
  package var tagColumn: Int?

  @Option("CoNLL-U column to use as the tag.", default: orAsInTraining("upos"))
  package var pos: PartOfSpeech?

  package init() {}

  /// The given options.
  func columns(_ table: TableOptions) -> TaggedColumns {
    var columns = words.columns(table)
    (columns.tag, columns.pos) = (tagColumn, pos)
    return columns
  }
}
