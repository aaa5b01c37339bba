import Foundation
import Testing

@testable import recur

/// A text, and options of a model that is trained on it in a moment.
enum Training {
  static let text = DiaryGrammar().generate(seed: 5, lines: 150)
  static let options = [
    "--data", "text.txt", "--hidden", "12", "--layers", "2", "--dropout", "0.2", "--batch", "6",
    "--sequence", "20", "--seed", "3",
  ]

  /// `train text` with these options and more.
  static func arguments(_ model: String, _ more: String...) -> [String] {
    ["train", "text", "--model", model] + options + more
  }

  /// `train text` that only a signal ends.
  static func endless(checkpointEvery steps: Int = 5) -> [String] {
    arguments("model", "--epochs", "100000", "--checkpoint-every", "\(steps)")
  }

  /// `train text` that goes on with a run.
  static func resume(_ model: String = "model", _ more: String...) -> [String] {
    ["train", "text", "--model", model, "--resume"] + more
  }

  /// Starts a run that only a signal ends, and waits for its first save.
  static func startEndless(
    _ command: Command, checkpointEvery steps: Int = 5, under starter: [String] = []
  ) throws -> Process {
    let process = try command.start(endless(checkpointEvery: steps), under: starter)
    try command.wait { command.exists("model/config.json") }
    return process
  }

  /// A command in whose folder the text lies.
  static func command() throws -> Command {
    let command = try Command()
    try command.write(text, to: "text.txt")
    return command
  }

  /// A command in whose folder a model lies, too.
  static func trained() throws -> Command {
    let command = try command()
    _ = try command.run(arguments("model", "--epochs", "1"))
    return command
  }

  /// The lines of a history, without what depends on the clock.
  static func history(_ command: Command, _ model: String) throws -> [String] {
    try command.text(model + "/training/history.jsonl").split(separator: "\n").map { line in
      line.split(separator: ",").filter { !$0.contains("second") }.joined(separator: ",")
    }
  }

  /// A model has the bits and the history of the one in the folder `whole`, whose run was not broken off.
  static func expectUnbroken(_ command: Command, _ model: String = "model") throws {
    #expect(try command.bytes(model + "/model.safetensors") == command.bytes("whole/model.safetensors"), "\(model)")
    #expect(try history(command, model) == history(command, "whole"), "\(model)")
  }

  /// What saves that did not end left.
  static func leftovers(_ command: Command, _ model: String) -> [String] {
    FileManager.default.enumerator(atPath: command.path(model))?.compactMap { $0 as? String }
      .filter { $0.hasSuffix(".tmp") } ?? []
  }

  /// A whole number of a line of a history.
  static func number(_ line: String, _ key: String) -> Int {
    let rest = line.split(separator: "\"\(key)\":", maxSplits: 1).last ?? ""
    return Int(rest.prefix { $0.isNumber }) ?? -1
  }
}
