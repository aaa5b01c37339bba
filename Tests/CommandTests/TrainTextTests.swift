import Foundation
import Testing

/// `recur train text`
struct TrainTextTests {
  @Test func writesEventsAndAFolder() throws {
    let command = try Training.command()
    let result = try command.wait(for: command.start(Training.arguments("model", "--epochs", "2", "--json")))
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
    ["--tokens", "words", "--vocabulary", "20", "--optimizer", "adamw", "--schedule", "cosine:5"],
    ["--input", "integer", "--optimizer", "rmsprop", "--schedule", "step:20:0.5", "--clip-value", "0.5"],
  ])
  func trainsEveryShape(options: [String]) throws {
    let command = try Training.command()
    let result = try command.wait(for: command.start(Training.arguments("model", "--epochs", "1") + options))
    #expect(result.code == 0, "\(result.errors)")
    let evaluated = try command.run("evaluate", "--model", "model", "--data", "text.txt", "--json")
    #expect(try evaluated.objects().first?["loss"] as? Double ?? .nan < 5)
  }

  @Test func aRunThatWasStoppedGoesOnWithTheSameBits() throws {
    let command = try Training.command()
    let whole = try command.wait(for: command.start(Training.arguments("whole", "--epochs", "6")))
    #expect(whole.code == 0)
    let process = try command.start(Training.arguments("parts", "--epochs", "2000", "--checkpoint-every", "7"))
    while !command.exists("parts/training/state.safetensors") { usleep(2000) }
    process.interrupt()
    let stopped = try command.wait(for: process)
    #expect(stopped.code == 0)
    #expect(stopped.errors.contains("recur train text --model parts --resume"))
    let resumed = try command.run("train", "text", "--model", "parts", "--resume", "--epochs", "6")
    #expect(resumed.code == 0, "\(resumed.errors)")
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
    try command.write("hiden: 7\n", to: "typo.yaml")
    #expect(try command.run("train", "text", "--config", "typo.yaml", "--model", "n").code == 64)
    try command.write("- 7\n", to: "list.yaml")
    #expect(try command.run("train", "text", "--config", "list.yaml", "--model", "n").code == 1)
  }

  @Test func aLossThatIsNotFiniteStopsTheRunAndKeepsTheCheckpoint() throws {
    let command = try Training.command()
    let arguments = Training.arguments(
      "model", "--epochs", "9", "--optimizer", "sgd", "--learning-rate", "1e38", "--clip-norm", "0", "--clip-value",
      "0",
      "--schedule", "constant", "--checkpoint-every", "1")
    let result = try command.wait(for: command.start(arguments))
    #expect(result.code == 1)
    #expect(result.errors.contains("lower --learning-rate"))
    #expect(result.errors.split(separator: "\n").last?.hasPrefix("recur: ") == true)
    if command.exists("model") { #expect(try command.run("inspect", "--model", "model").code == 0) }
  }
}
