import Foundation
import Recurrent
import Testing

/// Ctrl-C, SIGTERM and a terminal that is closed, at any instant.
struct InterruptTests {
  private static let signals = [SIGINT, SIGTERM, SIGHUP]

  /// Half of the runs spend most of their time on validation.
  private static func arguments(_ share: Double) -> [String] {
    Training.arguments("model", "--epochs", "2", "--validation-fraction", "\(share)")
  }

  /// A signal at an instant that is drawn evenly, from before the first line to after the last.
  @Test(arguments: [0.1, 0.9]) func atAnyInstant(share: Double) throws {
    var random = Draws(state: UInt64(share * 10))
    var length = 0.0
    var outcomes: [String: Int] = [:]
    for trial in 0..<16 {
      let command = try Training.command()
      let start = ContinuousClock.now
      let process = try command.start(Self.arguments(share))
      if trial > 0 {
        usleep(UInt32(Double.random(in: 0...length * 1.1, using: &random) * 1e6))
        kill(process.processIdentifier, Self.signals[trial % 3])
      }
      let result = try command.wait(for: process, mayBeKilled: true)
      if trial == 0 { length = start.duration(to: .now) / .seconds(1) }
      if result.wasKilled {
        #expect(Self.signals.contains(result.code))
        #expect(!command.exists("model"), "before the training, nothing is written")
        outcomes["killed", default: 0] += 1
      } else if result.code == 130 {
        #expect(result.errors.contains("\nStopped and saved after step ") || result.errors.contains("\nDone in "))
        let epochs = ["train", "text", "--model", "model", "--resume", "--epochs", "2"]
        #expect(try command.wait(for: command.start(epochs)).code == 0)
        let whole = try command.wait(for: command.start(Self.arguments(share) + ["--model", "whole"]))
        #expect(whole.code == 0)
        #expect(try command.bytes("model/model.safetensors") == command.bytes("whole/model.safetensors"))
        #expect(try Training.history(command, "model") == Training.history(command, "whole"))
        outcomes["stopped", default: 0] += 1
      } else {
        // It was over.
        #expect(result.code == 0 && result.errors.contains("\nDone in "), "\(result.code): \(result.errors)")
        outcomes["done", default: 0] += 1
      }
    }
    #expect(outcomes["stopped"] ?? 0 > 0, "\(outcomes)")
  }

  /// The first of any kind is answered by a checkpoint, the second kills; the folder loads all the same.
  @Test(arguments: [(SIGINT, SIGINT), (SIGTERM, SIGINT), (SIGHUP, SIGTERM)])
  func theSecondKills(first: Int32, second: Int32) throws {
    let command = try Training.command()
    let process = try command.start(Training.arguments("model", "--epochs", "100000", "--checkpoint-every", "1"))
    try command.wait { command.exists("model/config.json") }
    for number in [first, second] { kill(process.processIdentifier, number) }
    let result = try command.wait(for: process, mayBeKilled: true)
    #expect(result.wasKilled ? result.code == second : result.code == 130)
    #expect(try command.run("inspect", "--model", "model").code == 0)
    let resumed = try command.run("train", "text", "--model", "model", "--resume", "--epochs", "1")
    #expect(resumed.code == 0, "\(resumed.errors)")
  }

  @Test func nohupOutlivesItsTerminal() throws {
    let command = try Training.command()
    let process = try command.start(
      Training.arguments("model", "--epochs", "100000", "--checkpoint-every", "5"),
      under: ["/bin/sh", "-c", "trap '' HUP; exec \"$0\" \"$@\""])
    try command.wait { command.exists("model/config.json") }
    kill(process.processIdentifier, SIGHUP)
    let step = try ModelFolder(command.path("model")).checkpoint().state.integers["step"] ?? 0
    try command.wait { try ModelFolder(command.path("model")).checkpoint().state.integers["step"] ?? 0 > step + 10 }
    process.interrupt()
    #expect(try command.wait(for: process).code == 130)
  }
}
