import Foundation
import Recurrent
import RecurrentCore
import RecurrentModel
import Testing

/// How headers and delimiters are found, and what is skipped.
struct DataLayoutTests {
  /// The examples as `label|text`, and the notes, without the folder's path.
  private func read(
    _ files: DataFiles, _ name: String, _ format: TableFormat = TableFormat()
  ) throws -> (examples: [String], notes: [String], layout: TableLayout?) {
    let contents = try TextExamples.contents(of: "\(files.path)/\(name)", format: .table(format))
    guard case .table(let found) = contents.format else { return ([], [], nil) }
    return (
      contents.examples.map { "\($0.label ?? "-")|\($0.text)" },
      contents.notes.map { $0.replacingOccurrences(of: files.path + "/", with: "") }, found.layout
    )
  }

  // MARK: Headers

  /// The same answer for whatever columns are read, by name or by number.
  @Test func aHeaderIsFoundByItsNames() throws {
    let files = try DataFiles()
    try files.write("Label\tid\ttext\n1\ta\tgood\n", to: "x.tsv")
    for (text, label) in [(3, 1), (3, nil), (2, nil)] as [(Int, Int?)] {
      let format = TableFormat(text: .number(text), label: label.map { .number($0) })
      let found = try read(files, "x.tsv", format)
      #expect(found.examples.count == 1 && found.layout?.header == true)
      #expect(found.notes == ["x.tsv: line 1 is read as a header; if it is data, add `header` no."])
    }
    let named = try read(files, "x.tsv", TableFormat(text: .name("text"), label: .number(1)))
    #expect(named.examples == ["1|good"] && named.notes == [] && named.layout?.header == true)
    let none = TableFormat(text: .number(3), label: .number(1), layout: TableLayout(header: false))
    #expect(try read(files, "x.tsv", none).examples == ["Label|text", "1|good"])
    #expect(try read(files, "x.tsv", none).notes == [])
  }

