import Foundation
import Recurrent
import Testing

@testable import RecurrentTasks
@testable import recur

/// Headers, delimiters, and the columns that a model remembers.
struct ColumnsTests {
  private static let rows = (0..<60).map { number in
    number % 3 == 0 ? ("joy, red", "glad") : ("rain, blue", "sad")
  }

  private static func table(_ header: String?, _ delimiter: String) -> String {
    (header.map { $0 + "\n" } ?? "") + rows.map { "\($0.0)\(delimiter)\($0.1)\n" }.joined()
  }

  private static func train(_ data: String, _ options: [String] = [], model: String = "model") -> [String] {
    [
      "train", "classify", "--data", data, "--model", model, "--embedding", "4", "--hidden", "6", "--layers", "1",
      "--batch", "8", "--epochs", "4", "--learning-rate", "0.03",
    ] + options
  }

  /// Training, evaluating and predicting read the same rows, without the options again.
  @Test(arguments: [
    ("review\tsentiment", "\t", "data.tsv", ["--text-column", "review", "--label-column", "sentiment"]),
    ("review\tsentiment", "\t", "data.tsv", ["--text-column", "1", "--label-column", "2", "--header", "yes"]),
    (nil, "\t", "data.tsv", ["--text-column", "1", "--label-column", "2"]),
    ("text;label", ";", "data.csv", []), ("text|label", "|", "data.txt", ["--delimiter", "pipe"]),
    ("a|b", "|", "DATA.CSV", ["--delimiter", "|", "--text-column", "a", "--label-column", "b"]),
  ])
  func aModelRemembersItsColumns(header: String?, delimiter: String, name: String, options: [String]) throws {
    let command = try Command()
    try command.write(Self.table(header, delimiter), to: name)
    let trained = try command.run(Self.train(name, options + ["--validation", name]))
    #expect(
      trained.code == 0 && trained.errors.contains("60 texts (and 60 to validate on) with 2 labels (glad, sad)"),
      "\(trained.errors)")
    let measured = try command.run("evaluate", "--model", "model", "--data", name, "--json")
    #expect(try measured.objects().first?["texts"] as? Int == 60, "\(measured.errors)")
    let told = try command.run("predict", "--model", "model", "--data", name)
    #expect(told.output.split(separator: "\n").count == 60, "\(told.errors)")
    // Any column that is read, given by number or not: the header stays one.
    let number = try command.run("predict", "--model", "model", "--data", name, "--text-column", "1")
    #expect(number.output == told.output)
    let flow = try command.run("inspect", "--model", "model", "--gradient-flow", "--data", name)
    #expect(flow.code == 0, "\(flow.errors)")
  }

  @Test func optionsWinOverTheMemory() throws {
    let command = try Command()
    try command.write(Self.table("review\tsentiment", "\t"), to: "data.tsv")
    let columns = ["--text-column", "review", "--label-column", "sentiment"]
    #expect(try command.run(Self.train("data.tsv", columns)).code == 0)
    // No label column, other names, no header, another delimiter.
    try command.write("id\treview\n1\tjoy, red\n2\train, blue\n", to: "new.tsv")
    let predict = ["predict", "--model", "model", "--data"]
    func labels(_ arguments: [String]) throws -> [Substring] {
      let result = try command.run(predict + arguments)
      #expect(result.code == 0, "\(result.errors)")
      return result.output.split(separator: "\n").map { $0.prefix { $0 != "\t" } }
    }
    #expect(try labels(["new.tsv"]) == ["glad", "sad"])
    try command.write("joy, red;x\nrain, blue;y\n", to: "other.txt")
    let options = ["--text-column", "1", "--header", "no", "--delimiter", ";"]
    #expect(try labels(["other.txt"] + options) == ["glad", "sad"])
    // Without a delimiter it is a text a line.
    #expect(try labels(["other.txt"]).count == 2)
    try command.run(predict + ["data.tsv", "--header", "no"]).expectFault(
      "data.tsv: has no header, so column review is unknown; give columns by number", code: 64)
    try command.run(predict + ["data.tsv", "--text-column", "text"]).expectFault(
      "data.tsv, line 1: has no column text; use one of review, sentiment, or give columns by number if ", code: 1)
    for option in [["--header", "no"], ["--delimiter", "tab"], ["--text-column", "1"]] {
      try command.run(["predict", "--model", "model", "--text", "joy"] + option)
        .expectFault("\(option[0]): a text has no columns; leave it out", code: 64)
    }
    for delimiter in ["tabs", "é", "\""] {
      try command.run(predict + ["data.tsv", "--delimiter", delimiter])
        .expectFault("--delimiter: unknown value \(delimiter); use auto, comma, tab, ", code: 64)
    }
    // A folder of an older version remembers nothing: the names are the usual ones, a header is looked for.
    let config = try command.text("model/config.json")
    let old = config.replacing(#/"data" : \{[^}]*\},\s*/#, with: "")
    #expect(old != config)
    try command.write(old, to: "model/config.json")
    try command.run(predict + ["data.tsv"]).expectFault("data.tsv, line 1: has no column text; ", code: 1)
    let guessed = try command.run(predict + ["data.tsv", "--text-column", "1"])
    #expect(guessed.output.split(separator: "\n").count == 61)
    #expect(guessed.errors.contains("data.tsv: line 1 is read as data; if it is a header, add --header yes."))
  }

  /// The header that was found is the run's; what is given again must be the same.
  @Test func aRunGoesOnWithItsColumns() throws {
    let command = try Command()
    try command.write(Self.table("text;label", ";"), to: "data.csv")
    let options = ["--text-column", "1", "--label-column", "2"]
    let trained = try command.run(Self.train("data.csv", options, model: "my model"))
    for note in [
      "data.csv: the delimiter is a semicolon, not a comma.",
      "data.csv: line 1 is read as a header; if it is data, add --header no.",
      "recur predict --model 'my model' --text TEXT\n",
    ] {
      #expect(trained.errors.contains(note), "\(trained.errors)")
    }
    let resume = ["train", "classify", "--model", "my model", "--resume", "--epochs", "5"]
    try command.run(resume + ["--header", "no"]).expectFault(
      "--header: cannot be changed when a run is resumed", code: 64)
    #expect(try command.run(resume + ["--header", "auto", "--delimiter", "auto", "--embedding", "4"]).code == 0)
    let resumed = try command.run(resume + ["--header", "yes"] + options)
    #expect(resumed.code == 0 && !resumed.errors.contains("line 1"), "\(resumed.errors)")
  }

  /// Checkpoints of older versions say nothing of headers: with numbers only, the first line was data whatever it had.
  @Test func olderRunsGoOnAsTheyBegan() throws {
    for (before, header) in [
      (TextStorage(textColumn: "1", labelColumn: "2"), HeaderChoice.no), (TextStorage(textColumn: "1"), .yes),
      (TextStorage(), .yes),
      (TextStorage(textColumn: "1", labelColumn: "2", header: .yes, delimiter: .character(";")), .yes),
    ] {
      var storage = before
      try storage.readAsBefore("x.csv")
      #expect(storage.header == header, "\(before)")
    }
    var lines = TextStorage(labels: "labels")
    try lines.readAsBefore("x.txt")
    #expect(lines.header == nil)
    for (name, header) in [("x.conll", HeaderChoice.no), ("x.conllu", nil)] {
      var columns = TaggedColumns(tag: 2, comments: true)
      columns.readAsBefore(name)
      #expect(columns.header == header && columns.comments == true)
    }
  }

  @Test func aTaggerRemembersItsColumns() throws {
    let command = try Command()
    let rows = (0..<30).map { "\($0)|red,x|B-X|no\n\($0)|blue|O|no\n\n" }.joined()
    try command.write("id|token|tag|other\n" + rows, to: "data.txt")
    let options = ["--word-column", "2", "--tag-column", "3", "--delimiter", "pipe", "--comments"]
    let trained = try command.run(
      [
        "train", "tag", "--data", "data.txt", "--model", "model", "--hidden", "8", "--layers", "1", "--batch", "8",
        "--epochs", "8", "--learning-rate", "0.03",
      ] + options)
    #expect(trained.code == 0 && trained.errors.contains("2 tags (B-X, O)"), "\(trained.errors)")
    #expect(trained.errors.contains("data.txt: line 1 is read as a header; if it is data, add --header no."))
    let scores = try command.run("evaluate", "--model", "model", "--data", "data.txt", "--json")
    #expect(try scores.objects().first?["words"] as? Int == 60, "\(scores.errors)")
    try command.write("a|b\n# none\n1|blue\n2|red,x\n", to: "new.txt")
    let told = try command.run("predict", "--model", "model", "--data", "new.txt")
    #expect(told.output == "blue\tO\nred,x\tB-X\n\n", "\(told.errors)")
    // A header that only the training data showed is said, where it takes a line.
    let asInTraining = "new.txt: line 1 is read as a header, as in training; if it is data, add --header no.\n"
    #expect(told.errors == asInTraining)
    let other = try command.run(
      "predict", "--model", "model", "--data", "new.txt", "--no-comments", "--header", "no", "--word-column", "1",
      "--delimiter", "space")
    #expect(other.code == 1 && other.errors.contains("new.txt, line 2: has 2 columns, line 1 has 1"), "\(other.errors)")
    let resumed = try command.run("train", "tag", "--model", "model", "--resume", "--epochs", "9")
    #expect(resumed.code == 0 && !resumed.errors.contains("line 1"), "\(resumed.errors)")
    try command.write("1\tred,x\t_\tNOUN\tNN" + String(repeating: "\t_", count: 5) + "\n", to: "new.conllu")
    let conllu = try command.run("predict", "--model", "model", "--data", "new.conllu")
    #expect(conllu.output == "red,x\tB-X\n\n", "\(conllu.errors)")
    try command.run("predict", "--model", "model", "--data", "new.conllu", "--header", "yes")
      .expectFault("--header: CoNLL-U has no header; leave it out", code: 64)
  }

  /// A header that is remembered may not be there: no line goes in silence, and no text becomes a table by its commas.
  @Test func whatIsRememberedIsSaid() throws {
    let command = try Command()
    let rows = (0..<40).map { $0 % 2 == 0 ? "red day,glad\n" : "blue night,sad\n" }.joined()
    try command.write("text,label\n" + rows, to: "data.csv")
    try command.write("red day,glad\nblue night,sad\n", to: "bare.csv")
    let trained = try command.run(
      "train", "classify", "--data", "data.csv", "--text-column", "1", "--label-column", "2", "--delimiter", "comma",
      "--validation", "bare.csv", "--model", "model", "--hidden", "8", "--layers", "1", "--epochs", "1")
    let note = "bare.csv: line 1 is read as a header, as in training; if it is data, add --header no.\n"
    #expect(trained.code == 0 && trained.errors.contains(note), "\(trained.errors)")
    #expect(trained.errors.contains("40 texts (and 1 to validate on) with 2 labels"), "\(trained.errors)")
    let one = try command.run("predict", "--model", "model", "--data", "bare.csv")
    #expect(one.errors == note && one.output.split(separator: "\n").count == 1, "\(one.errors)")
    let both = try command.run("predict", "--model", "model", "--data", "bare.csv", "--header", "no")
    #expect(both.errors == "" && both.output.split(separator: "\n").count == 2, "\(both.errors)")
    try command.write("red day, blue night\n", to: "lines.txt")
    for options in [[], ["--delimiter", "auto"]] {
      let line = try command.run(["predict", "--model", "model", "--data", "lines.txt", "--json"] + options)
      #expect(try line.objects().first?["text"] as? String == "red day, blue night", "\(line.errors)")
    }
    // Columns are found in any case, if only one is meant.
    try command.write("Text,Label\n" + rows, to: "capitals.csv")
    let capitals = try command.run(
      "train", "classify", "--data", "capitals.csv", "--model", "other", "--hidden", "4", "--layers", "1", "--epochs",
      "1")
    #expect(capitals.code == 0, "\(capitals.errors)")
  }

  /// What a tagger remembers is for columns: a file of a sentence a line is told from one, and `--sentences` wins.
  @Test func aTaggerThatRemembersColumnsReadsSentences() throws {
    let command = try Command()
    let rows = (0..<30).map { _ in "# a comment of some words\nred;B-X\nhot day;O\nblue;O\n\n" }.joined()
    try command.write("token;tag\n" + rows, to: "data.txt")
    let trained = try command.run(
      "train", "tag", "--data", "data.txt", "--delimiter", "semicolon", "--comments", "--model", "model", "--hidden",
      "8",
      "--layers", "1", "--batch", "8", "--epochs", "12", "--learning-rate", "0.03")
    #expect(trained.code == 0, "\(trained.errors)")
    #expect(try !command.text("model/config.json").contains("sentences"))
    func predict(_ data: String, _ options: String...) throws -> (output: String, errors: String) {
      try command.write(data, to: "new.txt")
      let result = try command.run(["predict", "--model", "model", "--data", "new.txt"] + options)
      return (result.output, result.errors)
    }
    let note = "Each line of new.txt is read as a sentence with words separated by blanks.\n"
    let (red, blue) = ("red\tB-X\n", "blue\tO\n")
    for data in ["blue red blue\n\nred blue\n", "blue red blue\n\nblue red blue\n"] {
      let sentences = try predict(data)
      #expect(sentences.errors == note && sentences.output.hasPrefix(blue + red + blue + "\n\n"), "\(sentences)")
    }
    // Columns, with the comments and the words of two parts that the model knows.
    let columns = try predict("token;tag\n# no word\nred;\nhot day;\n\n# another\nblue;\n")
    let header = "new.txt: line 1 is read as a header, as in training; if it is data, add --header no.\n"
    #expect(columns.errors == header && columns.output == red + "hot day\tO\n\n" + blue + "\n", "\(columns)")
    let words = try predict("token\nred\nblue\n")
    #expect(words.errors == header && words.output == red + blue + "\n", "\(words)")
    let said = try predict("red\n\nblue\n", "--sentences")
    #expect(said.errors == "" && said.output == red + "\n\n" + blue + "\n", "\(said)")
    let blanks = try predict("red O\nblue O\n", "--delimiter", "space", "--header", "no")
    #expect(blanks.errors == "" && blanks.output == red + blue + "\n", "\(blanks)")
    for (option, value) in [("--delimiter", "comma"), ("--header", "no")] {
      #expect(
        try predict("red\n", "--sentences", option, value).errors.contains("\(option): a sentence has no columns"))
    }
  }

  @Test func whatIsSkippedOfAFolderIsSaid() throws {
    let command = try Command()
    let text = Data("red day\n".utf8)
    var files = ["README.md": text, ".hidden": text, "glad/old/1.txt": text, "sad/notes.doc": text, "sad/x.doc": text]
    for number in 0..<9 { (files["glad/\(number).txt"], files["sad/\(number).TXT"]) = (text, text) }
    try command.write(files, into: "days")
    let note =
      "days: skipped 5 files or folders (not .txt, hidden, or at another depth): .hidden, README.md, glad/old/, "
      + "sad/notes.doc, sad/x.doc\n"
    let trained = try command.run(Self.train("days"))
    #expect(trained.code == 0 && trained.errors.contains(note), "\(trained.errors)")
    #expect(trained.errors.contains("17 texts (and 1 to validate on) with 2 labels (glad, sad)"))
    for name in ["evaluate", "predict"] {
      let result = try command.run(name, "--model", "model", "--data", "days")
      #expect(result.code == 0 && result.errors.contains(note), "\(result.errors)")
    }
  }

  @Test func vectorsOfAnotherCountAreSaid() throws {
    let command = try Command()
    try command.write(Self.table("text\tlabel", "\t"), to: "data.tsv")
    try command.write("9 4\njoy 1 2 3 4\nrain 4 3 2 1\n", to: "x.vec")
    let trained = try command.run(Self.train("data.tsv", ["--vectors", "x.vec"]))
    #expect(trained.code == 0)
    #expect(trained.errors.contains("x.vec: its first line gives 9 words, but it has 2; all were read."))
  }

  /// An option that takes a value, and one that is not there, cannot be false.
  @Test func falseIsNoValueOfAnOption() throws {
    let command = try Command()
    try command.write(Self.table("text\tlabel", "\t"), to: "data.tsv")
    for line in ["header: false", "no-such-flag: false"] {
      try command.write("lowercase: false\n\(line)\n", to: "run.yaml")
      try command.run(Self.train("data.tsv", ["--config", "run.yaml"])).expectFault("run.yaml, line 2: ", code: 64)
    }
  }
}
