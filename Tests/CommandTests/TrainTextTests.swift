import Foundation
import Testing

/// `recur train text`
struct TrainTextTests {
  @Test func writesEventsAndAFolder() throws {
    let command = try Training.command()
    let result = try command.run(Training.arguments("model", "--epochs", "2", "--json"))
    #expect(result.code == 0)
    let events = try result.objects()
    #expect(events.map { $0["event"] as? String } == ["epoch", "epoch", "done"])
    for key in ["epoch", "train_loss", "validation_loss", "seconds", "tokens_per_second"] {
      #expect((events[0][key] as? Double)?.isFinite == true, "\(key)")
    }
    #expect(events[2]["device"] as? String == "cpu")
    #expect(events[2]["parameters"] as? Int ?? 0 > 0)
    for file in ["config.json", "model.safetensors", "vocabulary.json", "training/state.safetensors"] {
      #expect(command.exists("model/" + file))
    }
    #expect(try command.text("model/training/history.jsonl").split(separator: "\n").count == 2)
    #expect(!result.errors.contains("\r"), "no bar without a terminal")
  }

  @Test(arguments: [
    ["--cell", "gru"], ["--cell", "gru", "--gru-convention", "before"], ["--cell", "elman", "--input", "one-hot"],
    ["--cell", "elman", "--activation", "relu", "--bias", "single"], ["--bias", "none", "--embedding", "6"],
    ["--sparse-embedding", "--optimizer", "adagrad"],
    ["--tokens", "words", "--vocabulary", "20", "--optimizer", "adamw", "--schedule", "cosine:5"],
    ["--input", "integer", "--optimizer", "rmsprop", "--schedule", "step:20:0.5", "--clip-value", "0.5"],
  ])
  func trainsEveryShape(options: [String]) throws {
    let command = try Training.command()
    let result = try command.run(Training.arguments("model", "--epochs", "1") + options)
    #expect(result.code == 0, "\(result.errors)")
    let evaluated = try command.run("evaluate", "--model", "model", "--data", "text.txt", "--json")
    #expect(try evaluated.objects().first?["loss"] as? Double ?? .nan < 5)
  }

  @Test func aRunThatWasStoppedGoesOnWithTheSameBits() throws {
    let command = try Training.command()
    let process = try command.start(
      Training.arguments("parts", "--epochs", "100000", "--checkpoint-every", "7", "--json"))
    let deadline = ContinuousClock.now + .seconds(60)
    while !command.exists("parts/training/state.safetensors") && ContinuousClock.now < deadline { usleep(2000) }
    process.interrupt()
    let stopped = try command.wait(for: process)
    #expect(stopped.code == 130)
    #expect(stopped.errors.contains("recur train text --model parts --resume"))
    let last = try #require(try stopped.objects().last)
    #expect(last["event"] as? String == "stopped")
    // How far it came is chance: the whole run ends an epoch after that.
    let epochs = String(try #require(last["epochs"] as? Int) + 1)
    let resumed = try command.run(Training.resume("parts", "--epochs", epochs))
    #expect(resumed.code == 0, "\(resumed.errors)")
    let whole = try command.run(Training.arguments("whole", "--epochs", epochs))
    #expect(whole.code == 0)
    #expect(try command.bytes("parts/model.safetensors") == command.bytes("whole/model.safetensors"))
    let history = { (folder: String) in
      try command.text(folder + "/training/history.jsonl").split(separator: "\n").count
    }
    #expect(try history("parts") == history("whole"))
  }

  @Test func aConfigurationFileIsOverruledByTheCommandLine() throws {
    let command = try Training.command()
    try command.write(
      "data: text.txt\nhidden: 7\ncell: gru\nbatch: 4\nsequence: 10\nvalidation-fraction: 0.2\nepochs: 1\njson: true\n",
      to: "run.yaml")
    let result = try command.run("train", "text", "--config", "run.yaml", "--model", "m", "--hidden", "9")
    #expect(result.code == 0, "\(result.errors)")
    let configuration = try command.text("m/config.json")
    #expect(configuration.contains("\"hidden\" : 9"))
    #expect(configuration.contains("\"cell\" : \"gru\""))
    #expect(try result.objects().last?["event"] as? String == "done")
    // The same file goes on with the run, but for what the command line had overruled.
    let resume = ["train", "text", "--config", "run.yaml", "--model", "m", "--resume"]
    let refused = try command.run(resume)
    #expect(refused.code == 64)
    #expect(refused.errors.contains("run.yaml, line 2: hidden"))
    let resumed = try command.run(resume + ["--hidden", "9", "--epochs", "2"])
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(try resumed.objects().last?["epochs"] as? Int == 2)
  }

  @Test(arguments: [
    ("hiden: 7", 64, "Unknown option '--hiden'"),
    ("cell: feed-forward", 64, "--cell: unknown value feed-forward; use elman, lstm or gru"),
    ("hidden: -7", 64, "hidden: -7 is out of range"), ("activation: relu", 64, "only an Elman cell has one"),
    ("- 7", 1, "is not a \"name: value\" pair"), ("learning-rate: 1", 1, "is repeated"),
  ])
  func aConfigurationFileIsWrongInALine(line: String, code: Int32, reason: String) throws {
    let command = try Training.command()
    try command.write("data: text.txt\nlearning_rate: 0.01\n\(line)\n", to: "run.yaml")
    let result = try command.run("train", "text", "--config", "run.yaml", "--model", "new")
    #expect(result.code == code)
    #expect(result.errors.hasPrefix("recur: run.yaml, line 3: "), "\(result.errors)")
    #expect(result.errors.contains(reason), "\(result.errors)")
    #expect(!command.exists("new"))
  }

  @Test func aRunThatIsDoneSaysSo() throws {
    let command = try Training.trained()
    let result = try command.run(Training.resume("model", "--epochs", "1"))
    #expect(result.code == 0)
    #expect(result.errors == "model: its only epoch is done; give --epochs 2 or more to continue\n")
  }

  @Test func aByteOrderMarkIsNoText() throws {
    let command = try Training.command()
    try command.write("\u{FEFF}" + Training.text, to: "marked.txt")
    let arguments = Training.arguments("model", "--epochs", "1")
    for data in ["text.txt", "marked.txt"] {
      let result = try command.run(arguments + ["--data", data, "--model", data + ".model"])
      #expect(result.code == 0, "\(result.errors)")
    }
    #expect(try command.bytes("text.txt.model/vocabulary.json") == command.bytes("marked.txt.model/vocabulary.json"))
    #expect(
      try command.bytes("text.txt.model/model.safetensors") == command.bytes("marked.txt.model/model.safetensors"))
  }

