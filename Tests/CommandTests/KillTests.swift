import Foundation
import Testing

/// Runs that are killed at random instants, again and again: every folder loads, and every run that goes on ends with the bits
/// of an unbroken one. `make kills` does this a thousand times.
@Suite(.serialized) struct KillTests {
  /// Kills on each backend.
  private static let count = ProcessInfo.processInfo.environment["RECUR_KILLS"].flatMap { Int($0) } ?? 20
  /// Each compilation takes ten seconds and more.
  private static let isLong = count > 20

  @Test(arguments: ["cpu", "opencl"]) func aKilledRunGoesOnToTheSameBits(device: String) throws {
    let trials = try Trials(device)
    while trials.kills < Self.count && !trials.hasFailed { try trials.run() }
    print("\(trials)")
  }

  /// The driver's compiler is killed, too, and what it was writing into its cache and ours must not break later runs.
  @Test(.enabled(if: isLong)) func aDriverThatIsKilledWhileItCompiles() throws {
    let trials = try Trials("opencl", isCold: true)
    while trials.kills < max(2, Self.count / 20) && !trials.hasFailed { try trials.run() }
    print("\(trials)")
  }
}

/// Runs on a device, killed at instants that are drawn evenly from their length.
private final class Trials: CustomStringConvertible {
  private(set) var kills = 0
  private(set) var hasFailed = false

  private let command: Command
  private let device: String
  private let isCold: Bool
  /// From the first write of an unbroken run to its end, in microseconds.
  private var span: ClosedRange<Int>
  private var random: SplitMix64
  private var runs = 0
  private var killsInWrites = 0
  private var killsBeforeTheModel = 0

  init(_ device: String, isCold: Bool = false) throws {
    self.device = device
    self.isCold = isCold
    random = SplitMix64(state: UInt64(isCold ? 2 : device.utf8.count))
    let command = try Training.command()
    self.command = command
    var span = 0...1
    // The second run finds compiled programs.
    for _ in 0..<(isCold ? 1 : 2) {
      try? command.remove("whole")
      let start = ContinuousClock.now
      let process = try command.start(
        Self.arguments("whole"), environment: Self.environment(device, command, isCold, threads: 1))
      // A compiler is at work long before the first write to the folder.
      if !isCold { try command.wait { command.exists("whole") } }
      let first = isCold ? 0 : Self.microseconds(since: start)
      let result = try command.wait(for: process)
      try #require(result.code == 0, "\(result.errors)")
      span = first...Self.microseconds(since: start)
    }
    self.span = span
  }

  private static func arguments(_ model: String) -> [String] {
    Training.arguments(model, "--epochs", "2", "--checkpoint-every", "4")
  }

  private static func environment(_ device: String, _ command: Command, _ isCold: Bool, threads: Int)
    -> [String: String]
  {
    ["RECUR_DEVICE": device, "RECUR_THREADS": "\(threads)", "RECUR_CACHE_DIR": command.path("cache")]
      .merging(isCold ? ["POCL_CACHE_DIR": command.path("pocl")] : [:]) { $1 }
  }

  private static func microseconds(since start: ContinuousClock.Instant) -> Int {
    Int(start.duration(to: .now) / .microseconds(1))
  }

  /// A run, killed up to three times, that then goes on to its end.
  func run() throws {
    runs += 1
    let model = "broken\(runs)"
    if isCold { for cache in ["cache", "pocl"] { try? command.remove(cache) } }
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      guard try start(model, killAfter: Int.random(in: span, using: &random)) else { break }
      try look(at: model)
    }
    _ = try start(model, killAfter: nil)
    for file in ["model.safetensors", "training/state.safetensors"] {
      try expect(command.bytes("\(model)/\(file)") == command.bytes("whole/\(file)"), "\(model)/\(file) is another")
    }
    try expect(Training.history(command, model) == Training.history(command, "whole"), "the history is another")
    let leftovers = Training.leftovers(command, model)
    expect(leftovers.isEmpty, "\(leftovers) are left")
    if !hasFailed { try command.remove(model) }
  }

  /// Starts the run, or goes on with it.
  /// - Returns: Whether it was killed before it ended.
  private func start(_ model: String, killAfter instant: Int?) throws -> Bool {
    let goesOn = command.exists(model + "/config.json")
    let start = ContinuousClock.now
    // The number of threads changes no bit.
    let process = try command.start(
      goesOn ? Training.resume(model) : Self.arguments(model),
      environment: Self.environment(device, command, isCold, threads: Int.random(in: 1...2, using: &random)))
    if let instant {
      while process.isRunning && Self.microseconds(since: start) < instant { usleep(200) }
      kill(process.processIdentifier, SIGKILL)
    }
    let result = try command.wait(for: process, mayBeKilled: instant != nil)
    let length = Self.microseconds(since: start)
    expect(result.wasKilled || result.code == 0, result.errors)
    // The machine was busier when the length was measured.
    if !result.wasKilled && !goesOn && !isCold { span = span.lowerBound...max(span.lowerBound, length) }
    return result.wasKilled
  }

  /// What a kill left: no model yet, or one that loads.
  private func look(at model: String) throws {
    kills += 1
    if !Training.leftovers(command, model).isEmpty { killsInWrites += 1 }
    guard command.exists(model + "/config.json") else {
      killsBeforeTheModel += 1
      return
    }
    let result = try command.run("generate", "--device", "cpu", "--model", model, "--length", "1")
    expect(result.code == 0, result.errors)
  }

  private func expect(_ holds: @autoclosure () throws -> Bool, _ comment: String) rethrows {
    if try !holds() {
      hasFailed = true
      Issue.record("run \(runs), \(kills) kills: \(comment)")
    }
  }

  var description: String {
    "kills on \(device)\(isCold ? ", compiling" : ""): \(kills) in \(runs) runs of \(span.upperBound / 1000) ms; "
      + "\(killsInWrites) while a file was written, \(killsBeforeTheModel) before there was a model"
  }
}
