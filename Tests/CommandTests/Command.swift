import Foundation
import Testing

/// Runs the real executable, in a folder of its own.
final class Command {
  /// What a run left.
  struct Result {
    /// Its exit code, or the number of the signal that ended it.
    let code: Int32
    var wasKilled = false
    let output: String
    let errors: String

    /// The lines of standard output as JSON objects.
    func objects() throws -> [[String: Any]] {
      try output.split(separator: "\n").map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
    }
  }

  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("recur-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// The executable lies beside the test bundle, which runs this.
  static let executable: URL = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("recur")
  }()

  /// Runs to the end.
  func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Result {
    try wait(for: start(arguments, environment: environment))
  }

  /// Starts; `wait` ends it.
  /// - Parameters:
  ///   - output: Where standard output goes instead of the file that `wait` reads.
  ///   - starter: A program and its arguments, which starts what follows them.
  func start(
    _ arguments: [String], environment: [String: String] = [:], output: FileHandle? = nil, under starter: [String] = []
  ) throws -> Process {
    let process = Process()
    let line = starter + [Self.executable.path] + arguments
    process.executableURL = URL(fileURLWithPath: line[0])
    process.arguments = Array(line.dropFirst())
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment
      .merging(["RECUR_CACHE_DIR": path("cache"), "RECUR_DEVICE": "cpu", "RECUR_THREADS": "1"]) { $1 }
      .merging(environment) { $1 }
    // Files, not pipes: nobody needs to empty them while the process runs.
    for name in ["output", "errors"] { try write("", to: name) }
    process.standardOutput = try output ?? FileHandle(forWritingTo: folder.appendingPathComponent("output"))
    process.standardError = try FileHandle(forWritingTo: folder.appendingPathComponent("errors"))
    try process.run()
    return process
  }

  /// The end of a run; one that does not end is killed, and fails the test.
  /// - Parameter mayBeKilled: Whether a signal may end it.
  func wait(for process: Process, mayBeKilled: Bool = false) throws -> Result {
    let deadline = ContinuousClock.now + .seconds(300)
    while process.isRunning && ContinuousClock.now < deadline { usleep(2000) }
    let isLate = process.isRunning
    if isLate { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    let errors = try text("errors")
    let wasKilled = process.terminationReason != .exit
    #expect(!wasKilled || (mayBeKilled && !isLate), "ended by a signal: \(errors)")
    return Result(
      code: process.terminationStatus, wasKilled: wasKilled, output: try text("output"), errors: errors)
  }

  /// Waits until something holds.
  func wait(until holds: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try !holds() && ContinuousClock.now < deadline { usleep(1000) }
    #expect(try holds(), "it did not come about")
  }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: folder.appendingPathComponent(name))
  }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: folder.appendingPathComponent(name)) }

  func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
}
