import Foundation
import Recurrent
import Testing

@testable import RecurrentModel
@testable import RecurrentTasks

/// Words with tags, as people have them.
struct DataTaggedTests {
  private func read(_ text: String, _ format: TaggedFormat? = nil, name: String = "x.conll") throws -> [String] {
    let files = try DataFiles()
    do {
      return try TaggedSentences.read(files.write(text, to: name), format: format).map { sentence in
        let words = sentence.words.enumerated().map { place, word in
          sentence.tags.isEmpty ? word : "\(word)/\(sentence.tags[place])"
        }
        return words.joined(separator: " ") + sentence.location.dropFirst(files.path.count + 1 + name.count)
      }
    } catch let error as RecurrentError {
      return [error.description.replacingOccurrences(of: files.path + "/", with: "")]
    }
  }

  @Test func columns() throws {
    let text = "-DOCSTART- -X- -X- O\n\nEU NNP B-NP I-ORG\nrejects VBZ B-VP O\r\n\r\n \t\n# CD O O\rend NN O O"
    #expect(try read(text) == ["EU/I-ORG rejects/O, line 3", "#/O end/O, line 7"])
    #expect(try read(text, .columns(tag: .number(2))) == ["EU/NNP rejects/VBZ, line 3", "#/CD end/NN, line 7"])
    #expect(
      try read(text, .columns(word: 2, tag: .unread, comments: true)) == ["NNP VBZ, line 3", "NN, line 8"])
    // With tabs, blanks and what looks like one are part of a word.
    #expect(
      try read("New York\tB-LOC\n\u{A0}x\u{A0}y\tO\n\t\nz\tO\n") == [
        "New York/B-LOC x\u{A0}y/O, line 1", "z/O, line 4",
      ])
    #expect(try read("one\ntwo\n\nthree", .columns(tag: .unread)) == ["one two, line 1", "three, line 4"])
  }

  @Test func conllu() throws {
    let rest = "\t_\t0\troot\t_\t_"
    let text = """
      # text = Don't go now .
      1-2\tDon't\t_\t_\t_\(rest)
      1\tDo\tdo\tAUX\tVB\(rest)
      2\tn't\tnot\tPART\tRB\(rest)
      2.1\tx\tx\tX\tX\(rest)
      3\t1 000\tgo\tNUM\tCD\(rest)

      """
    #expect(try read(text, name: "x.conllu") == ["Do/AUX n't/PART 1 000/NUM, line 3"])
    #expect(try read(text, .conllu(.xpos)) == ["Do/VB n't/RB 1 000/CD, line 3"])
  }

  @Test func aSentenceALine() throws {
    let text = "Angela Merkel  visits\tParis\r\n\n -DOCSTART- x\n"
    #expect(try read(text, .sentences) == ["Angela Merkel visits Paris, line 1", "", "-DOCSTART- x, line 3"])
    #expect(try read("\n \n", .sentences) == ["x.conll: contains no sentences; use a file with one word per line"])
  }

  /// What a line has where nobody says it.
  @Test func layouts() {
    for (text, layout) in [
      ("Angela Merkel visits Paris\n", WordLayout.sentence), ("a b c\n\na b\na b c d\n", .sentence),
      ("Hello\nHe left Paris\n", .sentence),
      ("Angela\nMerkel\n\nvisits\n", .word), ("", .word), ("New York\tB-LOC\nx\tO\n", .word),
      // Of most lines with one word the others are faults, and so is one of many with two columns.
      ("Angela\nMerkel\nNew York\n", .word), ("-DOCSTART- O\n\na NN\nb VB\n", .columns(["b", "VB"])),
      (String(repeating: "a NN\n", count: 9) + "b\n", .columns(["a", "NN"])),
      (String(repeating: "a NN\n", count: 8) + "b\n", .sentence),
    ] { #expect(WordLayout(of: text) == layout, "\(text)") }
    // A known delimiter separates most lines of a file of columns, and comments are no lines of it.
    for (text, layout) in [
      ("New York;B-LOC\nin;O\n", WordLayout.word), ("Angela\nMerkel\n", .word), ("in New York;B-LOC\n", .word),
      ("Angela visits Paris\n\nshe left\n", .sentence), ("she left\nhe came\n", .sentence),
      ("Paris ; Rome\nshe left\n", .sentence),
    ] { #expect(WordLayout(of: text, delimiter: ";") == layout, "\(text)") }
    let commented = "# a b c\nx NN\n\n# d\ny VB\n"
    #expect(WordLayout(of: commented) == .sentence)
    #expect(WordLayout(of: commented, delimiter: " ", comments: true) == .columns(["y", "VB"]))
  }

  @Test func badColumns() throws {
    let bad: [(String, TaggedFormat, String)] = [
      ("a O\nb\n", .columns(), "x.conll, line 2: has 1 column, line 1 has 2; every line needs all columns"),
      (
        "\na\nb\n", .columns(),
        "x.conll, line 2: has no tag column; add a tag after each word, separated by a tab or a space, "
          + "or give the delimiter and the column numbers"
      ),
      (
        "a O\n", .columns(tag: .number(4)),
        "x.conll, line 1: has 2 columns, but the tag column is 4; give another column, from 1"
      ),
      (
        "a O\n", .columns(word: 0),
        "x.conll, line 1: has 2 columns, but the word column is 0; give another column, from 1"
      ),
      ("\tO\n", .columns(), "x.conll, line 1: has an empty word; add it, or remove the line"),
      ("a\t\n", .columns(), "x.conll, line 1: has an empty tag; add it, or remove the line"),
      (
        "a\nb c\n", .columns(tag: .unread),
        "x.conll, line 2: has 2 columns, line 1 has 1; every line needs all columns, or read each line as a sentence "
          + "(`sentences`)"
      ),
      ("", .columns(), "x.conll: contains no sentences; use a file with one word per line"),
      ("\n\n-DOCSTART- O\n", .columns(), "x.conll: contains no sentences; use a file with one word per line"),
      (
        "1\ta\tb\n", .conllu(),
        "x.conll, line 1: has 3 columns, CoNLL-U has 10; separate them by tabs, or read the file as columns"
      ),
      (
        "#\nx" + String(repeating: "\t_", count: 9), .conllu(),
        "x.conll, line 2: begins with \"x\", which is not a CoNLL-U ID; use an ID such as 1, 1-2 or 1.1, "
          + "or # for a comment"
      ),
    ]
    for (text, format, expected) in bad { #expect(try read(text, format) == [expected]) }
  }
}