  @Test func aLossThatIsNotFiniteStopsTheRunAndKeepsTheCheckpoint() throws {
    let command = try Training.command()
    // Ten good steps, and then one of a length that no weight survives.
    let arguments = Training.arguments(
      "model", "--optimizer", "sgd", "--learning-rate", "0.1", "--schedule", "step:10:1e38", "--clip-norm", "0",
      "--checkpoint-every", "5")
    let result = try command.run(arguments)
    #expect(result.code == 1)
    #expect(result.errors.contains("lower --learning-rate"))
    #expect(result.errors.contains("the checkpoint of step 10 is kept in model"))
    #expect(result.errors.split(separator: "\n").last?.hasPrefix("recur: ") == true)
    let evaluated = try command.run("evaluate", "--model", "model", "--data", "text.txt", "--json")
    // Guessing among the text's 30 or so symbols costs ln 30 = 3.4.
    #expect(try evaluated.objects().first?["loss"] as? Double ?? .nan < 3.5)
  }

  /// What Zaremba et al. (2014) and others train with, resumed with the same bits.
  @Test func optionsOfLanguageModels() throws {
    let command = try Training.command()
    let options = [
      "--tokens", "words", "--lowercase", "--minimum-count", "2", "--embedding", "12", "--tied", "--embedding-dropout",
      "0.2",
      "--head-dropout", "0.1", "--initialization", "uniform:0.1", "--optimizer", "sgd", "--momentum", "0.9",
      "--weight-decay", "0.0001", "--learning-rate", "2", "--schedule", "plateau:1:0.5", "--patience", "9",
    ]
    let whole = try command.run(Training.arguments("whole", "--epochs", "5", "--json") + options)
    let rates = try whole.objects().compactMap { $0["learning_rate"] as? Double }
    #expect(rates.count == 5 && rates.last ?? 2 < 2, "\(rates), \(whole.errors)")
    #expect(try command.run(Training.arguments("model", "--epochs", "2") + options).code == 0)
    #expect(try command.run(Training.resume("model", "--epochs", "5")).code == 0)
    try Training.expectUnbroken(command)
    #expect(try command.run("generate", "--model", "model", "--length", "5").code == 0)
  }

  @Test func sampledSoftmax() throws {
    let command = try Training.command()
    let options = ["--tokens", "words", "--sampled-softmax", "6"]
    for device in ["cpu", "opencl"] {
      let run = try command.run(
        Training.arguments("\(device)", "--epochs", "2", "--json", "--device", device) + options)
      let losses = try run.objects().filter { $0["event"] as? String == "epoch" }.compactMap {
        $0["validation_loss"] as? Double
      }
      #expect(losses.count == 2 && losses[1] < losses[0], "\(losses), \(run.errors)")
    }
    #expect(try command.run(Training.arguments("model", "--epochs", "1") + options).code == 0)
    #expect(try command.run(Training.resume("model", "--epochs", "2")).code == 0)
    #expect(try command.bytes("model/model.safetensors") == command.bytes("cpu/model.safetensors"))
    try command.run(Training.arguments("new", "--tokens", "words", "--sampled-softmax", "5000")).expectFault(
      "--sampled-softmax: the vocabulary has ", code: 64)
  }

  @Test func startsFromTheWeightsOfAnotherModel() throws {
    let command = try Training.trained()
    let from = ["train", "text", "--data", "text.txt", "--from", "model"]
    let same = try command.run(from + ["--model", "same", "--epochs", "0"])
    #expect(same.errors.contains("The model in same has its initial weights (0 epochs)."), "\(same.errors)")
    #expect(try command.bytes("same/model.safetensors") == command.bytes("model/model.safetensors"))
    let tuned = try command.run(from + ["--model", "tuned", "--epochs", "1"])
    #expect(tuned.code == 0 && tuned.errors.contains("Epoch 1 of 1"), "\(tuned.errors)")
    #expect(try command.run("train", "text", "--model", "tuned", "--resume", "--epochs", "2").code == 0)
    try command.run(from + ["--model", "new", "--hidden", "9"]).expectFault(
      "--hidden: the model of --from defines it; leave it out", code: 64)
  }
}
