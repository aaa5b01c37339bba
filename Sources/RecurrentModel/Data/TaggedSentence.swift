/// A sentence whose words have tags: to train on, or to be compared with.
public struct TaggedSentence: Sendable, Hashable {
  /// The words.
  public var words: [String]
  /// A tag for each word; none at all where tags were not read.
  public var tags: [String]
  /// Where it came from, for errors: `train.conll`.
  public var source: String
  /// The line of each word there, from 1; none at all where there are no lines.
  public var lines: [Int]

  /// A sentence.
  public init(words: [String], tags: [String] = [], source: String = "sentence", lines: [Int] = []) {
    self.words = words
    self.tags = tags
    self.source = source
    self.lines = lines
  }

  /// Where its first word came from: `train.conll, line 7`.
  public var place: String { place(ofWord: 0) }

  /// Where a word came from.
  public func place(ofWord number: Int) -> String {
    lines.indices.contains(number) ? "\(source), line \(lines[number])" : source
  }
}

/// How tagged sentences are stored: a line a word, and an empty line after a sentence.
public enum TaggedFormat: Sendable, Hashable {
  /// Which column has the tag.
  public enum TagColumn: Sendable, Hashable {
    /// The last one.
    case last
    /// The one of this number, from 1.
    case number(Int)
    /// Tags are not read.
    case unread
  }

  /// A part of speech of CoNLL-U.
  public enum PartOfSpeech: String, Sendable, Hashable {
    /// The universal one, column 4.
    case upos
    /// The language's own, column 5.
    case xpos
  }

  /// The columns of the CoNLL tasks, parted by a tab, or by blanks in lines that have no tab. Lines that begin with
  /// `-DOCSTART-` end a sentence and are no word; with `comments`, those that begin with `#` are none either. The layout may
  /// give another delimiter, and whether the first line is a header; it is found to be one if it has `word` (or `token`, `form`) and
  /// `tag` (or `pos`, `ner`, `chunk`, `label`).
  case columns(word: Int = 1, tag: TagColumn = .last, comments: Bool = false, layout: TableLayout = TableLayout())
  /// CoNLL-U (universaldependencies.org/format): the word's form and its part of speech. Comments, the ranges of multiword
  /// tokens (`1-2`) and empty nodes (`1.1`) are passed over.
  case conllu(PartOfSpeech = .upos)
  /// A sentence a line, its words separated by blanks or tabs, without tags. An empty line is a sentence without words, so that
  /// what is predicted can be set beside the lines.
  case sentences

  /// What the name says: CoNLL-U where it ends in `.conllu` (and `.gz`), else columns.
  public init(of path: String) {
    self = path.withoutGz.hasExtension("conllu") ? .conllu() : .columns()
  }
}
