import Foundation
import Testing

/// `recur train translate`, `recur translate`, and `evaluate` and `run` for translators.
struct TranslateTests {
  /// Sequences of 2 to 5 letters and their reverse.
  private static let pairs: String = {
    var random = SplitMix64(state: 5)
    let lines = (0..<600).map { _ -> String in
      let letters = (0..<Int.random(in: 2...5, using: &random)).map { _ in
        ["a", "b", "c", "d"][Int.random(in: 0..<4, using: &random)]
      }
      return letters.joined(separator: " ") + "\t" + letters.reversed().joined(separator: " ")
    }
    return lines.joined(separator: "\n") + "\n"
  }()

  private static func command(_ text: String = pairs) throws -> Command {
    let command = try Command()
    try command.write(text, to: "pairs.tsv")
    return command
  }

  private static func train(_ more: String...) -> [String] {
    [
      "train", "translate", "--data", "pairs.tsv", "--model", "model", "--hidden", "64", "--embedding", "32", "--batch",
      "32", "--epochs", "20", "--dropout", "0", "--label-smoothing", "0", "--learning-rate", "0.005", "--schedule",
      "cosine:20", "--tokens", "whitespace",
    ] + more
  }

  @Test(arguments: ["cpu", "opencl"]) func reversesSequences(device: String) throws {
    let command = try Self.command()
    let trained = try command.run(Self.train("--device", device))
    #expect(trained.code == 0, "\(trained.errors)")
    let evaluated = try command.run(
      "evaluate", "--model", "model", "--data", "pairs.tsv", "--json", "--device", device)
    let report = try #require(try evaluated.objects().first, "\(evaluated.errors)")
    #expect(try #require(report["exact"] as? Double) > 0.97, "\(report)")
    for key in ["bleu", "chrf", "word_error_rate", "loss", "perplexity"] { #expect(report[key] is Double, "\(key)") }
    guard device == "cpu" else { return }
    try command.write("a b c d\n\nb a\n", to: "lines.txt")
    let lines = try command.run("translate", "--model", "model", "--data", "lines.txt")
    #expect(lines.output == "d c b a\n\na b\n", "\(lines.errors)")
    // Alone, in a batch, greedy: the same.
    let greedy = try command.run(
      "translate", "--model", "model", "--data", "lines.txt", "--batch", "1", "--beam", "1")
    #expect(greedy.output == lines.output)
    let best = try command.run(
      "translate", "--model", "model", "--data", "lines.txt", "--n-best", "2", "--beam", "3")
    #expect(
      best.output.split(separator: "\n").map { $0.split(separator: "\t").count } == [3, 3, 2, 3, 3], "\(best.output)")
    let drawn = try command.run(
      "translate", "--model", "model", "--data", "lines.txt", "--alignments", "--attention", "--svg", "attention.svg")
    // The attention of a reversal is the other diagonal; the first target token may also be known from the state.
    #expect(drawn.output.split(separator: "\n")[0].split(separator: "\t").count == 4, "\(drawn.output)")
    #expect(drawn.errors.contains("</s>"))
    let picture = try String(contentsOf: command.folder.appendingPathComponent("attention.svg"), encoding: .utf8)
    #expect(picture.components(separatedBy: "<rect class=\"weight\"").count == 26)
    let sampled = { (seed: String) in
      try command.run(
        "translate", "--model", "model", "--data", "lines.txt", "--sample", "--temperature", "3", "--seed", seed
      )
      .output
    }
    #expect(try sampled("1") == sampled("1"))
  }

