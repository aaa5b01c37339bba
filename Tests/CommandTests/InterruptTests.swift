import Foundation
import Recurrent
import Testing

/// Ctrl-C, SIGTERM and a terminal that is closed, at any instant.
struct InterruptTests {
  private static let signals = [SIGINT, SIGTERM, SIGHUP]

  /// With a share of 0.9 a run spends most of its time on validation.
  private static func arguments(_ model: String, _ share: Double) -> [String] {
    Training.arguments(model, "--epochs", "2", "--validation-fraction", "\(share)")
  }

  /// A signal at an instant that is drawn evenly, from before the first line to after the last.
  @Test(arguments: [("cpu", 0.1, 12), ("cpu", 0.9, 12), ("opencl", 0.1, 6)])
  func atAnyInstant(device: String, share: Double, trials: Int) throws {
    var random = SplitMix64(state: UInt64(share * 10))
    let (command, environment) = (try Training.command(), ["RECUR_DEVICE": device])
    var length = 0.0
    for model in ["cold", "whole"] {
      let start = ContinuousClock.now
      let whole = try command.run(Self.arguments(model, share), environment: environment)
      #expect(whole.code == 0, "\(whole.errors)")
      length = start.duration(to: .now) / .seconds(1)
    }
    var stopped = 0
    // Where a program takes long to begin and to end, an instant within the training is rare.
    for trial in 0..<10 * trials where trial < trials || stopped == 0 {
      let model = "model\(trial)"
      let process = try command.start(Self.arguments(model, share), environment: environment)
      usleep(UInt32(Double.random(in: 0...length * 1.1, using: &random) * 1e6))
      kill(process.processIdentifier, Self.signals[trial % 3])
      let result = try command.wait(for: process, mayBeKilled: true)
      guard !result.wasKilled else {
        #expect(result.code == Self.signals[trial % 3])
        #expect(!command.exists(model), "before the training, nothing is written")
        continue
      }
      // It was over, or it was stopped and goes on.
      #expect(result.code == 130 || result.code == 0 && result.errors.contains("\nDone in "), "\(result.errors)")
      if result.errors.contains("\nStopped and saved after step ") { stopped += 1 }
      #expect(try command.run(Training.resume(model), environment: environment).code == 0)
      try Training.expectUnbroken(command, model)
    }
    #expect(stopped > 0)
  }

  /// The first of any kind is answered by a checkpoint, the second kills; the folder loads all the same.
  @Test(arguments: [(SIGINT, SIGINT), (SIGTERM, SIGINT), (SIGHUP, SIGTERM)])
  func theSecondKills(first: Int32, second: Int32) throws {
    let command = try Training.command()
    let process = try Training.startEndless(command, checkpointEvery: 1)
    // What comes at once is of the same event.
    for number in [first, first] { kill(process.processIdentifier, number) }
    usleep(1_100_000)
    kill(process.processIdentifier, second)
    let result = try command.wait(for: process, mayBeKilled: true)
    #expect(result.wasKilled ? result.code == second : result.code == 130)
    #expect(try command.run("inspect", "--model", "model").code == 0)
    let resumed = try command.run(Training.resume("model", "--epochs", "1"))
    #expect(resumed.code == 0, "\(resumed.errors)")
  }

  @Test func nohupOutlivesItsTerminal() throws {
    let command = try Training.command()
    let process = try Training.startEndless(command, under: Command.shell("trap '' HUP"))
    kill(process.processIdentifier, SIGHUP)
    func step() throws -> UInt64 { try ModelFolder(command.path("model")).checkpoint().state.integers["step"] ?? 0 }
    let before = try step()
    try command.wait { try step() > before + 10 }
    process.interrupt()
    #expect(try command.wait(for: process).code == 130)
  }
}
