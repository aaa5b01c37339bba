/// A sentence of words with tags, to train on or to evaluate.
public struct TaggedSentence: Sendable, Hashable {
  /// The words.
  public var words: [String]
  /// One tag per word; empty if tags were not read.
  public var tags: [String]
  /// The source, for errors: `train.conll`.
  public var source: String
  /// The line of each word in the source, from 1; empty if there are no lines.
  public var lines: [Int]

  /// A sentence.
  public init(words: [String], tags: [String] = [], source: String = "sentence", lines: [Int] = []) {
    self.words = words
    self.tags = tags
    self.source = source
    self.lines = lines
  }

  /// The source of its first word: `train.conll, line 7`.
  public var location: String { location(ofWord: 0) }

  /// The source of a word.
  public func location(ofWord number: Int) -> String {
    lines.indices.contains(number) ? "\(source), line \(lines[number])" : source
  }
}

/// The storage format of tagged sentences: one word per line, an empty line after each sentence.
public enum TaggedFormat: Sendable, Hashable {
  /// The column of tags.
  public enum TagColumn: Sendable, Hashable {
    /// The last column.
    case last
    /// The column of this number, from 1.
    case number(Int)
    /// Tags are not read.
    case unread
  }

  /// A part-of-speech column of CoNLL-U.
  public enum PartOfSpeech: String, Sendable, Hashable {
    /// The universal part of speech, column 4.
    case upos
    /// The language-specific part of speech, column 5.
    case xpos
  }

  /// The columns of the CoNLL tasks, separated by a tab, or by spaces in lines without a tab. Lines that begin with
  /// `-DOCSTART-` end a sentence and are skipped; with `comments`, lines that begin with `#` are skipped too. The
  /// layout may set another delimiter, and whether the first line is a header; it is detected as one if it has `word`
  /// (or `token`, `form`) and `tag` (or `pos`, `ner`, `chunk`, `label`).
  case columns(word: Int = 1, tag: TagColumn = .last, comments: Bool = false, layout: TableLayout = TableLayout())
  /// CoNLL-U (universaldependencies.org/format): the word's form and its part of speech. Comments, the ranges of
  /// multiword tokens (`1-2`) and empty nodes (`1.1`) are skipped.
  case conllu(PartOfSpeech = .upos)
  /// One sentence per line, words separated by spaces or tabs, without tags. An empty line is a sentence without words,
  /// so that predictions stay aligned with the lines.
  case sentences

  /// The format by file name: CoNLL-U if it ends in `.conllu` (and `.gz`), else columns.
  public init(of path: String) {
    self = path.withoutGz.hasExtension("conllu") ? .conllu() : .columns()
  }
}
