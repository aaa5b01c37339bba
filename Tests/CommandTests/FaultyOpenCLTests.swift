import Foundation
import Testing

/// OpenCL that goes wrong, by way of `FaultyOpenCL.c`: right numbers or one clear line, and nothing damaged.
@Suite(.serialized) struct FaultyOpenCLTests {
  /// The library, compiled once.
  private static let library: Result<String, any Error> = Result {
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("FaultyOpenCL/FaultyOpenCL.c").path
    let library = FileManager.default.temporaryDirectory.appendingPathComponent("libFaultyOpenCL.so").path
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/bin/sh")
    compiler.arguments = [
      "-c",
      "$(command -v cc || command -v clang) -Wall -Werror -shared -fPIC \"$1\" -o \"$2\" -Wl,--no-as-needed "
        + "-l:libOpenCL.so.1", "sh", source, library,
    ]
    try compiler.run()
    compiler.waitUntilExit()
    try #require(compiler.terminationStatus == 0, "FaultyOpenCL.c does not compile")
    return library
  }

  /// What an undisturbed run leaves: its model, the files of what was compiled for it, and what was counted.
  private struct Undisturbed {
    let model: Data
    let cache: [String: Data]
    let counts: [String: [Int]]
  }

  private static let undisturbed: Result<Undisturbed, any Error> = Result {
    let command = try Training.command()
    let result = try command.wait(for: train(command, "model", ["FAULTY_OPENCL_COUNTS": command.path("counts")]))
    try #require(result.code == 0, "\(result.errors)")
    let files = try FileManager.default.contentsOfDirectory(atPath: command.path("cache"))
    return try Undisturbed(
      model: command.bytes("model/model.safetensors"),
      cache: Dictionary(uniqueKeysWithValues: files.map { ($0, try command.bytes("cache/" + $0)) }),
      counts: counts(command))
  }

  private static func train(_ command: Command, _ model: String, _ environment: [String: String] = [:]) throws
    -> Process
  {
    try command.start(
      Training.arguments(model, "--epochs", "2", "--checkpoint-every", "10"),
      environment: settings(environment))
  }

  private static func settings(_ environment: [String: String]) throws -> [String: String] {
    try ["RECUR_OPENCL_LIBRARY": library.get(), "RECUR_DEVICE": "opencl"].merging(environment) { $1 }
  }

  /// A folder with the text and a copy of the warm cache, if it is asked for.
  private func command(isWarm: Bool = true) throws -> Command {
    let command = try Training.command()
    if isWarm {
      try FileManager.default.createDirectory(atPath: command.path("cache"), withIntermediateDirectories: true)
      for (name, bytes) in try Self.undisturbed.get().cache {
        try bytes.write(to: command.folder.appendingPathComponent("cache/" + name))
      }
    }
    return command
  }

  /// Trains, and compares the model with that of an undisturbed run, bit by bit.
  private func expectRightModel(_ command: Command, _ environment: [String: String] = [:]) throws {
    let result = try command.wait(for: Self.train(command, "model", environment))
    #expect(result.code == 0, "\(result.errors)")
    #expect(try command.bytes("model/model.safetensors") == Self.undisturbed.get().model)
  }

  private func expectRefusal(_ result: Command.Result, saying parts: String...) {
    #expect(result.code == 1)
    let lines = result.errors.split(separator: "\n").filter { $0.hasPrefix("recur: ") }
    #expect(lines.count == 1, "\(result.errors)")
    for part in parts { #expect(lines.first?.contains(part) == true, "\(result.errors)") }
  }

  /// What `FaultyOpenCL.c` counted.
  private static func counts(_ command: Command) throws -> [String: [Int]] {
    let lines = try command.text("counts").split(separator: "\n").map { $0.split(separator: " ") }
    return Dictionary(uniqueKeysWithValues: lines.map { (String($0[0]), $0.dropFirst().compactMap { Int($0) }) })
  }

  // MARK: A device that disappears

  /// The device goes after a share of all calls of one sort, which then return a status.
  @Test(arguments: [
    ("clEnqueueNDRangeKernel", 0.3, -36), ("clEnqueueNDRangeKernel", 0.9, -5), ("clSetKernelArg", 0.6, -34),
    ("clEnqueueWriteBuffer", 0.5, -2), ("clEnqueueReadBuffer", 0.8, -14), ("clFlush", 0.7, -9999),
    ("clEnqueueFillBuffer", 0, -2), ("clCreateBuffer", 0.5, -34), ("clCreateContext", 0, -2),
  ])
  func aDeviceThatDisappears(call: String, share: Double, status: Int) throws {
    let command = try command()
    let calls = try #require(Self.undisturbed.get().counts[call]?.first)
    #expect(calls > 0)
    let fault = "\(call):\(Int(share * Double(calls))):\(status)"
    let result = try command.wait(for: Self.train(command, "model", ["FAULTY_OPENCL_FAULT": fault]))
    expectRefusal(result, saying: "opencl:0:0 (", "(\(status))", "see recur devices", "--resume")
    // What it left goes on to where it would have come.
    guard command.exists("model/training/state.safetensors") else { return try expectRightModel(command) }
    let resumed = try command.wait(
      for: command.start(
        ["train", "text", "--model", "model", "--resume"], environment: Self.settings([:])))
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(try command.bytes("model/model.safetensors") == Self.undisturbed.get().model)
  }

  @Test func aProbeThatDoesNotEnd() throws {
    let command = try Command()
    let result = try command.wait(
      for: command.start(["devices", "--verbose"], environment: Self.settings(["FAULTY_OPENCL_HANGS": "1"])))
    #expect(result.code == 0, "\(result.errors)")
    #expect(
      result.output.contains("probed no (the kernel does not end; nothing else was probed)"))
    #expect(result.output.contains("\nreference"), "the list goes on")
  }

