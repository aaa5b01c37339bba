import Foundation
import Recurrent
import Testing

/// `recur train classify`, `predict`, `evaluate` and `inspect`.
struct ClassifyTests {
  /// Lines whose label is whether a word of joy occurs; a colour says nothing.
  private static let examples = (0..<240).map { number -> (text: String, label: String) in
    let colours = ["red", "green", "blue", "grey"]
    let filler = (0..<number % 7).map { colours[(number * 7919 + $0 * 31) % 4] }
    let isGlad = number % 3 == 0
    return ((filler + [isGlad ? "joy" : "rain"] + filler.reversed()).joined(separator: " "), isGlad ? "glad" : "sad")
  }

  static func command() throws -> Command {
    let command = try Command()
    try command.write("text\tlabel\n" + examples.map { "\($0.text)\t\($0.label)\n" }.joined(), to: "data.tsv")
    return command
  }

  static let arguments = [
    "train", "classify", "--data", "data.tsv", "--model", "model", "--embedding", "6", "--hidden", "8", "--layers", "1",
    "--batch", "16", "--epochs", "6", "--learning-rate", "0.02", "--seed", "1",
  ]

  @Test(arguments: [
    ["--cell", "lstm"], ["--cell", "gru", "--bidirectional", "--pooling", "mean"],
    ["--cell", "elman", "--pooling", "max", "--binary"], ["--pooling", "attention", "--dropout", "0.1"],
    ["--cell", "elman", "--length", "9", "--fill", "start", "--initialization", "keras"],
    ["--cell", "feed-forward", "--length", "13", "--epochs", "20"],
    ["--tokens", "characters", "--pooling", "max", "--class-weights", "balanced"],
    ["--class-weights", "glad=2,sad=1", "--label-smoothing", "0.1", "--lowercase", "--drop-marks"],
    ["--minimum-count", "2", "--pooling", "max", "--monitor", "macro-f1", "--patience", "5"],
    ["--characters", "--character-embedding", "4", "--character-hidden", "5", "--bidirectional", "--lowercase"],
    ["--characters", "--pooling", "max", "--length", "9", "--fill", "start"],
  ])
  func learns(options: [String]) throws { try expectLearns(options, on: "cpu") }

  @Test(arguments: [
    ["--cell", "gru", "--bidirectional", "--pooling", "mean"], ["--pooling", "attention", "--dropout", "0.1"],
    ["--characters", "--character-embedding", "4", "--character-hidden", "5", "--pooling", "max", "--lowercase"],
  ])
  func learnsOnOpenCL(options: [String]) throws { try expectLearns(options, on: "opencl") }

  private func expectLearns(_ options: [String], on device: String) throws {
    let command = try Self.command()
    let trained = try command.run(Self.arguments + options + ["--json"], environment: ["RECUR_DEVICE": device])
    #expect(trained.code == 0, "\(trained.errors)")
    let last = try #require(try trained.objects().last)
    #expect(last["event"] as? String == "done")
    let result = try command.run("evaluate", "--model", "model", "--data", "data.tsv", "--json")
    let measured = try #require(try result.objects().first, "\(result.errors)")
    #expect(measured["accuracy"] as? Double ?? 0 > 0.95, "\(device), \(options): \(measured)")
    #expect(measured["texts"] as? Int == 240)
    let counts = try #require(measured["confusion"] as? [[Int]])
    #expect(counts.joined().reduce(0, +) == 240)
  }

