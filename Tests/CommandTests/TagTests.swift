import Foundation
import Testing

/// `recur train tag`, and `predict`, `evaluate` and `inspect` for its models.
struct TagTests {
  /// A name of one or two words stands before `sang` or behind `in`, and nowhere else; who only looks at a word cannot know
  /// a name that is a colour, too.
  private static let sentences = (0..<160).map { number -> [(word: String, tag: String)] in
    let colours = ["red", "green", "blue", "grey"]
    let (first, second) = (colours[number % 4], colours[number * 7 / 3 % 4])
    let name = number % 3 == 0 ? [(first, "B-PER"), (second, "I-PER")] : [(first, "B-PER")]
    let filler = (0..<number % 5).map { (colours[(number + $0) % 4], "O") }
    return (number % 2 == 0 ? name + [("sang", "O")] + filler + [("Xan", "B-LOC")] : filler + [("rained", "O")])
      .map { (word: $0.0, tag: $0.1) }
  }

  private static func lines(_ sentences: [[(word: String, tag: String)]]) -> String {
    sentences.map { $0.map { "\($0.word)\t\($0.tag)\n" }.joined() + "\n" }.joined()
  }

  private static func command(_ text: String = lines(sentences)) throws -> Command {
    let command = try Command()
    try command.write(text, to: "data.conll")
    return command
  }

  private static let arguments = [
    "train", "tag", "--data", "data.conll", "--model", "model", "--hidden", "8", "--layers", "1", "--batch", "16",
    "--epochs", "8", "--learning-rate", "0.03", "--seed", "1",
  ]

  private static let vectors = "red 1 0 0\nblue 0 1 0\ngreen 0 0 1\ngrey 1 1 0\nsang 1 1 1\nxan 1 0 1\n"