  // MARK: Memory

  @Test func aBufferThatIsTooLarge() throws {
    let command = try command()
    let result = try command.wait(for: Self.train(command, "model", ["FAULTY_OPENCL_LARGEST": "60000"]))
    expectRefusal(
      result, saying: "opencl:0:0: ", "61440 bytes (more than its largest allocation of 60000 bytes)", "smaller")
  }

  @Test func everythingIsReleased() throws {
    let command = try command()
    try expectRightModel(command, ["FAULTY_OPENCL_COUNTS": command.path("counts")])
    let counts = try Self.counts(command)
    for sort in ["context", "queue", "memory", "program", "kernel"] {
      let numbers = try #require(counts[sort])
      #expect(numbers[0] == numbers[1] && numbers[0] > 0, "\(sort): \(numbers[0]) created, \(numbers[1]) released")
    }
    #expect(counts["event"]?.first == counts["event"]?.last)
  }

  // MARK: Programs

  @Test func aKernelThatDoesNotCompile() throws {
    let command = try command(isWarm: false)
    let result = try command.wait(for: Self.train(command, "model", ["FAULTY_OPENCL_BREAKS": "lstmBackward"]))
    let log = command.path("cache/lstm.log")
    expectRefusal(
      result, saying: "opencl:0:0 (", "kernel file lstm: clBuildProgram failed", "this driver cannot compile it", log,
      "update the driver")
    #expect(try command.text("cache/lstm.log").contains("this driver cannot compile it"))
    #expect(!command.exists("model/model.safetensors"))
  }

  @Test func aSecondStartCompilesNothing() throws {
    let command = try command()
    try expectRightModel(command, ["FAULTY_OPENCL_COUNTS": command.path("counts")])
    let counts = try Self.counts(command)
    #expect(counts["compiled"] == [0])
    #expect(counts["restored"]?.first ?? 0 > 0)
  }

  @Test func binariesThatTheDriverRefuses() throws {
    let command = try command()
    let before = try FileManager.default.attributesOfItem(atPath: file(of: command))[.systemFileNumber] as? Int
    try expectRightModel(command, ["FAULTY_OPENCL_REFUSES_BINARIES": "1"])
    let after = try FileManager.default.attributesOfItem(atPath: file(of: command))[.systemFileNumber] as? Int
    #expect(before != after, "the file is another")
  }

  private func file(of command: Command) throws -> String {
    let folder = command.path("cache")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".clbin") }
    return folder + "/" + (try #require(files.min()))
  }

  /// Files that are empty, cut short, changed in a byte, of another version, or another program's under this one's name.
  @Test(arguments: 0..<5) func damagedFiles(damage: Int) throws {
    let command = try command()
    let folder = command.folder.appendingPathComponent("cache")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".clbin") }
    #expect(names.count > 3)
    let files = try names.map { try Data(contentsOf: folder.appendingPathComponent($0)) }
    for (place, name) in names.enumerated() {
      var bytes = files[place]
      switch damage {
      case 0: bytes = Data()
      case 1: bytes.removeLast(bytes.count / 2)
      case 2: bytes[bytes.count / 2] ^= 0x10
      case 3: bytes.replaceSubrange(5..<6, with: [UInt8(ascii: "1")])
      default: bytes = files[(place + 1) % files.count]
      }
      try bytes.write(to: folder.appendingPathComponent(name))
    }
    try expectRightModel(command, ["FAULTY_OPENCL_COUNTS": command.path("counts")])
    #expect(try Self.counts(command)["compiled"] == [names.count])
    #expect(try Set(names.map { try Data(contentsOf: folder.appendingPathComponent($0)).count }).count > 1)
  }

  @Test(arguments: ["/proc/none", "text.txt/cache", "a/folder/that/is/made"]) func cacheFolders(path: String) throws {
    let command = try command(isWarm: false)
    let folder = path.hasPrefix("/") ? path : command.path(path)
    try expectRightModel(command, ["RECUR_CACHE_DIR": folder])
  }

  @Test func twoProcessesThatWarmOneCache() throws {
    let (first, second) = (try command(isWarm: false), try command(isWarm: false))
    let cache = ["RECUR_CACHE_DIR": first.path("cache")]
    let running = try [first, second].map { try Self.train($0, "model", cache) }
    for (command, process) in zip([first, second], running) {
      let result = try command.wait(for: process)
      #expect(result.code == 0, "\(result.errors)")
      #expect(try command.bytes("model/model.safetensors") == Self.undisturbed.get().model)
    }
    // What they left is whole.
    try FileManager.default.removeItem(atPath: second.path("model"))
    try expectRightModel(second, cache.merging(["FAULTY_OPENCL_COUNTS": second.path("counts")]) { $1 })
    #expect(try Self.counts(second)["compiled"] == [0])
  }
}
