import Foundation
import Testing

/// What `--tokens` takes, what is said of it, and how its results are measured.
struct TokenTests {
  private static let shape = ["--hidden", "4", "--layers", "1", "--embedding", "4", "--batch", "2", "--sequence", "5"]
  /// 11 tokens a line, as `line.split() + ["<eos>"]` has them.
  private static let line = " the <unk> 's u.s. shares rose N % , too \n"

  private func trained(_ tokens: String, _ more: String...) throws -> (command: Command, result: Command.Result) {
    let command = try Command()
    try command.write(String(repeating: Self.line, count: 40), to: "ptb.txt")
    let arguments = [
      "train", "text", "--model", "model", "--data", "ptb.txt", "--tokens", tokens, "--epochs", "1", "--json",
    ]
    let result = try command.run(arguments + Self.shape + more)
    #expect(result.code == 0, "\(result.errors)")
    return (command, result)
  }

  @Test func aTokenizedTextKeepsItsTokens() throws {
    let (command, result) = try trained("whitespace")
    #expect(!result.errors.contains("tokenized"))
    let inspection = try #require(try command.run("inspect", "--model", "model", "--json").objects().first)
    #expect(inspection["tokens"] as? String == "whitespace" && inspection["vocabulary"] as? Int == 11)
    let arguments = ["evaluate", "--model", "model", "--data", "ptb.txt", "--batch", "1"]
    let evaluation = try #require(try command.run(arguments + ["--json"]).objects().first)
    #expect(evaluation["tokens"] as? Int == 40 * 11 - 1)
    let loss = try #require(evaluation["loss"] as? Double)
    let perByte = try #require(evaluation["bits_per_byte"] as? Double)
    #expect(abs(perByte - loss / log(2) * 11 / Double(Self.line.utf8.count)) < 1e-9)
    #expect(evaluation["bits_per_character"] as? Double == perByte)
    #expect(abs((evaluation["unknown_share"] as? Double ?? 0) - 1.0 / 11) < 1e-12)
    let text = try command.run(arguments).output
    #expect(text.contains(" bits per character, ") && text.contains("9.1 % of the tokens are <unk>"))
    let epoch = try #require(try result.objects().first)
    for key in ["validation_perplexity", "validation_bits_per_character", "validation_bits_per_byte"] {
      #expect((epoch[key] as? Double)?.isFinite == true, "\(key)")
    }
  }

  @Test func whatTokenizesAgainIsSaid() throws {
    let (command, result) = try trained("words")
    #expect(result.errors.contains("ptb.txt looks tokenized already (<unk> is in it)"))
    let table = (0..<40).map { "it 's a good one , \($0) .\t\($0 % 2)\n" }.joined()
    try command.write("text\tlabel\n" + table, to: "data.tsv")
    let classify =
      [
        "train", "classify", "--data", "data.tsv", "--epochs", "1", "--hidden", "4", "--layers", "1", "--embedding",
        "4",
      ]
    let words = try command.run(classify + ["--model", "words"])
    #expect(words.errors.contains("data.tsv looks tokenized already (its punctuation marks are surrounded by blanks)"))
    let whitespace = try command.run(
      classify + ["--model", "whitespace", "--tokens", "whitespace", "--lowercase", "--characters"])
    #expect(whitespace.code == 0 && !whitespace.errors.contains("tokenized"), "\(whitespace.errors)")
    #expect(whitespace.errors.contains(" 8 tokens on average"), "no line ends")
    try command.run(classify + ["--model", "new", "--tokens", "whitespace", "--drop-marks"]).expectFault(
      "--drop-marks: it applies to words only; use --tokens words", code: 64)
  }

  @Test func promptsAreOfTheVocabularyAndUnknownNeedNotBeDrawn() throws {
    let (command, _) = try trained("whitespace", "--vocabulary", "4")
    let generate = ["generate", "--model", "model", "--length", "100", "--prompt"]
    #expect(try command.run(generate + ["% <unk>"]).output.contains("<unk> <unk>"))
    let known = try command.run(generate + ["%", "--no-unknown"])
    #expect(known.code == 0 && !known.output.contains("<unk>"))
    try command.run(generate + ["% zebra"]).expectFault(
      "--prompt: the word \"zebra\" is not in the vocabulary; ", code: 1)
    let characters = try Training.trained()
    try characters.run(generate + ["m", "--no-unknown"]).expectFault(
      "--no-unknown: the model's vocabulary has no <unk>; leave it out", code: 64)
  }
}