  /// A header that is not known as one, for example.
  @Test func aTagThatMarksNoEntityIsSaid() throws {
    let command = try Self.command("Wort\tTag\n" + Self.lines(Self.sentences))
    let trained = try command.run(Self.arguments + ["--epochs", "1"])
    #expect(trained.code == 0)
    #expect(
      trained.errors.contains("Entities are not counted: some tags other than O mark no entity: Tag (1)."),
      "\(trained.errors)")
  }

  @Test(arguments: [
    ["--bidirectional", "--embedding", "6"], ["--bidirectional", "--crf", "--cell", "gru", "--dropout", "0.1"],
    [
      "--bidirectional", "--crf", "--characters", "--character-embedding", "4", "--character-hidden", "4",
      "--lowercase", "--monitor", "entity-f1",
    ],
    [
      "--cell", "elman", "--bidirectional", "--embedding", "6", "--minimum-count", "2", "--vocabulary", "30",
      "--monitor", "loss",
    ],
    ["--cell", "feed-forward", "--window", "7", "--epochs", "20"],
    ["--cell", "feed-forward", "--window", "7", "--crf", "--characters", "--epochs", "20"],
    ["--bidirectional", "--vectors", "vectors.txt", "--freeze-vectors", "--patience", "6", "--epochs", "12"],
    ["--bidirectional", "--input", "one-hot", "--monitor", "accuracy"],
    ["--bidirectional", "--tag-weights", "balanced", "--label-smoothing", "0.1"],
  ])
  func learns(options: [String]) throws { try expectLearns(options, on: "cpu") }

  @Test(arguments: [
    ["--bidirectional", "--crf", "--cell", "gru", "--dropout", "0.1"],
    ["--cell", "feed-forward", "--window", "7", "--crf", "--characters", "--epochs", "20"],
    ["--bidirectional", "--tag-weights", "balanced", "--label-smoothing", "0.1"],
  ])
  func learnsOnOpenCL(options: [String]) throws { try expectLearns(options, on: "opencl") }

  private func expectLearns(_ options: [String], on device: String) throws {
    let command = try Self.command()
    try command.write(Self.vectors, to: "vectors.txt")
    let trained = try command.run(Self.arguments + options + ["--json"], environment: ["RECUR_DEVICE": device])
    #expect(trained.code == 0, "\(trained.errors)")
    let last = try #require(try trained.objects().last)
    #expect(last["event"] as? String == "done")
    let result = try command.run("evaluate", "--model", "model", "--data", "data.conll", "--json")
    let measured = try #require(try result.objects().first, "\(result.errors)")
    for metric in ["accuracy", "entity_precision", "entity_recall", "entity_f1"] {
      #expect(measured[metric] as? Double ?? 0 > 0.95, "\(device), \(options): \(measured)")
    }
    #expect(measured["sentences"] as? Int == Self.sentences.count)
    #expect(measured["words"] as? Int == Self.sentences.reduce(0) { $0 + $1.count })
  }

  @Test func predictsWhatStandsInTheData() throws {
    let command = try Self.command()
    #expect(try command.run(Self.arguments + ["--bidirectional", "--crf", "--characters"]).code == 0)
    let told = try command.run("predict", "--model", "model", "--data", "data.conll").output
    #expect(
      told.split(separator: "\n", omittingEmptySubsequences: false).count == Self.lines(Self.sentences).count {
        $0 == "\n"
      } + 1)
    let (found, due) = (told.split(separator: "\n"), Self.lines(Self.sentences).split(separator: "\n"))
    #expect(zip(found, due).count { $0 == $1 } > due.count * 95 / 100)
    // A word that is not known, and untagged words in a column of their own.
    try command.write("1 blue\n2 sang\n\n1 Xan\n", to: "plain.txt")
    let plain = try command.run("predict", "--model", "model", "--data", "plain.txt", "--word-column", "2")
    #expect(plain.output == "blue\tB-PER\nsang\tO\n\nXan\tB-LOC\n\n", "\(plain.errors)")
    let one = try command.run("predict", "--model", "model", "--text", "blue sang  Xan", "--json").objects().first
    #expect(one?["words"] as? [String] == ["blue", "sang", "Xan"])
    #expect(one?["tags"] as? [String] == ["B-PER", "O", "B-LOC"])
    let table = try command.run("inspect", "--model", "model").output
    #expect(table.contains("CRF(4)") && table.contains("characters.rnn.weight_ih_l0_reverse"))
    let flow = try command.run("inspect", "--model", "model", "--gradient-flow", "--data", "data.conll")
    #expect(flow.output.contains("characters.rnn.l0") && flow.output.contains(" rnn.l0"), "\(flow.errors)")
    let scores = try command.run("evaluate", "--model", "model", "--data", "data.conll").output
    #expect(scores.contains("accuracy:") && scores.contains("\n              PER: precision:"))
    #expect(scores.contains(" nats per sentence\n"))
  }

  @Test(arguments: [
    ["--characters", "--crf", "--bidirectional"], ["--tag-weights", "O=0.5,I-PER=2", "--label-smoothing", "0.1"],
  ])
  func goesOnWithTheSameBits(options: [String]) throws {
    let command = try Self.command()
    func arguments(_ model: String, _ epochs: Int) -> [String] {
      Self.arguments + options + ["--dropout", "0.2", "--model", model, "--epochs", "\(epochs)"]
    }
    #expect(try command.run(arguments("whole", 4)).code == 0)
    #expect(try command.run(arguments("part", 2)).code == 0)
    let resumed = try command.run("train", "tag", "--model", "part", "--resume", "--epochs", "4")
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(try command.bytes("part/model.safetensors") == command.bytes("whole/model.safetensors"))
    for (option, value) in [("--character-hidden", "7"), ("--tag-weights", "O=0.6"), ("--label-smoothing", "0.2")] {
      let other = try command.run("train", "tag", "--model", "part", "--resume", option, value)
      #expect(other.code == 64 && other.errors.contains("\(option): cannot be changed when a run is resumed"))
    }
  }

  /// The validation loss is the plain cross-entropy, whatever is trained on.
  @Test(arguments: [["--tag-weights", "O=0.1,I-PER=4", "--label-smoothing", "0.2"], ["--crf"]])
  func theValidationLossIsThatOfEvaluate(options: [String]) throws {
    let command = try Self.command()
    let trained = try command.run(
      Self.arguments + options + ["--epochs", "2", "--validation", "data.conll", "--monitor", "loss", "--json"])
    let loss = try trained.objects().compactMap {
      $0["event"] as? String == "epoch" ? $0["validation_loss"] as? Double : nil
    }
    let result = try command.run("evaluate", "--model", "model", "--data", "data.conll", "--json")
    let measured = try #require(try result.objects().first?["loss"] as? Double, "\(trained.errors)")
    #expect(abs(measured - (loss.min() ?? 0)) < 1e-6, "\(loss), \(measured)")
  }

  /// CoNLL-U is known by its name; parts of speech are measured by class, and nothing is an entity.
  @Test func partsOfSpeech() throws {
    let command = try Command()
    let rest = "\t_\t0\troot\t_\t_\n"
    let sentence = { (subject: String) in
      "# text\n1-2\tx\t_\t_\t_\(rest)1\t\(subject)\t_\tNOUN\tNN\(rest)2\tsings\t_\tVERB\tVBZ\(rest)\n"
    }
    try command.write((0..<40).map { sentence("bird\($0 % 5)") }.joined(), to: "data.conllu")
    let options = [
      "train", "tag", "--data", "data.conllu", "--model", "model", "--epochs", "12", "--hidden", "8", "--pos", "xpos",
      "--batch", "8", "--learning-rate", "0.02",
    ]
    let trained = try command.run(options)
    #expect(trained.code == 0 && trained.errors.contains("2 tags (NN, VBZ)"), "\(trained.errors)")
    let scores = try command.run("evaluate", "--model", "model", "--data", "data.conllu")
    #expect(scores.output.contains("VBZ") && scores.output.contains("1.0000"), "\(scores.errors)")
    let others = try command.run("evaluate", "--model", "model", "--data", "data.conllu", "--pos", "upos", "--json")
    #expect(
      others.errors.contains(
        "2 tags of data.conllu were not in the training data and count as misses: NOUN (40), VERB (40); none of its tags "
          + "was: check the column."), "\(others.errors)")
    #expect(try others.objects().first?["accuracy"] as? Double == 0)
    try command.run(options + ["--monitor", "entity-f1", "--model", "other"]).expectFault(
      "--monitor: the tags mark no entities: NN, VBZ; use loss or accuracy", code: 64)
  }

  @Test(arguments: [
    ("a\tO\nb\n", [], "data.conll, line 2: has 1 column, line 1 has 2; every line needs all columns"),
    ("a O\n\nb B-X\n", ["--tag-column", "4"], "data.conll, line 1: has 2 columns, but the tag column is 4; "),
    ("a O\n\nb O\n", ["--validation-fraction", "0"], "data.conll: has only one tag, O; give words with two or more"),
    (
      "a O\nb B-X\n", [],
      "data.conll: has 1 sentence, too few to hold out a fraction of 0.1; give more, with an empty line"
    ),
    ("\n\n", [], "data.conll: contains no sentences; use a file with one word per line"),
    ("", [], "data.conll: contains no sentences; use a file with one word per line"),
  ])
  func badDataIsNamed(data: String, options: [String], line: String) throws {
    let command = try Self.command(data)
    try command.run(Self.arguments + options).expectFault(line, code: 1)
    #expect(!command.exists("model"))
  }

  @Test(arguments: [
    (["--window", "2"], "--window: recurrent layers read whole sentences; "),
    (["--cell", "feed-forward"], "--cell: a feed-forward layer needs a window; add --window"),
    (["--character-hidden", "2"], "--character-hidden: the model reads no characters; add --characters"),
    (["--scheme", "ioe1"], "--scheme: ioe1 has O and I-TYPE, E-TYPE, not B-LOC, B-PER; use another scheme"),
    (["--pos", "upos"], "--pos: it applies to CoNLL-U, in files with the extension .conllu; "),
    (["--crf", "--tag-weights", "balanced"], "--tag-weights: a CRF scores whole sentences; "),
    (["--crf", "--label-smoothing", "0.1"], "--label-smoothing: a CRF scores whole sentences; "),
    (["--tag-weights", "B-ORG=2"], "--tag-weights: unknown tag B-ORG; use one or more of B-LOC, B-PER, I-PER, O"),
    (["--tag-weights", "B-LOC=0,B-PER=0,I-PER=0,O=0"], "--tag-weights: all weights are 0; "),
    (["--freeze-vectors"], "--freeze-vectors: no vectors are given; add --vectors"),
    (["--validation-fraction", "0", "--patience", "3"], "--patience: no validation data; "),
  ])
  func optionsThatDoNothingAreRefused(options: [String], line: String) throws {
    try Self.command().run(Self.arguments + options).expectFault(line, code: 64)
  }

  @Test func whatTheModelDoesNotKnow() throws {
    let command = try Self.command()
    #expect(try command.run(Self.arguments + ["--characters", "--crf"]).code == 0)
    // A tag is new: a miss, of a word and of an entity.
    try command.write("red B-PER\n\n\nblue O\ngreen B-ORG\n\nsang O\n", to: "other.conll")
    let other = try command.run("evaluate", "--model", "model", "--data", "other.conll", "--json")
    #expect(
      other.errors.contains(
        "A tag of other.conll was not in the training data and counts as a miss: B-ORG (1)."), "\(other.errors)")
    let measured = try #require(try other.objects().first)
    #expect(measured["words"] as? Int == 4 && measured["unseen"] as? [String: Int] == ["B-ORG": 1])
    #expect(measured["accuracy"] as? Double ?? 1 <= 0.75)
    #expect((measured["loss"] as? Double)?.isFinite == true)
    let types = try #require(measured["entities"] as? [String: [String: Double]])
    #expect(types["ORG"]?["expected"] == 1 && types["ORG"]?["recall"] == 0)
    let validated = try command.run(
      Self.arguments + ["--model", "new", "--epochs", "1", "--validation", "other.conll"])
    #expect(validated.code == 0 && validated.errors.contains("counts as a miss: B-ORG (1)."), "\(validated.errors)")
    try command.run("generate", "--model", "model")
      .expectFault("model: is a tagger; use recur predict --model model", code: 1)
    try command.run("train", "classify", "--model", "model", "--resume")
      .expectFault("model: is a tagger; use recur train tag --model model --resume", code: 1)
    // Most of its words are unknown: the numbers say little.
    try command.write("rouge O\nbleu O\nred B-PER\n", to: "french.conll")
    for arguments in [["evaluate"], ["predict", "--json"]] {
      let result = try command.run(arguments + ["--model", "model", "--data", "french.conll"])
      #expect(
        result.errors.contains("67 % of the words of french.conll are unknown to the model: "), "\(result.errors)")
    }
    // A sentence of 100,000 words, one of them long, among short ones, is read as it is.
    let long = String(repeating: "blue O\n", count: 99_999) + String(repeating: "x", count: 10_000) + " O\n"
    try command.write("red O\n\n" + long + "\nsang O\n", to: "long.conll")
    let read = try command.run("evaluate", "--model", "model", "--data", "long.conll", "--json")
    #expect(try read.objects().first?["words"] as? Int == 100_002, "\(read.errors)")
  }

  /// An `I-` after `O` starts an entity; it is counted, and said, and left out if that is asked for.
  @Test func illFormedEntitiesAreSaid() throws {
    let command = try Self.command()
    let trained = try command.run(Self.arguments)
    #expect(trained.code == 0 && !trained.errors.contains("well-formed") && trained.errors.contains("scheme iob2"))
    try command.write("red B-PER\nsang O\nblue I-PER\n\ngrey I-PER\n", to: "bad.conll")
    let result = try command.run("evaluate", "--model", "model", "--data", "bad.conll")
    #expect(
      result.errors.contains("2 entities in the data are not well-formed in the scheme iob2 but counted"))
    #expect(result.output.hasPrefix("processed 4 tokens with 3 phrases; found: "))
    let strict = try command.run("evaluate", "--model", "model", "--data", "bad.conll", "--strict")
    #expect(strict.errors.contains("2 entities in the data are not well-formed in the scheme iob2 and left out."))
    #expect(strict.output.hasPrefix("processed 4 tokens with 1 phrases; found: "))
    let iob1 = try command.run("evaluate", "--model", "model", "--data", "bad.conll", "--scheme", "iob1")
    #expect(iob1.errors.contains("1 entity in the data is not well-formed in the scheme iob1 but counted"))
    try command.run("evaluate", "--model", "model", "--data", "bad.conll", "--scheme", "ioe2").expectFault(
      "--scheme: ioe2 has O and I-TYPE, E-TYPE, not B-LOC, B-PER; ", code: 64)
  }

  /// The scheme is decided by the training tags, or given, and remembered; entities side by side are two.
  @Test func schemes() throws {
    let iobes = (0..<60).map { number in
      (0..<1 + number % 3).map { _ in "New B-LOC\nYork E-LOC\n" }.joined() + "in O\nParis S-LOC\n\n"
    }.joined()
    let command = try Self.command(iobes)
    let trained = try command.run(Self.arguments + ["--epochs", "30", "--monitor", "loss"])
    #expect(trained.errors.contains("with 4 tags (B-LOC, E-LOC, O, S-LOC) in the scheme iobes; "), "\(trained.errors)")
    let config = try command.text("model/config.json")
    #expect(config.contains("\"scheme\" : \"iobes\""))
    let measured = try command.run("evaluate", "--model", "model", "--data", "data.conll", "--strict", "--json")
      .objects()
    let types = try #require(measured.first?["entities"] as? [String: [String: Double]])
    #expect(types["LOC"]?["expected"] == 180 && types["LOC"]?["f1"] ?? 0 > 0.95, "\(types)")
    #expect(measured.first?["scheme"] as? String == "iobes")
    // Models that were trained before do not have it: what they counted is counted, and their runs go on.
    try command.write(config.replacing("\"scheme\" : \"iobes\",", with: ""), to: "model/config.json")
    #expect(
      try command.run("evaluate", "--model", "model", "--data", "data.conll", "--json").objects().first?["entities"]
        == nil)
    let given = try command.run("evaluate", "--model", "model", "--data", "data.conll", "--json", "--scheme", "bioes")
    #expect(try given.objects().first?["entity_f1"] as? Double ?? 0 > 0.95)
    let old = try Self.command()
    #expect(try old.run(Self.arguments + ["--epochs", "1", "--scheme", "bio"]).code == 0)
    try old.write(
      old.text("model/config.json").replacing("\"scheme\" : \"iob2\",", with: ""), to: "model/config.json")
    let resumed = try old.run("train", "tag", "--model", "model", "--resume", "--epochs", "2")
    #expect(resumed.code == 0 && resumed.errors.contains("entity-F1"), "\(resumed.errors)")
    try old.run("train", "tag", "--model", "model", "--resume", "--scheme", "iob1").expectFault(
      "--scheme: cannot be changed when a run is resumed", code: 64)
    try command.run(Self.arguments + ["--model", "other", "--scheme", "iob2"]).expectFault(
      "--scheme: iob2 has O and B-TYPE, I-TYPE, not E-LOC, S-LOC; use another scheme, or leave it out", code: 64)
  }

  @Test func aSentenceALine() throws {
    let command = try Self.command()
    #expect(try command.run(Self.arguments + ["--bidirectional", "--crf"]).code == 0)
    try command.write("blue sang Xan\n\nblue sang\n", to: "plain.txt")
    let plain = try command.run("predict", "--model", "model", "--data", "plain.txt")
    #expect(plain.errors.contains("Each line of plain.txt is read as a sentence with words separated by blanks."))
    #expect(plain.output == "blue\tB-PER\nsang\tO\nXan\tB-LOC\n\n\nblue\tB-PER\nsang\tO\n\n", "\(plain.output)")
    let objects = try command.run("predict", "--model", "model", "--data", "plain.txt", "--json").objects()
    #expect(objects.map { ($0["words"] as? [String])?.count } == [3, 0, 2])
    #expect(objects.map { ($0["tags"] as? [String])?.count } == [3, 0, 2])
    // As many words in each line: columns, unless it is said.
    try command.write("blue sang\ngrey sang\n", to: "even.txt")
    let columns = try command.run("predict", "--model", "model", "--data", "even.txt")
    #expect(columns.errors.contains("Each line of even.txt has 2 columns, and column 1 is read as the word; "))
    #expect(columns.output.split(separator: "\n").count == 2)
    let said = try command.run("predict", "--model", "model", "--data", "even.txt", "--sentences")
    #expect(said.output.split(separator: "\n").map { $0.prefix(4) } == ["blue", "sang", "grey", "sang"])
    #expect(said.output.matches(of: #/\n\n/#).count == 2 && said.errors == "")
    try command.run("predict", "--model", "model", "--data", "even.txt", "--sentences", "--word-column", "2")
      .expectFault("--word-column: a sentence has no columns; leave it out", code: 64)
  }
}
