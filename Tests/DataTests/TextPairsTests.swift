import Foundation
import RecurrentCore
import Testing

@testable import RecurrentData

struct TextPairsTests {
  private func table(_ text: String, name: String = "x.tsv", _ format: PairFormat = PairFormat()) throws
    -> TextPairs.Contents
  {
    try TextPairs.table(text, from: name, format)
  }

  /// Files of a folder that is removed afterwards.
  private func with<Result>(_ files: [String: String], _ body: (_ folder: String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("pairs-\(UInt64.random(in: 0 ... .max))")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in files { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
    return try body(folder.path)
  }

  @Test(arguments: ["x.tsv", "x.tsv.gz", "x.txt", "x"]) func pairsOfATable(name: String) throws {
    let found = try table(" Go.\tVa !\u{A0}\r\n\n\"Hi\"\tSalut", name: name)
    #expect(
      found.pairs == [
        TextPair(source: "Go.", target: "Va !", location: "\(name), line 1"),
        TextPair(source: "\"Hi\"", target: "Salut", location: "\(name), line 3"),
      ])
    #expect(found.notes.isEmpty && found.format?.layout == TableLayout(delimiter: "\t", header: false))
  }

  @Test func columnsAndHeaders() throws {
    let pair = TextPair(source: "a, b", target: "c", location: "x.csv, line 2")
    let text = "id,Source,target\n1,\"a, b\",c\n"
    #expect(try table(text, name: "x.csv", PairFormat(source: .number(2), target: .name("target"))).pairs == [pair])
    let attributed = try table("a\tb\tCC-BY\nc\td\tCC-BY\n")
    #expect(attributed.pairs.map(\.target) == ["b", "d"])
    #expect(attributed.notes == ["x.tsv: of 3 columns, the first two are read: source and target."])
    let headed = try table("Source\tTarget\na\tb\n")
    #expect(headed.pairs.map(\.source) == ["a"] && headed.format?.layout.header == true)
    #expect(headed.notes == ["x.tsv: line 1 is read as a header; if it is data, add `header` no."])
    #expect(try table("source\ttarget\na\tb\n", PairFormat(layout: TableLayout(header: false))).pairs.count == 2)
  }

  @Test func pairsWithAnEmptySideAreLeftOut() throws {
    let found = try table("a\tb\n\t\nc\t \n\td\ne\tf\n")
    #expect(found.pairs.map(\.source) == ["a", "e"])
    #expect(
      found.notes == ["3 pairs with an empty side are left out: x.tsv, line 2; x.tsv, line 3; x.tsv, line 4."])
  }

  @Test(arguments: [
    ("a\tb\nc\td\te\n", "x.tsv, line 2: has 3 columns, line 1 has 2"),
    ("a\tb\nc\n", "x.tsv, line 2: has 1 column, line 1 has 2; every row needs all columns"),
    ("a b\nc d\n", "x.tsv, line 1: has no column 2; it has 1, numbered from 1"),
    ("\t\n a\t\n", "x.tsv: no pair has a source and a target"), ("", "x.tsv: is empty"), ("\n\r\n", "x.tsv: is empty"),
    ("source\ttarget\n", "x.tsv: has a header but no rows"),
  ])
  func wrongTables(text: String, message: String) {
    let error = #expect(throws: RecurrentError.self) { try table(text) }
    #expect(error?.description.hasPrefix(message) == true && error?.remedy != nil, "\(String(describing: error))")
  }

