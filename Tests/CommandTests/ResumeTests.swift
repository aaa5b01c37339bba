import Foundation
import Recurrent
import Testing

/// `--resume` where something happened to the folder or the machine meanwhile.
struct ResumeTests {
  private static let newest = "model/training/state.safetensors"

  /// A run of two epochs that was stopped after the checkpoints of the steps 20 and 25.
  private func stopped() throws -> Command {
    let command = try Training.command()
    let arguments = Training.arguments("model", "--epochs", "2", "--checkpoint-every", "5")
    let full = try FaultySystem.disk("write", "model/", ENOSPC, first: 4 + 4 * 2)
    #expect(try command.run(arguments, environment: full).code == 1)
    return command
  }

  private func expectUnbroken(_ command: Command) throws {
    let whole = try command.run(Training.arguments("whole", "--epochs", "2"))
    #expect(whole.code == 0)
    try Training.expectUnbroken(command)
  }

  private func damage(_ command: Command, _ name: String) throws {
    var bytes = try command.bytes(name)
    bytes[bytes.count - 100] ^= 1
    try command.write(bytes, to: name)
  }

  /// Where something befell the newest checkpoint, the run goes on from the one before it.
  private func expectPassedOver(saying what: String, _ befall: (Command) throws -> Void) throws {
    let command = try stopped()
    try befall(command)
    let result = try command.run(Training.resume())
    #expect(result.code == 0)
    let lines =
      "recur: \(Self.newest): \(what); resuming from model/training/state-20.safetensors, step 20\n"
      + "Resuming after step 20, in epoch 1.\n"
    #expect(result.errors.hasPrefix(lines), "\(result.errors)")
    try expectUnbroken(command)
  }

  @Test func aDamagedCheckpointIsPassedOver() throws {
    try expectPassedOver(saying: "is damaged: the checksum does not match") { try damage($0, Self.newest) }
  }

  @Test func aMissingCheckpointIsPassedOver() throws {
    try expectPassedOver(saying: "is missing") { try $0.remove(Self.newest) }
  }

