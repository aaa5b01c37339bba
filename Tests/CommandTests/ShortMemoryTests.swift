import Foundation
import Testing

@testable import recur

/// Memory that runs out (`ulimit -v`): a line that says how much was asked for and how much is left, never a signal, and
/// the last checkpoint as it was.
struct ShortMemoryTests {
  /// Runs with at most so many MiB of addresses.
  private func run(
    _ command: Command, _ mebibytes: Int, _ arguments: [String], mayBeKilled: Bool = false
  ) throws -> Command.Result {
    try command.run(arguments, under: Command.shell("ulimit -v \(mebibytes << 10)"), mayBeKilled: mayBeKilled)
  }

  /// The least memory with which the system's loader brings the program to life; with less it may crash.
  private func least(_ command: Command) throws -> Int {
    var (tooLittle, enough) = (15, 256)
    while enough - tooLittle > 1 {
      let middle = (tooLittle + enough) / 2
      let starts = try run(command, middle, ["--version"], mayBeKilled: true).code == 0
      if starts { enough = middle } else { tooLittle = middle }
    }
    return enough
  }

  /// Either all is done, or a line says what was short; training continues where only a checkpoint is too much.
  private func expectDoneOrShort(_ result: Command.Result) {
    #expect([0, 1].contains(result.code), "\(result.errors)")
    #expect(result.code == 0 || !result.faults.isEmpty, "\(result.errors)")
    for line in result.faults where !line.contains(": saved again, after step ") {
      #expect(
        line.contains(
          #/not enough memory for .*: .* requested, .* available|not enough memory: .* requested, .* available, needed for /#
        ), "\(line)")
    }
  }

  private static let options = [
    "--data", "text.txt", "--hidden", "200", "--layers", "2", "--batch", "64", "--sequence", "60", "--epochs", "2",
    "--seed", "3", "--validation-fraction", "0",
  ]

  @Test func everyCommandAtEveryLimit() throws {
    let command = try Command()
    try command.write(DiaryGrammar().generate(seed: 5, lines: 300), to: "text.txt")
    let whole = try run(command, 8_192, ["train", "text", "--model", "whole"] + Self.options)
    #expect(whole.code == 0, "\(whole.errors)")
    let least = try least(command)
    var codes: Set<Int32> = []
    for more in [0, 2, 4, 8, 12, 16, 24, 32, 40, 48, 56, 64, 80, 96, 128, 192] {
      for arguments in [
        ["train", "text", "--model", "model\(more)"] + Self.options,
        ["evaluate", "--model", "whole", "--data", "text.txt"],
        ["generate", "--model", "whole", "--length", "5"], ["inspect", "--model", "whole"],
      ] {
        let result = try run(command, least + more, arguments)
        expectDoneOrShort(result)
        codes.insert(result.code)
      }
    }
    #expect(codes == [0, 1], "the limits reach from too little to enough")
  }

  /// A run that goes on with less and less memory keeps its checkpoint; with enough it ends where it would have.
  @Test func whatIsSavedStays() throws {
    let command = try Command()
    try command.write(DiaryGrammar().generate(seed: 5, lines: 300), to: "text.txt")
    for (model, epochs) in [("whole", "2"), ("model", "1")] {
      let arguments = ["train", "text", "--model", model] + Self.options + ["--epochs", epochs]
      #expect(try run(command, 8_192, arguments).code == 0)
    }
    let least = try least(command)
    let resume = Training.resume("model", "--epochs", "2")
    for more in [0, 8, 16, 32, 48, 56] {
      let result = try run(command, least + more, resume)
      expectDoneOrShort(result)
      guard result.code != 0 else { break }
    }
    #expect(try run(command, 8_192, resume).code == 0)
    #expect(try command.bytes("model/model.safetensors") == command.bytes("whole/model.safetensors"))
  }

  /// Drivers end the process where they get no memory; so they are not asked.
  @Test func openCL() throws {
    let command = try Training.trained()
    let generate = ["generate", "--model", "model", "--length", "5", "--device"]
    let refused = try run(command, 600, generate + ["opencl"])
    expectDoneOrShort(refused)
    #expect(
      refused.errors.hasPrefix("recur: OpenCL: not enough memory for drivers: 1.0 GiB requested"), "\(refused.errors)")
    #expect(try run(command, 600, generate + ["auto"]).code == 0)
  }

  /// Threads that a person asked for and that do not start.
  @Test func threads() throws {
    let command = try Training.trained()
    let result = try run(command, 300, ["generate", "--model", "model", "--length", "5", "--threads", "100"])
    #expect(result.code == 1)
    #expect(
      result.errors.contains(#/^recur: cpu: thread \d+ of 100 did not start \(.*\); use fewer threads, .*\n$/#),
      "\(result.errors)")
  }

  /// A model that no memory of this machine holds.
  @Test func models() throws {
    let command = try Training.command()
    let result = try run(
      command, 300, ["train", "text", "--model", "new", "--data", "text.txt", "--hidden", "4000"])
    #expect(result.code == 1)
    #expect(result.errors.contains("of it contiguous; the device has 300.0 MiB"), "\(result.errors)")
    #expect(!command.exists("new"))
  }
}