  @Test func wrongFormats() {
    func message(_ text: String, _ name: String, _ format: PairFormat = PairFormat()) -> String? {
      #expect(throws: RecurrentError.self) { try table(text, name: name, format) }?.description
    }
    #expect(
      message("a b\n", "x.txt")
        == "x.txt: has no tab, which separates source and target; add a tab to each line, give the `delimiter`, or give "
        + "the targets in a second file (`targets`)")
    #expect(
      message("a\tb\n", "x.tsv", PairFormat(target: .number(1)))
        == "x.tsv: source and target columns are the same, 1; give two different columns")
    #expect(
      message("a\tb\n", "x.tsv", PairFormat(target: .name("b"), layout: TableLayout(header: false)))
        == "x.tsv: has no header, so column b is unknown; give columns by number, from 1 (`sourceColumn`, "
        + "`targetColumn`), or `header` yes")
  }

  @Test func pairsOfTwoFiles() throws {
    try with(["a": "\u{FEFF}eins\r\nzwei\tx \r\n\r\n", "b": "one\ntwo\n"]) { folder in
      let found = try TextPairs.contents(ofSources: folder + "/a", targets: folder + "/b")
      #expect(
        found.pairs == [
          TextPair(
            source: "eins", target: "one", location: folder + "/a, line 1", targetLocation: folder + "/b, line 1"),
          TextPair(
            source: "zwei\tx", target: "two", location: folder + "/a, line 2", targetLocation: folder + "/b, line 2"),
        ])
      #expect(found.notes.isEmpty && found.format == nil)
    }
  }

  @Test func wrongFiles() throws {
    try with(["a": "eins\n\ndrei\n", "b": "one\ntwo\n\n", "c": "one\n\n\n\n", "d": "\n \n"]) { folder in
      func contents(_ sources: String, _ targets: String) throws -> TextPairs.Contents {
        try TextPairs.contents(ofSources: "\(folder)/\(sources)", targets: "\(folder)/\(targets)")
      }
      let found = try contents("a", "b")
      #expect(found.pairs.map(\.target) == ["one"])
      #expect(
        found.notes
          == ["2 pairs with an empty side are left out: \(folder)/a, line 2; \(folder)/b, line 3."])
      #expect(try contents("c", "a").notes.first?.hasSuffix("\(folder)/c, line 2; \(folder)/c, line 3.") == true)
      func message(_ sources: String, _ targets: String) -> String? {
        #expect(throws: RecurrentError.self) { try contents(sources, targets) }?.description
      }
      try Data("one\n".utf8).write(to: URL(fileURLWithPath: folder + "/e"))
      #expect(
        message("a", "e")
          == "\(folder)/e: has 1 line, but \(folder)/a has 3; give one target per source, in the same order")
      #expect(message("d", "d") == "\(folder)/d: is empty; use a file with text")
      #expect(message("a", "f")?.hasPrefix("\(folder)/f: cannot be opened") == true)
    }
  }

  @Test func sourcesKeepTheirPlaces() throws {
    let files = ["a.txt": "eins\n\nzwei\r\n\n", "b.tsv": "eins\tone\nzwei\ttwo\n", "c.txt": "a\tb\n", "d.txt": "\n"]
    try with(files) { folder in
      let sources = try TextPairs.sources(of: folder + "/a.txt")
      #expect(sources.examples.map(\.text) == ["eins", "", "zwei", ""] && sources.notes.isEmpty)
      #expect(sources.examples[2].location == folder + "/a.txt, line 3")
      #expect(try TextPairs.sources(of: folder + "/b.tsv").examples.map(\.text) == ["eins", "zwei"])
      let tabbed = try TextPairs.sources(of: folder + "/c.txt")
      #expect(tabbed.examples.map(\.text) == ["a\tb"])
      #expect(
        tabbed.notes == [
          "\(folder)/c.txt: every line has a tab and is one source; a table with a source column has a name that ends in .tsv."
        ])
      #expect(try TextPairs.readSources(folder + "/c.txt", format: PairFormat()).map(\.text) == ["a"])
      #expect(throws: RecurrentError.self) { try TextPairs.readSources(folder + "/d.txt") }
    }
  }

  @Test func formatsAreStored() throws {
    for format in [
      PairFormat(),
      PairFormat(source: .name("de"), target: .number(3), layout: TableLayout(delimiter: ";", header: true)),
    ] {
      #expect(try JSONDecoder().decode(PairFormat.self, from: JSONEncoder().encode(format)) == format)
    }
  }

  @Test func dialogueHasTheLinesBefore() throws {
    let text = "\n Knock!\r\nWho?\nMe.\n\n \nHi\nHello\n"
    let found = try TextPairs.dialogue(text, from: "x.txt", DialogueContext(lines: 2, tokens: .words))
    #expect(
      found.pairs == [
        TextPair(source: "Knock!", target: "Who?", location: "x.txt, line 2", targetLocation: "x.txt, line 3"),
        TextPair(source: "Knock!\nWho?", target: "Me.", location: "x.txt, line 3", targetLocation: "x.txt, line 4"),
        TextPair(source: "Hi", target: "Hello", location: "x.txt, line 7", targetLocation: "x.txt, line 8"),
      ])
    #expect(found.conversations == [0..<2, 2..<3])
    let whitespace = try TextPairs.dialogue(text, from: "x.txt", DialogueContext(lines: 2, tokens: .whitespace))
    #expect(whitespace.pairs[1].source == "Knock! <eos> Who?")
    try with(["a": text]) { folder in
      let sources = try TextPairs.dialogueSources(of: folder + "/a", DialogueContext(lines: 2, tokens: .characters))
      #expect(
        sources.examples.map(\.text) == ["", "Knock!", "Knock!\nWho?", "Who?\nMe.", "", "", "Hi", "Hi\nHello"])
    }
  }

  @Test(arguments: [
    ("a\nb\n\nc\n\nd\ne\n", "x.txt, line 4: is a conversation of one line; add a reply"),
    ("a\tb\n\nc\td\n", "x.txt: is a table, not lines of dialogue"), ("\n \n", "x.txt: is empty"),
  ])
  func wrongDialogue(text: String, message: String) {
    let error = #expect(throws: RecurrentError.self) {
      try TextPairs.dialogue(text, from: "x.txt", DialogueContext(lines: 1, tokens: .words))
    }
    #expect(error?.description.hasPrefix(message) == true, "\(String(describing: error))")
  }
}