  /// A Transformer trained with half of the inputs predicted and the mean of its last epochs, an ensemble, and given targets.
  @Test(arguments: ["cpu", "opencl"]) func transformersAndEnsembles(device: String) throws {
    let command = try Self.command()
    for (model, options) in [
      ("model", ["--architecture", "transformer", "--layers", "2", "--teacher-forcing", "linear:0.5"]),
      ("other", ["--sampled-softmax", "2", "--attention", "general"]),
    ] {
      let trained = try command.run(
        Self.train("--device", device, "--average", "epochs:2") + options + ["--model", model, "--epochs", "6"])
      #expect(trained.code == 0 && trained.errors.contains("bleu"), "\(trained.errors)")
    }
    let both = ["--ensemble", "other", "--model", "model", "--data", "pairs.tsv", "--device", device]
    let evaluated = try command.run(["evaluate", "--json"] + both)
    let report = try #require(try evaluated.objects().first, "\(evaluated.errors)")
    let loss = try #require(report["loss"] as? Double)
    #expect(try loss > 0 && loss < 1.2 && #require(report["exact"] as? Double) > 0.2, "\(report)")
    let scored = try command.run(["translate", "--score-targets"] + both)
    let scores = scored.output.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(scores.count == 600 && scores.allSatisfy { $0.count == 3 && Double($0[1]).map { $0 < 0 } == true })
    let targets = Self.pairs.split(separator: "\n").map { $0.split(separator: "\t")[1] }
    #expect(scores.map { $0[2] } == targets)
  }

  @Test func twoFilesSubwordsAndResume() throws {
    let command = try Self.command()
    let lines = (0..<60).map { "Das Haus \($0) ist groß." }.joined(separator: "\n")
    try command.write(lines, to: "a.de")
    try command.write(lines.replacingOccurrences(of: "Haus", with: "house"), to: "a.en")
    let options = [
      "train", "translate", "--source", "a.de", "--target", "a.en", "--hidden", "16", "--embedding", "8", "--batch",
      "8",
      "--lowercase", "--input-feeding", "--cell", "lstm", "--layers", "2", "--subword-dropout", "0.3",
    ]
    let learned = ["--subwords", "20", "--joint-subwords"]
    for (model, epochs) in [("whole", "2"), ("parts", "1")] {
      let run = try command.run(
        options + learned + ["--model", model, "--epochs", epochs, "--schedule", "constant"])
      #expect(run.code == 0, "\(run.errors)")
    }
    // Merges from a file make the same model.
    let source = try Data(contentsOf: command.folder.appendingPathComponent("whole/source.json"))
    let json = try #require(try JSONSerialization.jsonObject(with: source) as? [String: Any])
    let merges = try #require(json["merges"] as? [String])
    try command.write((["#version: 0.2"] + merges).joined(separator: "\n"), to: "merges.bpe")
    let read = try command.run(options + ["--model", "read", "--epochs", "0", "--merges", "merges.bpe"])
    #expect(read.code == 0, "\(read.errors)")
    #expect(try Data(contentsOf: command.folder.appendingPathComponent("read/source.json")) == source)
    try command.write("#version: 0.2\nX Y</w>\n", to: "other.bpe")
    try command.run(options + ["--model", "other", "--source-merges", "other.bpe"]).expectFault(
      "other.bpe: no merge applies to the words of the data, such as das; use merges of the same language", code: 1)
    try command.run(options + learned + ["--model", "other", "--target-merges", "other.bpe"]).expectFault(
      "--subwords: --target-merges has the merges; leave one of them out", code: 64)
    // The data may have moved.
    let folder = command.folder
    try FileManager.default.moveItem(
      at: folder.appendingPathComponent("a.de"), to: folder.appendingPathComponent("b.de"))
    let resumed = try command.run(
      "train", "translate", "--model", "parts", "--resume", "--epochs", "2", "--source", "b.de")
    #expect(resumed.code == 0, "\(resumed.errors)")
    let weights = try ["whole", "parts"].map {
      try Data(contentsOf: command.folder.appendingPathComponent("\($0)/model.safetensors"))
    }
    #expect(weights[0] == weights[1])
    let translated = try command.run("translate", "--model", "whole", "--data", "b.de", "--batch", "7")
    #expect(translated.output.split(separator: "\n", omittingEmptySubsequences: false).count == 61)
    #expect(!translated.output.contains("@@"))
    let evaluated = try command.run("evaluate", "--model", "whole", "--data", "b.de", "--target", "a.en")
    #expect(evaluated.output.contains("BLEU = ") && evaluated.output.contains("case:lc"), "\(evaluated.errors)")
  }

