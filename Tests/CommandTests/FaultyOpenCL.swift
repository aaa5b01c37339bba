import Foundation
import Testing

/// The library of `FaultyOpenCL/`, and runs of training on it.
enum FaultyOpenCL {
  /// The library, compiled once.
  static let library = Result { try SharedLibrary.compile("FaultyOpenCL") }

  /// The environment of a command that computes on it.
  static func settings(_ environment: [String: String] = [:]) throws -> [String: String] {
    try ["RECUR_OPENCL_LIBRARY": library.get(), "RECUR_DEVICE": "opencl"].merging(environment) { $1 }
  }

  /// The properties of a GPU with memory of its own: CL_DEVICE_TYPE and CL_DEVICE_HOST_UNIFIED_MEMORY.
  static let discreteGPU = "0x1000=4,0x1035=0"

  /// Whether all is tried that there is, and the tables of docs/reliability-tests.md are printed: `make faults`.
  static let triesAll = ProcessInfo.processInfo.environment["RECUR_FAULTS"] == "all"

  /// Prints a table, whole, between the lines of the tests.
  static func put(_ table: String) { FileHandle.standardOutput.write(Data((table + "\n").utf8)) }

  // MARK: An undisturbed run

  /// What an undisturbed run leaves: its model, the files of what was compiled for it, and what was counted.
  struct Undisturbed {
    let model: Data
    let cache: [String: Data]
    let counts: Counts
  }

  static let undisturbed: Result<Undisturbed, any Error> = Result {
    let command = try Training.command()
    let result = try command.wait(for: train(command, ["FAULTY_OPENCL_COUNTS": command.path("counts")]))
    try #require(result.code == 0, "\(result.errors)")
    return try Undisturbed(
      model: command.bytes("model/model.safetensors"), cache: command.files(in: "cache"),
      counts: Counts(command))
  }

  /// Trains a model in the folder `model`.
  static func train(_ command: Command, _ environment: [String: String] = [:]) throws -> Process {
    try command.start(
      Training.arguments("model", "--epochs", "2", "--checkpoint-every", "10"),
      environment: settings(environment))
  }

  /// A command with the text, and with a copy of the warm cache, if it is asked for.
  static func command(isWarm: Bool = true) throws -> Command {
    let command = try Training.command()
    if isWarm { try command.write(undisturbed.get().cache, into: "cache") }
    return command
  }

  /// What a command says of why it did not do what it was to do. (That it checks a device is no refusal.)
  static func refusals(_ result: Command.Result) -> [String] {
    result.faults.filter { !$0.hasPrefix("recur: checking ") }
  }
}

/// What the library counted in a run.
struct Counts {
  private let numbers: [String: [Int]]

  /// - Throws: if the run left no counts: it did not end as a program does.
  init(_ command: Command) throws {
    let lines = try command.text("counts").split(separator: "\n").map { $0.split(separator: " ") }
    numbers = Dictionary(uniqueKeysWithValues: lines.map { (String($0[0]), $0.dropFirst().compactMap { Int($0) }) })
  }

  /// How often a call came, or how many programs were `compiled` or `restored`.
  subscript(_ name: String) -> Int { numbers[name]?.first ?? 0 }

  /// All calls that Recur makes, in the order of the API's table.
  var calls: [String] { numbers.keys.filter { $0.hasPrefix("cl") }.sorted() }

  /// The kernels that were launched.
  var launched: [String] {
    numbers.keys.filter { $0.hasPrefix("launched-") }.map { String($0.dropFirst("launched-".count)) }.sorted()
  }

  /// The objects that were not released, or released more than once.
  var leaks: [String] {
    ["context", "queue", "memory", "program", "kernel", "event"].compactMap { sort in
      let counts = numbers[sort] ?? []
      guard counts.count != 3 || counts[0] != counts[1] || counts[2] != 0 else { return nil }
      return "\(sort): created, released, released twice \(counts)"
    }
  }
}