  @Test func whereNoneIsWholeThereIsOneLine() throws {
    let command = try stopped()
    for name in [Self.newest, "model/training/state-20.safetensors"] { try damage(command, name) }
    let result = try command.run(Training.resume())
    #expect(result.code == 1)
    #expect(
      result.errors
        == "recur: model/training/state.safetensors: is damaged: the checksum does not match; "
        + "model/training/state-20.safetensors: is damaged: the checksum does not match; no other checkpoint is "
        + "intact: start a new run in another folder\n")
    // The weights are another file.
    #expect(try command.run("inspect", "--model", "model").code == 0)
  }

  @Test func asManyAreKeptAsAreAskedFor() throws {
    let command = try Training.command()
    func states() throws -> Int {
      try command.names(in: "model/training").filter { $0.hasPrefix("state") }.count
    }
    let every = ["--checkpoint-every", "5", "--keep"]
    #expect(try command.run(Training.arguments("model", "--epochs", "1") + every + ["3"]).code == 0)
    #expect(try states() == 3)
    for (epochs, keep) in [("2", "1"), ("3", "4")] {
      #expect(try command.run(Training.resume("model", "--epochs", epochs) + every + [keep]).code == 0)
      #expect(try states() == Int(keep))
    }
  }

  @Test func aConfigurationThatIsAnotherIsNamed() throws {
    let command = try stopped()
    let text = try command.text("model/config.json")
    try command.write(
      text.replacingOccurrences(of: "\"dropout\" : 0.2", with: "\"dropout\" : 0.3"), to: "model/config.json")
    let result = try command.run(Training.resume())
    #expect(result.code == 1)
    #expect(
      result.errors
        == "recur: model/config.json: does not match the model of the run; restore the file that was saved with the "
        + "model\n")
  }

  /// A kill between the last checkpoint and the weights beside it.
  @Test func weightsThatAreBehindCatchUp() throws {
    let command = try stopped()
    let behind = try command.bytes("model/model.safetensors")
    #expect(try command.run(Training.resume()).code == 0)
    try command.write(behind, to: "model/model.safetensors")
    #expect(try command.run(Training.resume()).code == 0)
    try expectUnbroken(command)
  }

  /// A cosine falls to 0 over the epochs of the whole run, also of one that is given more of them; each epoch reports the
  /// rate of its last step.
  @Test func aCosineSpansTheEpochsThatARunIsGiven() throws {
    let command = try Training.command()
    let options = ["--schedule", "cosine", "--learning-rate", "0.01", "--json"]
    let first = try command.run(Training.arguments("model", "--epochs", "2") + options)
    let more = try command.run(Training.resume("model", "--epochs", "4", "--json"))
    func epochs(_ result: Command.Result) throws -> [(step: Int, rate: Double)] {
      try result.objects().filter { $0["event"] as? String == "epoch" }.map {
        (try #require($0["step"] as? Int), try #require($0["learning_rate"] as? Double))
      }
    }
    for (result, total) in [(first, 2), (more, 4)] {
      let epochs = try epochs(result)
      #expect(epochs.count == 2, "\(result.errors)")
      let steps = Double(epochs[1].step - epochs[0].step) * Double(total)
      for epoch in epochs {
        #expect(abs(epoch.rate - 0.005 * (1 + cos(.pi * Double(epoch.step - 1) / steps))) < 1e-12)
      }
    }
    let note =
      "The cosine schedule now spans 4 epochs, not 2: the learning rate continues at 0.005 (it would have been 0.0), as in a run "
      + "of 4 epochs from the start.\n"
    #expect(more.errors.contains(note), "\(more.errors)")
    // Fewer than are done change nothing.
    let fewer = try command.run(Training.resume("model", "--epochs", "1"))
    #expect(fewer.code == 0 && fewer.errors.contains("all 4 epochs are done; give --epochs 5"), "\(fewer.errors)")
    let same = try command.run(Training.resume("model", "--epochs", "4"))
    #expect(same.code == 0 && !same.errors.contains("schedule"), "\(same.errors)")
  }

  /// A checkpoint has the trained and the averaged weights; the model's are the averaged ones, also before they are saved.
  @Test func averagedWeightsAreTheModels() throws {
    let command = try Training.command()
    let options = ["--average", "0.95", "--checkpoint-every", "7"]
    #expect(try command.run(Training.arguments("whole", "--epochs", "2") + options).code == 0)
    #expect(try command.run(Training.arguments("model", "--epochs", "1") + options).code == 0)
    try command.remove(Self.newest)
    let resumed = try command.run(Training.resume())
    #expect(resumed.code == 0 && resumed.errors.contains("in epoch 1."), "\(resumed.errors)")
    #expect(try command.run(Training.resume("model", "--epochs", "2")).code == 0)
    try Training.expectUnbroken(command)
    let folder = ModelFolder(command.path("model"))
    let state = try folder.checkpoint().state
    #expect(try folder.load(LanguageModel.self).stateDictionary() == state.weights)
    #expect(state.weights != state.tensors(under: "model"))
    try command.remove("model/model.safetensors")
    #expect(try folder.load(LanguageModel.self).stateDictionary() == state.weights)
    let other = try command.run(Training.resume("model", "--epochs", "3", "--average", "0.9"))
    #expect(other.code == 64 && other.errors.contains("--average: cannot be changed"), "\(other.errors)")
  }

  @Test func oneRunAtATime() throws {
    let command = try Training.command()
    let refusal =
      "recur: model: another run is training in this folder; wait until that run ends, or name another folder\n"
    // Before its first checkpoint: this process stands for the first run.
    var holder: TrainingFolder? = try TrainingFolder(ModelFolder(command.path("model")))
    try holder?.begin()
    let early = try command.run(Training.endless())
    #expect(early.code == 1 && early.errors.hasSuffix(refusal), "\(early.errors)")
    #expect(try command.names(in: "model/training") == [])
    #expect(holder != nil)
    holder = nil
    let first = try Training.startEndless(command)
    try FileManager.default.moveItem(atPath: command.path("errors"), toPath: command.path("first"))
    let second = try command.run(Training.resume())
    #expect(second.code == 1 && second.errors == refusal, "\(second.errors)")
    #expect(throws: RecurrentError.self) {
      let folder = ModelFolder(command.path("model"))
      try folder.load(LanguageModel.self).save(to: folder.path)
    }
    first.interrupt()
    first.waitUntilExit()
    #expect(first.terminationStatus == 130)
    #expect(try command.text("first").contains("Stopped and saved"))
    #expect(try command.run(Training.resume("model", "--epochs", "1")).code == 0)
  }

  /// The clock of the day jumps back ten years in the middle of a run, and all files are of the future.
  @Test func aClockThatIsSetBack() throws {
    let command = try Training.command()
    let arguments = Training.arguments("model", "--epochs", "1", "--checkpoint-every", "5", "--json")
    let jump = try FaultySystem.clock(after: 3, "state.safetensors", secondsBack: 315_360_000)
    let result = try command.run(arguments, environment: jump)
    #expect(result.code == 0, "\(result.errors)")
    for event in try result.objects() {
      #expect((0...300).contains(event["seconds"] as? Double ?? .nan), "\(event)")
      #expect(event["tokens_per_second"] as? Double ?? 1 > 0, "\(event)")
    }
    for file in try FileManager.default.subpathsOfDirectory(atPath: command.path("model")) {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: 1e8)], ofItemAtPath: command.path("model/" + file))
    }
    let resumed = try command.run(Training.resume("model", "--epochs", "2"), environment: jump)
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(
      !resumed.errors.contains("recur: ") && !resumed.errors.contains(" -0") && !resumed.errors.contains("–"),
      "\(resumed.errors)")
    try expectUnbroken(command)
  }
}