  /// Names that the model does not know are copied from the source.
  @Test func unknownWordsAndColumns() throws {
    let names = (0..<120).map { "Name\(String(repeating: "x", count: $0 % 40))\($0)" }
    let rows = names.map { "hello \($0) .\thallo \($0) ." }
    let command = try Self.command("english\tgerman\n" + rows.joined(separator: "\n") + "\n")
    let trained = try command.run(
      Self.train("--epochs", "40", "--minimum-count", "2", "--source-column", "german", "--target-column", "english"))
    #expect(trained.code == 0, "\(trained.errors)")
    try command.write("german\tother\nhallo Smith .\tx\n", to: "more.tsv")
    let translated = try command.run("translate", "--model", "model", "--data", "more.tsv", "--replace-unknown")
    // Which of them an attention that need not look at the name has learned is open.
    let words = translated.output.split(whereSeparator: \.isWhitespace)
    #expect(words.count == 3 && words[0] == "hello", "\(translated.output) \(translated.errors)")
    #expect(["hallo", "Smith", "."].contains(words[1]), "\(translated.output)")
  }

  /// Names that the model does not know are copied; the context is the file's, or the conversation with standard input.
  @Test func dialogueAnswers() throws {
    let names = ["Ann", "Bob", "Cay", "Dan", "Eve", "Flo", "Gus", "Hal", "Ike", "Jim", "Kay", "Lee"]
    let conversations = names.map { "Knock!\nWho's there?\n\($0).\n\($0) who?\n" }
    let command = try Self.command()
    try command.write([[String]](repeating: conversations, count: 5).joined().joined(separator: "\n"), to: "lines.txt")
    let trained = try command.run(
      "train", "translate", "--dialogue", "--context", "2", "--data", "lines.txt", "--model", "model", "--hidden", "32",
      "--embedding", "32", "--batch", "16", "--epochs", "12", "--schedule", "constant", "--learning-rate", "0.01",
      "--vocabulary", "8", "--dropout", "0.1", "--attention", "dot")
    #expect(trained.errors.contains("162 pairs (and 18 to validate on)"), "\(trained.errors)")
    try command.write("Knock!\nWho's there?\nZed.\n\nKnock!\n", to: "new.txt")
    let answered = try command.run("translate", "--model", "model", "--data", "new.txt", "--replace-unknown")
    let lines = answered.output.components(separatedBy: "\n")
    #expect(lines.count == 6 && lines[0] == "Who's there?" && lines[2].hasSuffix("who?"), "\(answered.output)")
    #expect(lines[3] == "" && lines[4] == lines[0], "\(answered.output)")
    let talked = try command.run(
      ["translate", "--model", "model", "--replace-unknown", "--json"],
      under: ["/bin/sh", "-c", "printf 'Knock!\\nZed.\\n\\nKnock!\\n' | exec \"$0\" \"$@\""])
    let answers = try talked.objects()
    #expect(answers.map { $0["source"] as? String } == ["Knock!", "Who's there?\nZed.", "", "Knock!"])
    let texts = answers.map { ($0["translations"] as? [[String: Any]])?.first?["text"] as? String }
    #expect(texts == [lines[0], lines[2], nil, lines[0]])
    let evaluated = try command.run("evaluate", "--model", "model", "--data", "lines.txt", "--json")
    #expect(try evaluated.objects().first?["sentences"] as? Int == 180, "\(evaluated.errors)")
    for (words, message) in [
      (["evaluate", "--target", "new.txt"], "--target: dialogue is one file of lines"),
      (["evaluate", "--header", "yes"], "--header: dialogue is one file of lines"),
    ] {
      let result = try command.run(words + ["--model", "model", "--data", "lines.txt"])
      #expect(result.errors.contains(message), "\(result.errors)")
    }
  }