  @Test func predictsInOrder() throws {
    let command = try Self.command()
    #expect(try command.run(Self.arguments).code == 0)
    let lines = try command.run("predict", "--model", "model", "--data", "data.tsv").output.split(separator: "\n")
    #expect(lines.count == 240)
    let right = zip(lines, Self.examples).count { $0.split(separator: "\t").first.map(String.init) == $1.label }
    #expect(right > 228)
    let one = try #require(
      try command.run("predict", "--model", "model", "--text", "red joy blue", "--json").objects().first)
    #expect(one["label"] as? String == "glad" && one["text"] as? String == "red joy blue")
    let sum = (one["probabilities"] as? [String: Double])?.values.reduce(0, +) ?? 0
    #expect(abs(sum - 1) < 1e-5)
    let table = try command.run("inspect", "--model", "model").output
    #expect(table.contains("Embedding(7, 6)") && table.contains("head.weight"))
  }

  /// What a word is like is told by its letters, where the word itself is not known.
  @Test func lettersTellOfUnknownWords() throws {
    let command = try Command()
    let words = ["joyful", "gleeful", "hopeful", "useful", "joyless", "gleeless", "hopeless", "useless"]
    let lines = (0..<160).map { number in
      let word = words[number % 8]
      return "it is \(word) today\t\(word.hasSuffix("ful") ? "full" : "less")\n"
    }
    try command.write("text\tlabel\n" + lines.joined(), to: "data.tsv")
    let options = ["--vocabulary", "4", "--characters", "--character-hidden", "8", "--epochs", "12"]
    let trained = try command.run(Self.arguments + options)
    #expect(trained.code == 0, "\(trained.errors)")
    try command.write("it is tactful today\nit is tactless today\n", to: "new.txt")
    let told = try command.run("predict", "--model", "model", "--data", "new.txt").output.split(separator: "\n")
    #expect(told.map { $0.prefix(4) } == ["full", "less"])
    let table = try command.run("inspect", "--model", "model").output
    #expect(table.contains("characters.rnn"))
    for (options, line) in [
      (["--tokens", "characters", "--characters"], "--characters: the tokens are characters already; "),
      (
        ["--cell", "feed-forward", "--length", "5", "--characters"],
        "--characters: a feed-forward layer does not read characters"
      ),
      (["--character-hidden", "5"], "--character-hidden: the model reads no characters; add --characters"),
    ] {
      let refused = try command.run(Self.arguments + ["--model", "other"] + options)
      #expect(refused.code == 64 && refused.errors.contains(line), "\(refused.errors)")
    }
  }

  @Test func goesOnWithTheSameBits() throws {
    let command = try Self.command()
    func arguments(_ model: String, _ epochs: Int) -> [String] {
      Self.arguments + ["--dropout", "0.2", "--monitor", "loss", "--model", model, "--epochs", "\(epochs)"]
    }
    #expect(try command.run(arguments("whole", 4)).code == 0)
    #expect(try command.run(arguments("part", 2)).code == 0)
    let resumed = try command.run("train", "classify", "--model", "part", "--resume", "--epochs", "4")
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(try command.bytes("part/model.safetensors") == command.bytes("whole/model.safetensors"))
    let other = try command.run("train", "classify", "--model", "part", "--resume", "--pooling", "max")
    #expect(other.code == 64 && other.errors.contains("--pooling: cannot be changed when a run is resumed"))
  }

  /// The weights that stay are those of the epoch that was best, and a run that has nothing more to gain ends.
  @Test func theBestEpochStays() throws {
    let command = try Self.command()
    let result = try command.run(Self.arguments + ["--epochs", "40", "--monitor", "loss", "--patience", "1", "--json"])
    #expect(result.code == 0, "\(result.errors)")
    let events = try result.objects()
    let losses = events.compactMap { $0["event"] as? String == "epoch" ? $0["validation_loss"] as? Double : nil }
    let best = try #require(losses.indices.min { losses[$0] < losses[$1] })
    #expect(events.last?["best_epoch"] as? Int == best + 1)
    #expect(losses.count == min(40, best + 2))
  }

  /// The validation loss is the plain cross-entropy, whatever is trained on.
  @Test(arguments: [[], ["--binary"]]) func theValidationLossIsThatOfEvaluate(options: [String]) throws {
    let command = try Self.command()
    let weighted = ["--class-weights", "glad=3,sad=0.5", "--label-smoothing", "0.2"]
    let trained = try command.run(
      Self.arguments + options + weighted + [
        "--epochs", "2", "--validation", "data.tsv", "--monitor", "loss", "--json",
      ])
    let loss = try trained.objects().compactMap {
      $0["event"] as? String == "epoch" ? $0["validation_loss"] as? Double : nil
    }
    let result = try command.run("evaluate", "--model", "model", "--data", "data.tsv", "--json")
    let measured = try #require(try result.objects().first?["loss"] as? Double, "\(trained.errors)")
    #expect(abs(measured - (loss.min() ?? 0)) < 1e-6, "\(loss), \(measured)")
  }

  @Test func crossValidates() throws {
    let command = try Self.command()
    let arguments = Self.folded + ["--epochs", "8"]
    let result = try command.run(arguments + ["--folds", "3", "--json"])
    let events = try result.objects()
    #expect(events.map { $0["event"] as? String } == ["fold", "fold", "fold", "done"], "\(result.errors)")
    #expect(events.last?["accuracy"] as? Double ?? 0 > 0.95 && events.last?["examples"] as? Int == 240)
    #expect(result.errors.matches(of: #/Training \d+ parameters on data.tsv: 10 steps per epoch, 8 epochs/#).count == 1)
    for option in [["--monitor", "loss"], ["--patience", "3"], ["--validation", "data.tsv"], ["--from", "model"]] {
      let refused = try command.run(arguments + option)
      #expect(
        refused.code == 64 && refused.errors.hasPrefix("recur: Unknown option '\(option[0])'"), "\(refused.errors)")
    }
    for (folds, line) in [("1", "use 2 or more"), ("241", "use 2 to the number of examples, 240")] {
      try command.run(arguments + ["--folds", folds]).expectFault(
        "--folds: \(folds) is out of range; \(line)", code: 64)
    }
  }

  /// A cross-validation with the options of a run.
  private static var folded: [String] {
    ["cross-validate"] + arguments.dropFirst().filter { !["--model", "model"].contains($0) }
  }

  /// Each text is predicted by the model that did not see it; one fold alone is as it is among all.
  @Test func predictionsOutOfFold() throws {
    let command = try Self.command()
    try command.write(command.text("data.tsv") + "\tglad\n", to: "data.tsv")
    let arguments = Self.folded + ["--epochs", "8", "--folds", "3"]
    let all = try command.run(arguments + ["--out-of-fold", "all.csv", "--json"])
    #expect(
      all.code == 0 && all.errors.contains("1 text without words is left out: data.tsv, line 242."), "\(all.errors)")
    let rows = try command.text("all.csv").split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    #expect(rows[0] == ["row", "fold", "label", "prediction", "probability"])
    #expect(rows.dropFirst().map { Int($0[0]) } == Array(1...241))
    #expect(rows.dropFirst().map { $0[2] } == Self.examples.map(\.label) + ["glad"])
    #expect(rows[241].suffix(2) == ["", ""])
    #expect(rows[1...240].allSatisfy { (0.5...1).contains(Double($0[4]) ?? 0) })
    let right = rows.count { $0[2] == $0[3] }
    #expect(try all.objects().last?["accuracy"] as? Double == Double(right) / 240)
    let one = try command.run(arguments + ["--fold", "2", "--out-of-fold", "one.tsv", "--json"])
    #expect(try one.objects().map { $0["event"] as? String } == ["fold", "done"], "\(one.errors)")
    #expect(try one.objects()[0]["loss"] as? Double == all.objects()[1]["loss"] as? Double)
    let second = rows.dropFirst().filter { $0[1] == "2" }.map { $0.joined(separator: "\t") }
    #expect(try command.text("one.tsv").split(separator: "\n").dropFirst().map(String.init) == second)
    for (options, line) in [
      (["--fold", "4"], "--fold: 4 is out of range; use 1 to 3, one of the --folds"),
      (["--out-of-fold", "./data.tsv"], "--out-of-fold: the run reads ./data.tsv; name another file"),
    ] { try command.run(arguments + options).expectFault(line, code: 64) }
    try command.run(arguments + ["--out-of-fold", "none/x.csv"]).expectFault("none/: cannot be written ", code: 1)
  }

  /// They do not end what is done with the others; an answer stays at the place of its text.
  @Test func textsWithoutWordsAndUnseenLabels() throws {
    let command = try Self.command()
    try command.write(command.text("data.tsv") + "...\tsad\n", to: "data.tsv")
    let trained = try command.run(Self.arguments + ["--drop-marks"])
    #expect(trained.code == 0 && trained.errors.contains("1 text without words is left out: data.tsv, line 242."))
    try command.write("red joy\n\n...\nblue rain\n", to: "new.txt")
    let told = try command.run("predict", "--model", "model", "--data", "new.txt")
    #expect(told.errors == "2 texts without words are given no label: new.txt, line 2; new.txt, line 3.\n")
    let lines = told.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(
      lines.count == 5 && lines[0].hasPrefix("glad\t0.") && lines[1...2] == ["\t", "\t"] && lines[3].hasPrefix("sad\t"))
    let objects = try command.run("predict", "--model", "model", "--data", "new.txt", "--json").objects()
    #expect(objects.map { $0["text"] as? String } == ["red joy", "", "...", "blue rain"])
    #expect(objects.map { $0["label"] as? String } == ["glad", nil, nil, "sad"] && objects[1]["label"] is NSNull)
    try command.run("predict", "--model", "model", "--text", "...").expectFault("--text: has no words; ", code: 64)
    try command.write("text\tlabel\nred joy\tglad\nblue rain\tangry\n\tsad\n", to: "other.tsv")
    let result = try command.run("evaluate", "--model", "model", "--data", "other.tsv", "--json")
    let measured = try #require(try result.objects().first, "\(result.errors)")
    #expect(
      measured["texts"] as? Int == 2 && measured["skipped"] as? Int == 1 && measured["accuracy"] as? Double == 0.5)
    #expect(measured["unseen"] as? [String: Int] == ["angry": 1])
    #expect(measured["labels"] as? [String] == ["glad", "sad", "angry"])
    // scikit-learn's: the mean of 1, 0 (predicted once) and 0.
    #expect(abs((measured["macro_f1"] as? Double ?? 0) - 1.0 / 3) < 1e-12)
    let validated = try command.run(Self.arguments + ["--model", "new", "--validation", "other.tsv", "--drop-marks"])
    #expect(
      validated.code == 0 && validated.errors.contains("counts as a miss: angry (1).")
        && validated.errors.contains("1 text without words is left out: other.tsv, line 4."), "\(validated.errors)")
  }

  /// A file beside those of the classes is a class, too.
  @Test func aLabelThatMayBeNoneIsSaid() throws {
    let command = try Command()
    let lines = { (count: Int) in Data(String(repeating: "red day\n", count: count).utf8) }
    try command.write(["glad.txt": lines(30), "sad.txt": lines(25), "README.txt": lines(1)], into: "days")
    let result = try command.run(
      Self.arguments + ["--data", "days", "--validation-fraction", "0", "--epochs", "1"])
    #expect(result.errors.contains("Rare labels: README (1); half of the labels have 25 texts or more. "))
  }

  @Test func mostlyUnknownWordsAreSaid() throws {
    let command = try Self.command()
    try command.write("text\tlabel\nrouge red pluie\tglad\n", to: "french.tsv")
    let note = "67 % of the words of french.tsv are unknown to the model: "
    let trained = try command.run(Self.arguments + ["--validation", "french.tsv"])
    #expect(trained.code == 0 && trained.errors.contains(note), "\(trained.errors)")
    for name in ["evaluate", "predict"] {
      let french = try command.run(name, "--model", "model", "--data", "french.tsv")
      #expect(french.code == 0 && french.errors.contains(note), "\(french.errors)")
      #expect(try command.run(name, "--model", "model", "--data", "data.tsv").errors == "")
    }
  }

  @Test(arguments: [
    (
      "text\tlabel\nred joy\tglad\nblue\n", [],
      "data.tsv, line 3: has 1 column, line 1 has 2; every row needs all columns"
    ),
    (
      "text\tlabel\nred joy\tglad\nblue\tglad\n", ["--validation-fraction", "0"], "data.tsv: has only one label, glad; "
    ),
    ("words\tlabel\nred joy\tglad\n", [], "data.tsv, line 1: has no column text; use one of words, label"),
    ("text\tlabel\n\tglad\n", [], "data.tsv: is empty; use a file with text"),
    (
      "text\tlabel\n...\tglad\n!\tsad\n", ["--drop-marks", "--validation-fraction", "0"],
      "data.tsv: has no text with words; use texts with words"
    ),
  ])
  func badDataIsNamed(data: String, options: [String], line: String) throws {
    let command = try Self.command()
    try command.write(data, to: "data.tsv")
    try command.run(Self.arguments + options).expectFault(line, code: 1)
    #expect(!command.exists("model"))
  }

  @Test(arguments: [
    (["--monitor", "loss", "--validation-fraction", "0"], "--monitor: no validation data; "),
    (["--patience", "2", "--validation-fraction", "0"], "--patience: no validation data; "),
    (["--cell", "feed-forward", "--length", "9", "--bidirectional"], "--bidirectional: a feed-forward layer has no "),
    (["--fill", "start"], "--fill: padding needs a length; add --length"),
  ])
  func optionsThatDoNothingAreRefused(options: [String], line: String) throws {
    try Self.command().run(Self.arguments + options).expectFault(line, code: 64)
  }

  @Test func textsToValidateOnHaveLabels() throws {
    let command = try Self.command()
    try command.write("red joy\nblue rain\n", to: "texts")
    try command.write("glad\nsad\n", to: "labels")
    let options = ["--data", "texts", "--labels", "labels", "--validation", "texts"]
    try command.run(Self.arguments + options).expectFault(
      "texts: has one text per line, but no labels; give the file of labels, --validation-labels, or use a name ",
      code: 1)
    try command.run(Self.arguments + ["--validation-labels", "labels"]).expectFault(
      "--validation-labels: no validation data is given; add --validation", code: 64)
    #expect(!command.exists("model"))
    let trained = try command.run(Self.arguments + options + ["--validation-labels", "labels"])
    #expect(trained.code == 0, "\(trained.errors)")
  }

  /// Vectors have a size of their own; all mistakes in what is validated on may cost nothing.
  @Test func vectorsAndWeights() throws {
    let command = try Self.command()
    try command.write("joy 1 0 0\nrain 0 1 0\n", to: "vectors.txt")
    let vectors = ["--vectors", "vectors.txt", "--epochs", "1"]
    try command.run(Self.arguments + vectors).expectFault(
      "--embedding: the vectors of vectors.txt have 3 values; leave it out", code: 64)
    try command.write("vert 1 2\nbleu 3 4\n", to: "other.txt")
    try command.run("train", "classify", "--data", "data.tsv", "--model", "model", "--vectors", "other.txt")
      .expectFault(
        "other.txt: has a vector for none of the 7 words; use vectors of the same language", code: 1)
    let same = try command.run(Self.arguments + vectors + ["--embedding", "3"])
    #expect(same.code == 0, "\(same.errors)")
    let resumed = try command.run(
      "train", "classify", "--model", "model", "--resume", "--epochs", "2", "--embedding", "3")
    #expect(resumed.code == 0, "\(resumed.errors)")
    try command.write("text\tlabel\nred joy\tglad\n", to: "glad.tsv")
    let free = try command.run(
      Self.arguments + ["--model", "free", "--epochs", "1", "--validation", "glad.tsv", "--class-weights", "glad=0"])
    #expect(free.code == 0, "\(free.errors)")
  }

  @Test func whatTheModelDoesNotKnow() throws {
    let command = try Self.command()
    #expect(try command.run(Self.arguments).code == 0)
    try command.write("text\tlabel\nred joy\tangry\n", to: "other.tsv")
    let other = try command.run("evaluate", "--model", "model", "--data", "other.tsv", "--json")
    #expect(
      other.errors.contains(
        "A label of other.tsv was not in the training data and counts as a miss: angry (1); none of its labels was: check "
          + "the column."), "\(other.errors)")
    #expect(try other.objects().first?["accuracy"] as? Double == 0)
    let otherTask = "model: is a classifier; use recur predict --model model"
    try command.run("generate", "--model", "model").expectFault(otherTask, code: 1)
    try command.run("train", "text", "--model", "model", "--resume").expectFault(
      "model: is a classifier; use recur train classify --model model --resume", code: 1)
    try command.run("train", "text", "--model", "new", "--from", "model", "--data", "x").expectFault(
      "model: is a classifier; use recur train classify, or name a language model", code: 1)
    // A text of 100,000 tokens is read as it is, and makes no others as long.
    let text = String(repeating: "red ", count: 99_999) + "joy"
    try command.write(text + "\n", to: "long.txt")
    let long = try command.run("predict", "--model", "model", "--data", "long.txt")
    #expect(long.code == 0 && long.output.split(separator: "\n").count == 1, "\(long.errors)")
    let others = Self.examples.map { "\($0.text)\t\($0.label)\n" }.joined()
    try command.write("text\tlabel\n\(text)\tglad\n" + others, to: "long.tsv")
    let trained = try command.run(Self.arguments + ["--data", "long.tsv", "--model", "long", "--epochs", "1"])
    let padding = try #require(trained.errors.firstMatch(of: #/([\d.]+) % of a batch is padding/#), "\(trained.errors)")
    #expect(trained.code == 0 && Double(padding.1) ?? 100 < 1)
  }
}