  @Test func otherNamesAreDataUnlessToldOtherwise() throws {
    let files = try DataFiles()
    try files.write("review,sentiment\ngood,1\n", to: "x.csv")
    let numbers = TableFormat(text: .number(1), label: .number(2))
    let guessed = try read(files, "x.csv", numbers)
    #expect(guessed.examples == ["sentiment|review", "1|good"] && guessed.layout?.header == false)
    #expect(guessed.notes == ["x.csv: line 1 is read as data; if it is a header, add `header` yes."])
    var told = numbers
    told.layout.header = true
    #expect(try read(files, "x.csv", told).examples == ["1|good"])
    let line = files.line { _ = try read(files, "x.csv", TableFormat(layout: TableLayout(header: false))) }
    #expect(
      line == "x.csv: has no header, so column text is unknown; "
        + "give columns by number, from 1 (`textColumn`, `labelColumn`), or `header` yes")
  }

  // MARK: Delimiters

  @Test func delimitersAreFound() throws {
    let files = try DataFiles()
    let rows: [(name: String, delimiter: Character, other: String?)] = [
      ("x.csv", ",", nil), ("x.tsv", "\t", nil), ("x.data", ",", nil), ("x.TAB", "\t", nil),
      ("x.csv", ";", "semicolon, not a comma"), ("x.csv", "\t", "tab, not a comma"),
      ("x.CSV", "|", "pipe, not a comma"),
      ("x.tsv", ";", "semicolon, not a tab"), ("x.data", "\t", "tab, not a comma"),
    ]
    for (name, delimiter, other) in rows {
      try files.write("text\(delimiter)label\na b\(delimiter)1\n", to: name)
      let found = try read(files, name)
      #expect(found.examples == ["1|a b"] && found.layout?.delimiter == delimiter, "\(name), \(delimiter)")
      #expect(found.notes == (other.map { ["\(name): the delimiter is a \($0)."] } ?? []))
    }
    // Without a header the rows decide: a comma in some texts separates nothing.
    try files.write("well, good;1\nbad;0\n", to: "x.csv")
    let numbers = TableFormat(text: .number(1), label: .number(2))
    #expect(try read(files, "x.csv", numbers).examples == ["1|well, good", "0|bad"])
    try files.write("\"a;b\";1\n\"c,\nd\";0\n", to: "x.csv")
    #expect(try read(files, "x.csv", numbers).examples == ["1|a;b", "0|c,\nd"])
    // A table of one column has no delimiter.
    try files.write("text\na; b\nc, d\n", to: "x.csv")
    let column = TableFormat(text: .name("text"), label: nil)
    #expect(files.line { _ = try read(files, "x.csv", column) }?.hasPrefix("x.csv, line 3: has 2 columns") == true)
    try files.write("text\na; b\nc; d\n", to: "x.csv")
    #expect(try read(files, "x.csv", column).examples == ["-|a; b", "-|c; d"])
    // Any name, and any character.
    try files.write("text~label\na\t,;|~1\n", to: "x.txt")
    #expect(try read(files, "x.txt", TableFormat(layout: TableLayout(delimiter: "~"))).examples == ["1|a\t,;|"])
  }

  @Test func ambiguousDelimitersAreRefused() throws {
    let files = try DataFiles()
    let numbers = TableFormat(text: .number(1), label: .number(2))
    try files.write("1,5;2,5\n3,5;4,5\n", to: "x.csv")
    #expect(
      files.line { _ = try read(files, "x.csv", numbers) }
        == "x.csv: comma and semicolon both split its rows into columns; "
        + "give the delimiter: `delimiter` comma or `delimiter` semicolon")
    var told = numbers
    told.layout.delimiter = ";"
    #expect(try read(files, "x.csv", told).examples == ["2,5|1,5", "4,5|3,5"])
    try files.write("a;b\tc\nd;e\tf\n", to: "x.csv")
    #expect(
      files.line { _ = try read(files, "x.csv", numbers) }
        == "x.csv: tab and semicolon both split its rows into columns; "
        + "give the delimiter: `delimiter` tab or `delimiter` semicolon")
    // UCI's promoters have tabs beside their commas in each row.
    try files.write("+,S10,\t\ttactag\n-,AMPC,\t\ttgctat\n", to: "x.data")
    #expect(
      try read(files, "x.data", TableFormat(text: .number(3), label: .number(1))).examples == ["+|tactag", "-|tgctat"])
  }

  // MARK: Tagged sentences

  @Test func taggedSentencesHaveHeadersAndDelimiters() throws {
    let files = try DataFiles()
    func read(_ text: String, _ format: TaggedFormat) throws -> (words: [String], notes: [String]) {
      let path = try files.write(text, to: "x.conll")
      let contents = try TaggedSentences.contents(of: path, format: format)
      return (
        contents.sentences.map { zip($0.words, $0.tags).map { "\($0)/\($1)" }.joined(separator: " ") },
        contents.notes.map { $0.replacingOccurrences(of: files.path + "/", with: "") }
      )
    }
    let header = "# x\n\nToken POS NER\nEU NNP B-ORG\nsang VB O\n\nend NN O\n"
    let found = try read(header, .columns(comments: true))
    #expect(found.words == ["EU/B-ORG sang/O", "end/O"])
    #expect(found.notes == ["x.conll: line 3 is read as a header; if it is data, add `header` no."])
    let not = try read(header, .columns(comments: true, layout: TableLayout(header: false)))
    #expect(not.words == ["Token/NER EU/B-ORG sang/O", "end/O"] && not.notes == [])
    let other = try read("form\tx\na\tO\n", .columns(layout: TableLayout(header: true)))
    #expect(other.words == ["a/O"] && other.notes == [])
    let commas = try read("word,tag\nNew York,B-LOC\n\na,O\n", .columns(layout: TableLayout(delimiter: ",")))
    #expect(commas.words == ["New York/B-LOC", "a/O"])
    let line = files.line { _ = try read("a O\n", .columns(layout: TableLayout(delimiter: "é"))) }
    #expect(line == "x.conll: \"é\" cannot be a delimiter; use a tab, a comma or another ASCII character")
  }

  // MARK: Files

  @Test func whatIsSkippedIsNamed() throws {
    let files = try DataFiles()
    for name in ["pos/1.TXT", "pos/2.txt", "neg/1.txt"] { try files.write("a text", to: "x/" + name) }
    try files.pack("packed", to: "x/neg/2.TXT.GZ")
    for name in ["README.txt", ".git/a.txt", "neg/notes.md", "neg/.hidden.txt", "neg/old/1.txt", "empty/none.md"] {
      try files.write("no example", to: "x/" + name)
    }
    let contents = try TextExamples.contents(of: files.path + "/x")
    #expect(
      contents.examples.map { "\($0.label ?? "")|\($0.text)" } == [
        "neg|a text", "neg|packed", "pos|a text", "pos|a text",
      ])
    #expect(
      contents.skipped == [".git/", "README.txt", "empty/", "neg/.hidden.txt", "neg/notes.md", "neg/old/"])
    for name in ["Czech.txt", "English.TXT", "notes.md", ".x", "sub/a.md"] { try files.write("a\nb", to: "y/" + name) }
    let lines = try TextExamples.contents(of: files.path + "/y")
    #expect(lines.examples.map(\.label) == ["Czech", "Czech", "English", "English"])
    #expect(lines.skipped == [".x", "notes.md", "sub/"])
  }

  @Test func namesMayBeInCapitals() throws {
    let files = try DataFiles()
    try files.pack("text,label\na,1\n", to: "X.CSV.GZ")
    #expect(try read(files, "X.CSV.GZ").examples == ["1|a"])
    try files.write("text\tlabel\na\t1\n", to: "X.TSV")
    #expect(try TextExamples.read(files.path + "/X.TSV").map(\.text) == ["a"])
    #expect(TaggedFormat(of: "X.CoNLLU.Gz") == .conllu() && TaggedFormat(of: "conllu") == .columns())
  }

  @Test func suggestedCommandsQuoteNames() throws {
    let plain = ["a", "/tmp/a-b_c.d", "x=1,2"]
    #expect(plain.allSatisfy { $0.shellQuoted == $0 })
    #expect(["my model", "a'b", "", "$x", "é"].map(\.shellQuoted) == ["'my model'", "'a'\\''b'", "''", "'$x'", "'é'"])
    let files = try DataFiles()
    let path = try files.write([0x63, 0xE9], to: "my text")
    #expect(message { _ = try Files.readText(path) }?.contains("iconv -f LATIN1 -t UTF-8 '\(path)' >NEW") == true)
  }

  // MARK: Models

  @Test func aFormatIsWrittenAsItIsRead() throws {
    func json(_ value: some Encodable) throws -> String {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
    let tables: [(TableFormat, String)] = [
      (TableFormat(), #"{"label_column":"label","text_column":"text"}"#),
      (
        TableFormat(
          text: .number(4), label: .number(1), layout: TableLayout(delimiter: ";", header: false)),
        #"{"delimiter":";","header":false,"label_column":1,"text_column":4}"#
      ),
      (TableFormat(label: nil), #"{"text_column":"text"}"#),
    ]
    for (format, text) in tables {
      #expect(try json(format) == text)
      #expect(try JSON.decode(TableFormat.self, from: Array(text.utf8)) == format)
    }
    let tagged: [(TaggedFormat, String)] = [
      (.conllu(.xpos), #"{"pos":"xpos"}"#),
      (
        .columns(word: 2, tag: .number(4), comments: true, layout: TableLayout(delimiter: "\t", header: true)),
        #"{"comments":true,"delimiter":"\t","header":true,"tag_column":4,"word_column":2}"#
      ),
      (.columns(), #"{"comments":false,"tag_column":"last","word_column":1}"#),
      (.columns(tag: .unread), #"{"comments":false,"tag_column":"none","word_column":1}"#),
    ]
    for (format, text) in tagged {
      #expect(try json(format) == text)
      #expect(try JSON.decode(TaggedFormat.self, from: Array(text.utf8)) == format)
    }
    // No model was trained on sentences without tags.
    #expect(
      message { _ = try json(TaggedFormat.sentences) }
        == "Tagger.dataFormat: a model cannot be trained on sentences without tags; give columns, CoNLL-U or nil"
    )
    for bad in [#"{"text_column":"a","delimiter":";;"}"#, #"{"text_column":true}"#, #"{"label_column":"a"}"#] {
      #expect(message { _ = try JSON.decode(TableFormat.self, from: Array(bad.utf8)) } != nil)
    }
  }
}