  @Test func pretrainedVectors() throws {
    let command = try Self.command()
    try command.write("a 1 0 0\nb 0 1 0\nc 0 0 1\n", to: "abc.txt")
    try command.write("d 1 0\n", to: "d.txt")
    let train = ["train", "translate", "--data", "pairs.tsv", "--model", "model", "--hidden", "4"]
    let rows = try [["0"], ["1"], ["1", "--freeze-vectors"]].map { epochs -> [Data] in
      let trained = try command.run(
        train + ["--target-vectors", "abc.txt", "--source-vectors", "abc.txt", "--epochs"] + epochs)
      // The unknown symbol and d have none. A run without epochs prints no notes.
      let message = epochs[0] == "0" ? "initial weights" : "abc.txt has vectors for 3 of the 5 words."
      #expect(trained.errors.contains(message), "\(trained.errors)")
      let rows = try ["embedding.weight", "decoder.embedding.weight"].map { try Self.tensor($0, of: command) }
      try FileManager.default.removeItem(at: command.folder.appendingPathComponent("model"))
      return rows
    }
    // Six vectors of three values, the last one of the boundary.
    #expect(rows[0].allSatisfy { $0.count == 72 && $0.suffix(12) != Data(count: 12) })
    #expect(rows[0] == rows[2] && rows[0] != rows[1])
    for (words, message) in [
      (["--source-vectors", "abc.txt", "--target-vectors", "d.txt"], "--target-vectors: its vectors have 2 values"),
      (["--source-vectors", "abc.txt", "--embedding", "8"], "--embedding: the vectors of abc.txt have 3 values"),
      (["--freeze-vectors"], "--freeze-vectors: no vectors are given; add --source-vectors or --target-vectors"),
    ] {
      try command.run(train + words).expectFault(message, code: 64)
    }
  }

  /// The bytes of a tensor of the model's weights.
  private static func tensor(_ name: String, of command: Command) throws -> Data {
    let file = try Data(contentsOf: command.folder.appendingPathComponent("model/model.safetensors"))
    let end = 8 + file.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
    let header = try #require(try JSONSerialization.jsonObject(with: file[8..<end]) as? [String: Any])
    let range = try #require((header[name] as? [String: Any])?["data_offsets"] as? [Int], "\(header.keys)")
    return file[end + range[0]..<end + range[1]]
  }

  static let faults: [(words: [String], data: String, message: String)] = [
    (["--source", "pairs.tsv"], "a\tb\n", "--data: another option names the data"),
    ([], "a b\nc d\n", "pairs.tsv, line 1: has no column 2"),
    ([], "a\tb\nc\td\te\n", "pairs.tsv, line 2"),
    (["--hidden", "15"], "a\tb\nc\td\n", "--hidden: the two directions"),
    (["--merges", "pairs.tsv"], "a\tb\n", "--merges: merges make parts of words"),
    (["--subword-dropout", "0.1"], "a\tb\n", "--subword-dropout: there are no subwords"),
    (["--subwords", "5"], "a\tb\nc\td\n", "--subwords: they are parts of words"),
    (["--context", "2"], "a\tb\n", "--context: the lines are not dialogue; add --dialogue"),
    (["--dialogue"], "a\tb\n", "pairs.tsv: is a table, not lines of dialogue"),
    (["--dialogue", "--source-column", "2"], "a\tb\n", "--source-column: dialogue is one file of lines"),
    (["--limit", "1", "--validation-fraction", "0"], "a a\tb\nc\td d\n", "pairs.tsv: has no pair of at most 1"),
  ]

  @Test(arguments: faults) func faultsAreOneLine(words: [String], data: String, message: String) throws {
    let command = try Self.command(data)
    let result = try command.run(Self.train() + words)
    #expect(result.code != 0)
    #expect(result.errors.contains(message), "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: command.folder.appendingPathComponent("model").path))
  }

  @Test func faultsOfTranslate() throws {
    let command = try Self.command()
    #expect(try command.run(Self.train("--epochs", "0", "--attention", "none")).code == 0)
    for (words, message) in [
      (["--beam", "0"], "--beam"), (["--beam", "10000"], "--beam"),
      (["--n-best", "9"], "--n-best: 9 are more than the beam of 5"),
      (["--replace-unknown"], "--replace-unknown: the model has no attention"),
      (["--top-k", "3"], "--top-k: nothing is sampled"), (["--seed", "3"], "--seed: nothing is sampled"),
      (["--minimum-length", "30", "--maximum-length", "9"], "--minimum-length: 30 is above the maximum of 9"),
    ] {
      let result = try command.run(["translate", "--model", "model", "--data", "pairs.tsv"] + words)
      #expect(result.code == 64)
      #expect(result.errors.contains(message), "\(result.errors)")
    }
    let other = try command.run("generate", "--model", "model")
    #expect(other.errors.contains("is a translator; use recur translate"), "\(other.errors)")
  }
}
