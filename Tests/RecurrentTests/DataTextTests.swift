import Foundation
import Recurrent
import Testing

/// Texts with labels, as people have them.
struct DataTextTests {
  private func read(_ files: DataFiles, _ name: String, _ format: TextFormat? = nil) throws -> [String] {
    try TextExamples.read("\(files.path)/\(name)", format: format).map {
      "\($0.label ?? "-")|\($0.text)|\($0.location.dropFirst(files.path.count + 1))"
    }
  }

  // MARK: Tables

  @Test func columnsByNameOrNumber() throws {
    let files = try DataFiles()
    try files.write("label\tid\ttext\n1\ta\tgood film\n0\tb\tbad, \"bad\" film\n", to: "x.tsv")
    let expected = ["1|good film|x.tsv, line 2", "0|bad, \"bad\" film|x.tsv, line 3"]
    #expect(try read(files, "x.tsv") == expected)
    #expect(try read(files, "x.tsv", .table(TableFormat(text: .number(3), label: .name("label")))) == expected)
    #expect(
      try read(files, "x.tsv", .table(TableFormat(text: .number(3), label: nil)))
        == ["-|good film|x.tsv, line 2", "-|bad, \"bad\" film|x.tsv, line 3"])
    try files.write("+,S10,\t\ttactag\n-,AMPC,\ttgctat", to: "promoters.data")
    let dna = TextFormat.table(TableFormat(text: .number(3), label: .number(1)))
    #expect(
      try read(files, "promoters.data", dna) == ["+|tactag|promoters.data, line 1", "-|tgctat|promoters.data, line 2"])
    try files.write("one; 1\n", to: "x.txt")
    #expect(
      try read(
        files, "x.txt", .table(TableFormat(text: .number(1), label: .number(2), layout: TableLayout(delimiter: ";"))))
        == ["1|one|x.txt, line 1"])
    try files.pack("text,label\nyes,1\n", to: "x.csv.gz")
    #expect(try read(files, "x.csv.gz") == ["1|yes|x.csv.gz, line 2"])
  }

  @Test func quotesOfCSV() throws {
    let files = try DataFiles()
    try files.write(
      "\u{FEFF}\"text\",label\r\n\"a, \"\"b\"\"\r\nc\", x \r\n\r\n\"\"\"\"\"q\"\"\",y\r5\" disk,z\n\" \nt \",\"u\"",
      to: "x.csv")
    #expect(
      try read(files, "x.csv") == [
        "x|a, \"b\"\nc|x.csv, line 2", "y|\"\"q\"|x.csv, line 5", "z|5\" disk|x.csv, line 6", "u|t|x.csv, line 7",
      ])
    // In a table of tabs a quote is a letter.
    try files.write("text\tlabel\n\"a\tx\n", to: "x.tsv")
    #expect(try read(files, "x.tsv") == ["x|\"a|x.tsv, line 2"])
  }

  @Test func lineEndsMayBeMixed() throws {
    let files = try DataFiles()
    try files.write("text\tlabel\r\na\t1\rb\t2\nc\t3\r\n\nd\u{2028}\u{85}e\t4", to: "x.tsv")
    #expect(
      try read(files, "x.tsv") == [
        "1|a|x.tsv, line 2", "2|b|x.tsv, line 3", "3|c|x.tsv, line 4", "4|d\u{2028}\u{85}e|x.tsv, line 6",
      ])
  }

  @Test func aLongTextAndManyRows() throws {
    let files = try DataFiles()
    let long = (0..<100_000).map { "w\($0 % 50)" }.joined(separator: " ")
    let rows = (0..<20_000).map { "\($0 % 3)\ttext \($0)\n" }.joined()
    try files.write("label\ttext\n1\t\(long)\n" + rows, to: "x.tsv")
    let examples = try TextExamples.read(files.path + "/x.tsv")
    #expect(examples.count == 20_001)
    #expect(examples[0].text == long)
    #expect(examples[20_000].text == "text 19999" && examples[20_000].location.hasSuffix("x.tsv, line 20002"))
  }

  @Test func badTables() throws {
    let files = try DataFiles()
    let bad: [(String, String, String)] = [
      ("x.tsv", "text\tlabel\na\t1\nb\n", "x.tsv, line 3: has 1 column, line 1 has 2; every row needs all columns"),
      (
        "x.csv", "text,label\na,1\nb, c,2\n",
        "x.csv, line 3: has 3 columns, line 1 has 2; quote texts that contain the delimiter (.csv), "
          + "or remove the delimiter from them"
      ),
      (
        "x.csv", "review,Label,x\na,1,\n",
        "x.csv, line 1: has no column text; "
          + "use one of review, Label, x, or give columns by number if there is no header"
      ),
      (
        "x.csv", "text:label\na:1\n",
        "x.csv, line 1: has no column text; its only column is text:label: give the `delimiter`, or use column 1"
      ),
      (
        "x.csv", "text,label,text\na,1,b\n",
        "x.csv, line 1: has more than one column text; give columns by number"
      ),
      ("x.tsv", "text\tlabel\n \t2\n", "x.tsv: is empty; use a file with text"),
      ("x.tsv", "text\tlabel\na\t1\nb\t\u{A0}\n", "x.tsv, line 3: has an empty label; add the label"),
      ("x.tsv", "", "x.tsv: is empty; use a file with text"),
      ("x.tsv", "\r\n\n", "x.tsv: is empty; use a file with text"),
      (
        "x.tsv", "text\tlabel\n",
        "x.tsv: has a header but no rows; add examples; if the first line is one, give columns by number and add `header` no"
      ),
      (
        "x.csv", "text,label\n\"a\nb,1\nc,2\n",
        "x.csv, line 2: opens a quote that is never closed; close it, or double a quote inside a quoted field (\"\")"
      ),
      (
        "x.csv", "text,label\na,1\n\"b\nb\" c,2\n",
        "x.csv, line 4: has text after a closing quote; double a quote inside a quoted field (\"\")"
      ),
    ]
    for (name, text, expected) in bad {
      try files.write(text, to: name)
      #expect(files.line { _ = try read(files, name) } == expected)
    }
  }

  @Test func badColumns() throws {
    let files = try DataFiles()
    try files.write("a,1\n", to: "x.csv")
    try files.write("a,1\n", to: "x.text")
    let bad: [(String, TableFormat, String)] = [
      (
        "x.csv", TableFormat(text: .number(3), label: nil),
        "x.csv, line 1: has no column 3; it has 2, numbered from 1"
      ),
      (
        "x.csv", TableFormat(text: .number(0), label: nil),
        "x.csv, line 1: has no column 0; it has 2, numbered from 1"
      ),
      (
        "x.csv", TableFormat(text: .number(.min), label: nil),
        "x.csv, line 1: has no column \(Int.min); it has 2, numbered from 1"
      ),
      (
        "x.csv", TableFormat(text: .number(2), label: .number(2)),
        "x.csv: text and label columns are the same, 2; give two different columns"
      ),
      (
        "x.text", TableFormat(),
        "x.text: the file name does not determine the delimiter; "
          + "give it (`delimiter`), or use a name that ends in .csv or .tsv (and .gz)"
      ),
      (
        "x.text", TableFormat(layout: TableLayout(delimiter: "é")),
        "x.text: \"é\" cannot be a delimiter; use a tab, a comma or another ASCII character"
      ),
    ]
    for (name, format, expected) in bad {
      #expect(files.line { _ = try read(files, name, .table(format)) } == expected)
    }
  }

  // MARK: Folders

  @Test func aFolderForEachClass() throws {
    let files = try DataFiles()
    try files.write("Good.\r\nVery.\r\n", to: "x/pos/2.txt")
    try files.pack("Fine.", to: "x/pos/10.txt.gz")
    try files.write("Bad.", to: "x/neg/1.txt")
    for other in ["x/neg/.hidden.txt", "x/neg/notes.md", "x/README.txt", "x/empty/none.md", "x/.git/a.txt"] {
      try files.write("no example", to: other)
    }
    #expect(
      try read(files, "x") == ["neg|Bad.|x/neg/1.txt", "pos|Fine.|x/pos/10.txt.gz", "pos|Good.\nVery.|x/pos/2.txt"])
  }

  @Test func aFileForEachClass() throws {
    let files = try DataFiles()
    try files.write("Adam\n\nSmith \r\n", to: "x/English.txt")
    try files.write("Ábel", to: "x/Czech.txt")
    #expect(
      try read(files, "x") == [
        "Czech|Ábel|x/Czech.txt, line 1", "English|Adam|x/English.txt, line 1", "English|Smith|x/English.txt, line 3",
      ])
  }

  @Test func badFolders() throws {
    let files = try DataFiles()
    try files.write("", to: "none/notes.md")
    try files.write(" \n", to: "blank/a/1.txt")
    try files.write("\n\n", to: "lines/a.txt")
    try files.write([0x63, 0xE9, 0x21], to: "latin/a/1.txt")
    let bad = [
      "none": "none: contains no texts; add a subfolder of .txt files per class, or a .txt file per class",
      "blank": "blank: is empty; use a file with text",
      "lines": "lines/a.txt: is empty; use a file with text",
    ]
    for (name, expected) in bad { #expect(files.line { _ = try read(files, name) } == expected) }
    #expect(
      files.line { _ = try read(files, "latin") }?.hasPrefix("latin/a/1.txt: is not UTF-8 text: byte 233") == true)
    #expect(files.line { _ = try read(files, "missing", .folder) }?.hasPrefix("missing: cannot be read") == true)
  }

  // MARK: Lines

  @Test func linesWithAFileOfLabels() throws {
    let files = try DataFiles()
    try files.write("first text\r\nsecond text\n\n\n", to: "texts")
    let labels = try files.write("b\na", to: "labels")
    #expect(
      try read(files, "texts", .lines(labels: labels)) == ["b|first text|texts, line 1", "a|second text|texts, line 2"])
    #expect(try read(files, "texts") == ["-|first text|texts, line 1", "-|second text|texts, line 2"])
  }

  /// A text without a word keeps its place: what is predicted is set beside the data.
  @Test func emptyTextsKeepTheirPlaces() throws {
    let files = try DataFiles()
    try files.write("text,label\n,1\na,2\n\"\",3\n", to: "x.csv")
    #expect(try read(files, "x.csv") == ["1||x.csv, line 2", "2|a|x.csv, line 3", "3||x.csv, line 4"])
    try files.write(" \n", to: "x/a/1.txt")
    try files.write("x\n", to: "x/a/2.txt")
    #expect(try read(files, "x") == ["a||x/a/1.txt", "a|x|x/a/2.txt"])
    try files.write("one\n\n\n", to: "texts")
    let labels = try files.write("a\nb\n\n", to: "labels")
    #expect(try read(files, "texts", .lines(labels: labels)) == ["a|one|texts, line 1", "b||texts, line 2"])
    let vocabulary = try Vocabulary(of: "one two", kind: .words, rules: WordRules(keepsMarks: false))
    let texts = try LabelledTexts(
      ["one", "", "...", "two one"].map { TextExample(text: $0, label: $0 == "one" ? "a" : "new") },
      vocabulary: vocabulary, labels: ["a"], padding: SequencePadding())
    #expect(texts.indices == [0, 3] && texts.tokens.map(\.count) == [1, 2] && texts.lengths == [1, 2])
    #expect(texts.classes == [0, 1] && texts.unseen == ["new"])
    let sentences = [["one"], [], ["two", "x"]].map { TaggedSentence(words: $0, tags: $0) }
    let tagged = try TaggedTexts(sentences, vocabulary: vocabulary, labels: ["two"])
    #expect(tagged.indices == [0, 2] && tagged.tags == [[1], [0, 2]] && tagged.unseen == ["one", "x"])
  }

  @Test func badLines() throws {
    let files = try DataFiles()
    try files.write("one\ntwo\n", to: "texts")
    try files.write("one\n\ntwo\n", to: "gap")
    let labels = try files.write("a\nb\nc\n", to: "labels")
    let gap = try files.write("a\n\n\nb\n", to: "labels-gap")
    #expect(
      files.line { _ = try read(files, "texts", .lines(labels: labels)) }
        == "labels: has 3 lines, but texts has 2; give one label per line of text")
    let gaps = ["-|one|gap, line 1", "-||gap, line 2", "-|two|gap, line 3"]
    #expect(try read(files, "gap") == gaps)
    #expect(
      files.line { _ = try read(files, "texts", .lines(labels: gap)) }
        == "labels-gap, line 2: has an empty label; add the label")
    try files.write("\n \n", to: "blank")
    #expect(files.line { _ = try read(files, "blank") } == "blank: is empty; use a file with text")
    let none = files.line { _ = try read(files, "texts", .lines(labels: files.path + "/none")) }
    #expect(none == "none: cannot be opened (No such file or directory); check the path")
  }

  /// A model's own are all different, but anyone may name them.
  @Test func aLabelThatIsThereTwice() throws {
    let vocabulary = try Vocabulary(of: "word", kind: .words)
    let texts = try LabelledTexts(
      [TextExample(text: "word", label: "b")], vocabulary: vocabulary, labels: ["a", "b", "b"],
      padding: SequencePadding())
    #expect(texts.classes == [1])
    let sentences = [TaggedSentence(words: ["word"], tags: ["b"])]
    #expect(try TaggedTexts(sentences, vocabulary: vocabulary, labels: ["a", "b", "b"]).tags == [[1]])
    let short = TaggedSentence(words: ["word", "word"], tags: ["b"], source: "made up")
    #expect(
      message { _ = try TaggedTexts([short], vocabulary: vocabulary, labels: ["b"]) }
        == "made up: has 2 words and 1 tag; give a tag for each word, or no tags")
  }

  /// As they are written, whatever is made of the words; cut and filled as these are.
  @Test func wordsAreSpelled() throws {
    let vocabulary = try Vocabulary(
      of: "Ab, cab", kind: .words, knowsUnknown: true, rules: WordRules(lowercases: true, keepsMarks: false))
    let characters = try Vocabulary(of: "Abc", kind: .characters, knowsUnknown: true)
    func batch(_ padding: SequencePadding, limit: Int = .max) throws -> LabelledBatch {
      try LabelledTexts(
        [TextExample(text: "Ab! cab, xab"), TextExample(text: "Ab")], vocabulary: vocabulary, characters: characters,
        limit: limit, labels: ["a"], padding: padding
      ).batch([0, 1])
    }
    let number = { (word: String) in try characters.encode(word) }
    let all = try batch(SequencePadding())
    #expect(try all.characters == [number("Ab"), number("Ab"), number("cab"), [], number("xab"), []])
    let cut = try batch(SequencePadding(limit: 2, padding: .start), limit: 2)
    #expect(try cut.characters == [number("ca"), [], number("xa"), number("Ab")])
    #expect(cut.sequences.tokens.map { $0 < 0 } == cut.characters?.map(\.isEmpty))
    let line = message {
      _ = try LabelledTexts(
        [TextExample(text: "b")], vocabulary: characters, characters: characters, labels: ["a"],
        padding: SequencePadding())
    }
    #expect(line == "words: a vocabulary of characters has no words; use a vocabulary of words")
  }
}
