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

    /// The lines of standard error that say what went wrong.
    var faults: [String] {
      errors.split(separator: "\n").filter { $0.hasPrefix("recur: ") }.map(String.init)
    }

    /// Fails the test unless the run ended with a code, and first said of what went wrong a line that begins like this.
    func expectFault(_ line: String, code: Int32, at location: SourceLocation = #_sourceLocation) {
      let isFirst = faults.first?.hasPrefix("recur: " + line) == true
      #expect(self.code == code && isFirst, "\(self.code): \(errors)", sourceLocation: location)
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

  /// Compiled programs and what devices' checks found, for all commands and runs of the tests, so that a device is checked
  /// once for each state of the kernels.
  private static let sharedCache = executable.deletingLastPathComponent().appendingPathComponent("cache-of-tests").path

  /// The folder of compiled programs: a driver that is another, or has a cache of its own, gets one in this folder.
  private func cache(_ environment: [String: String]) -> String {
    let isOwn = ["RECUR_OPENCL_LIBRARY", "POCL_CACHE_DIR"].contains { environment[$0] != nil }
    return isOwn ? path("cache") : Self.sharedCache
  }

  /// Runs to the end.
  func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Result {
    try run(arguments, environment: environment)
  }

  /// Runs to the end; the parameters are those of `start` and `wait`.
  func run(
    _ arguments: [String], environment: [String: String] = [:], output: FileHandle? = nil, under starter: [String] = [],
    mayBeKilled: Bool = false
  ) throws -> Result {
    try wait(
      for: start(arguments, environment: environment, output: output, under: starter), mayBeKilled: mayBeKilled)
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
      .merging(["RECUR_CACHE_DIR": cache(environment), "RECUR_DEVICE": "cpu", "RECUR_THREADS": "1"]) { $1 }
      .merging(environment) { $1 }
    // Files, not pipes: nobody needs to empty them while the process runs.
    for name in ["output", "errors"] { try write("", to: name) }
    process.standardOutput = try output ?? FileHandle(forWritingTo: folder.appendingPathComponent("output"))
    process.standardError = try FileHandle(forWritingTo: folder.appendingPathComponent("errors"))
    try process.run()
    return process
  }

  /// A starter: a shell that does something first, which the program inherits.
  static func shell(_ first: String) -> [String] { ["/bin/sh", "-c", first + " && exec \"$0\" \"$@\""] }

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

  // MARK: The folder

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  func write(_ text: String, to name: String) throws {
    try write(Data(text.utf8), to: name)
  }

  func write(_ bytes: Data, to name: String) throws { try bytes.write(to: folder.appendingPathComponent(name)) }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: folder.appendingPathComponent(name)) }

  func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }

  /// What lies in a folder, without what lies in the folders in it.
  func names(in name: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path(name)) }

  /// The files of a folder, and of those in it, by their paths.
  func files(in name: String) throws -> [String: Data] {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: path(name)).filter {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: path(name) + "/" + $0, isDirectory: &isFolder)
        && !isFolder.boolValue
    }
    return Dictionary(uniqueKeysWithValues: try paths.map { ($0, try bytes(name + "/" + $0)) })
  }

  /// Writes files into a folder.
  func write(_ files: [String: Data], into name: String) throws {
    for (path, bytes) in files {
      let file = folder.appendingPathComponent(name).appendingPathComponent(path)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try bytes.write(to: file)
    }
  }
}
