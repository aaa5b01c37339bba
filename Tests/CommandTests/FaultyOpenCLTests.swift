import Foundation
import Testing

/// OpenCL that goes wrong, by way of `FaultyOpenCL.c`: right numbers or one clear line, and nothing damaged.
@Suite(.serialized) struct FaultyOpenCLTests {
  /// Trains, and compares the model with that of an undisturbed run, bit by bit.
  private func expectRightModel(_ command: Command, _ environment: [String: String] = [:]) throws {
    let result = try command.wait(for: FaultyOpenCL.train(command, environment))
    #expect(result.code == 0, "\(result.errors)")
    #expect(try command.bytes("model/model.safetensors") == FaultyOpenCL.undisturbed.get().model)
  }

  private func expectRefusal(_ result: Command.Result, saying parts: String...) {
    #expect(result.code == 1)
    let lines = FaultyOpenCL.refusals(result)
    #expect(lines.count == 1, "\(result.errors)")
    for part in parts { #expect(lines.first?.contains(part) == true, "\(result.errors)") }
  }

  @Test func aProbeThatDoesNotEnd() throws {
    let command = try Command()
    let result = try command.wait(
      for: command.start(["devices", "--verbose"], environment: FaultyOpenCL.settings(["FAULTY_OPENCL_HANGS": "1"])))
    #expect(result.code == 0, "\(result.errors)")
    #expect(
      result.output.contains("probed no (the kernel does not end; nothing else was probed)"))
    #expect(result.output.contains("\nreference"), "the list goes on")
  }

  // MARK: Platforms

  /// A driver that is broken must not hide the others.
  @Test func aPlatformThatIsBroken() throws {
    let command = try Command()
    let broken = try FaultyOpenCL.settings(["FAULTY_OPENCL_PLATFORMS": "broken"])
    let result = try command.wait(for: command.start(["devices"], environment: broken))
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("\nopencl:1:0 ") && !result.output.contains("opencl:0:"), "\(result.output)")
  }

  @Test func noPlatform() throws {
    let command = try Training.command()
    let none = try FaultyOpenCL.settings(["FAULTY_OPENCL_PLATFORMS": "none"])
    let result = try command.wait(for: command.start(Training.arguments("model"), environment: none))
    expectRefusal(result, saying: "knows no OpenCL platform", "install a driver")
    // Of a loader without drivers, the call fails.
    let empty = try FaultyOpenCL.settings(["FAULTY_OPENCL_FAULT": "clGetPlatformIDs:0:-1001", "RECUR_DEVICE": "auto"])
    let trained = try command.wait(for: command.start(Training.arguments("model", "--epochs", "1"), environment: empty))
    #expect(trained.code == 0 && trained.errors.contains(" on cpu ("), "\(trained.errors)")
  }

  // MARK: Memory

  @Test func aBufferThatIsTooLarge() throws {
    let command = try FaultyOpenCL.command()
    let result = try command.wait(for: FaultyOpenCL.train(command, ["FAULTY_OPENCL_LARGEST": "60000"]))
    expectRefusal(
      result, saying: "opencl:0:0: ",
      "cannot give 61,440 bytes (more than its largest allocation of 60,000 bytes), asked for", "smaller")
  }

  @Test func everythingIsReleased() throws {
    let command = try FaultyOpenCL.command()
    try expectRightModel(command, ["FAULTY_OPENCL_COUNTS": command.path("counts")])
    let counts = try Counts(command)
    #expect(counts.leaks.isEmpty, "\(counts.leaks)")
    #expect(counts["clCreateContext"] > 0 && counts["clCreateBuffer"] > 0 && counts["clCreateKernel"] > 0)
  }

  // MARK: Programs

  @Test func aKernelThatDoesNotCompile() throws {
    let command = try FaultyOpenCL.command(isWarm: false)
    let result = try command.wait(for: FaultyOpenCL.train(command, ["FAULTY_OPENCL_BREAKS": "lstmBackward"]))
    let log = command.path("cache/lstm.log")
    expectRefusal(
      result, saying: "opencl:0:0 (", "kernel file lstm: clBuildProgram failed", "this driver cannot compile it", log,
      "update the driver")
    #expect(try command.text("cache/lstm.log").contains("this driver cannot compile it"))
    #expect(!command.exists("model/model.safetensors"))
  }

  @Test func aSecondStartCompilesNothing() throws {
    let command = try FaultyOpenCL.command()
    try expectRightModel(command, ["FAULTY_OPENCL_COUNTS": command.path("counts")])
    let counts = try Counts(command)
    #expect(counts["compiled"] == 0)
    #expect(counts["restored"] > 0)
  }

  @Test func binariesThatTheDriverRefuses() throws {
    let command = try FaultyOpenCL.command()
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
    let command = try FaultyOpenCL.command()
    let folder = command.folder.appendingPathComponent("cache")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".clbin") }
    #expect(names.count > 3)
    // All of them are needed only where the device is checked.
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.hasPrefix("check-") {
      try FileManager.default.removeItem(atPath: folder.appendingPathComponent(name).path)
    }
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
    #expect(try Counts(command)["compiled"] == names.count)
    #expect(try Set(names.map { try Data(contentsOf: folder.appendingPathComponent($0)).count }).count > 1)
  }

  @Test(arguments: ["/proc/none", "text.txt/cache", "a/folder/that/is/made"]) func cacheFolders(path: String) throws {
    let command = try FaultyOpenCL.command(isWarm: false)
    let folder = path.hasPrefix("/") ? path : command.path(path)
    try expectRightModel(command, ["RECUR_CACHE_DIR": folder])
  }

  @Test func twoProcessesThatWarmOneCache() throws {
    let (first, second) = (try FaultyOpenCL.command(isWarm: false), try FaultyOpenCL.command(isWarm: false))
    let cache = ["RECUR_CACHE_DIR": first.path("cache")]
    let running = try [first, second].map { try FaultyOpenCL.train($0, cache) }
    for (command, process) in zip([first, second], running) {
      let result = try command.wait(for: process)
      #expect(result.code == 0, "\(result.errors)")
      #expect(try command.bytes("model/model.safetensors") == FaultyOpenCL.undisturbed.get().model)
    }
    // What they left is whole.
    try FileManager.default.removeItem(atPath: second.path("model"))
    try expectRightModel(second, cache.merging(["FAULTY_OPENCL_COUNTS": second.path("counts")]) { $1 })
    #expect(try Counts(second)["compiled"] == 0)
  }
}
