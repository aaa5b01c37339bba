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
    let result = try command.run(
      ["devices", "--verbose"], environment: FaultyOpenCL.settings(["FAULTY_OPENCL_HANGS": "1"]))
    #expect(result.code == 0, "\(result.errors)")
    #expect(
      result.output.contains("probed no (the kernel does not end; further probes are skipped)"))
    #expect(result.output.contains("\nreference"), "the list goes on")
  }

  /// The device is blocked, so it is rejected instead of waited for.
  @Test func aDeviceWhoseProbeDoesNotEnd() throws {
    let command = try Command()
    let result = try command.run(
      ["check", "--device", "opencl", "--quick"],
      environment: FaultyOpenCL.settings([
        "FAULTY_OPENCL_HANGS": "1", "FAULTY_OPENCL_PROPERTIES": FaultyOpenCL.discreteGPU,
      ]))
    expectRefusal(result, saying: "opencl:0:0", "does not end", "RECUR_OPENCL_TIER=step")
  }

  // MARK: Platforms

  /// A driver that is broken must not hide the others.
  @Test func aPlatformThatIsBroken() throws {
    let command = try Command()
    let broken = try FaultyOpenCL.settings(["FAULTY_OPENCL_PLATFORMS": "broken"])
    let result = try command.run(["devices"], environment: broken)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("\nopencl:1:0 ") && !result.output.contains("opencl:0:"), "\(result.output)")
  }

  @Test func noPlatform() throws {
    let command = try Training.command()
    let none = try FaultyOpenCL.settings(["FAULTY_OPENCL_PLATFORMS": "none"])
    let result = try command.run(Training.arguments("model"), environment: none)
    expectRefusal(result, saying: "lists no OpenCL platform", "install a driver")
    // Of a loader without drivers, the call fails.
    let empty = try FaultyOpenCL.settings(["FAULTY_OPENCL_FAULT": "clGetPlatformIDs:0:-1001", "RECUR_DEVICE": "auto"])
    let trained = try command.run(Training.arguments("model", "--epochs", "1"), environment: empty)
    #expect(trained.code == 0 && trained.errors.contains(" on cpu ("), "\(trained.errors)")
  }

  /// One GPU with two drivers: one choice, and a line about it.
  @Test func aGPUThatIsListedTwice() throws {
    let command = try Command()
    let environment = try FaultyOpenCL.settings([
      "FAULTY_OPENCL_PLATFORMS": "twice", "FAULTY_OPENCL_PROPERTIES": FaultyOpenCL.discreteGPU,
    ])
    let result = try command.run(["devices"], environment: environment)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("\nopencl:1:0 "))
    #expect(
      result.output.contains(
        "\nauto uses opencl:0:0: the only GPU, discrete; opencl:1:0 (Portable Computing Language) is"))
    // An integrated one, which the driver reports with a single unit.
    let slow = try command.run(
      ["devices"], environment: FaultyOpenCL.settings(["FAULTY_OPENCL_PROPERTIES": "0x1000=4,0x1002=1,0x100C=1"]))
    #expect(slow.output.contains("\nauto uses cpu: the rough rate of the integrated GPU opencl:0:0, 0 GF/s, is below"))
  }

  /// A driver that reports no unit, no local memory, work-groups of one work-item and no limits of memory, or that does not
  /// answer: the kernels that it gets are small, and right.
  @Test func aDeviceThatOffersLess() throws {
    let command = try Command()
    let numbers = "0x1002=0,0x1023=0,0x1004=1,0x1010=0,0x101F=0,0x100C=,0x1030="
    let result = try command.run(
      ["check", "--device", "opencl", "--quick", "--only", "elman"],
      environment: FaultyOpenCL.settings([
        "FAULTY_OPENCL_PROPERTIES": "\(FaultyOpenCL.discreteGPU),\(numbers)",
        "POCL_EXTRA_BUILD_FLAGS": "-cl-opt-disable",
      ]))
    #expect(result.code == 0, "\(result.errors)")
    // The type decides the kernels, so it is not guessed.
    let silent = try command.run(
      ["check", "--device", "opencl"], environment: FaultyOpenCL.settings(["FAULTY_OPENCL_PROPERTIES": "0x1000="]))
    expectRefusal(silent, saying: "lists no device: clGetDeviceInfo failed with CL_INVALID_VALUE")
  }

  // MARK: Memory

  @Test func aBufferThatIsTooLarge() throws {
    let command = try FaultyOpenCL.command()
    let result = try command.wait(for: FaultyOpenCL.train(command, ["FAULTY_OPENCL_PROPERTIES": "0x1010=60000"]))
    expectRefusal(
      result, saying: "opencl:0:0: ",
      "cannot allocate 61,440 bytes (more than its largest allocation, 60,000 bytes), needed for", "smaller")
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
    try forgetVerdicts(command)
    let past = Date(timeIntervalSince1970: 0)
    let paths = try programs(command).map(command.path)
    for path in paths { try FileManager.default.setAttributes([.modificationDate: past], ofItemAtPath: path) }
    try expectRightModel(command, ["FAULTY_OPENCL_REFUSES_BINARIES": "1"])
    for path in paths {
      let written = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
      #expect(try #require(written) > past, "the file is another")
    }
  }

  private func programs(_ command: Command) throws -> [String] {
    try command.names(in: "cache").filter { $0.hasSuffix(".clbin") }.map { "cache/" + $0 }
  }

  /// All programs are needed only where the device is checked.
  private func forgetVerdicts(_ command: Command) throws {
    for name in try command.names(in: "cache") where name.hasPrefix("check-") { try command.remove("cache/" + name) }
  }

  enum Damage: CaseIterable { case empty, cut, changed, ofAnotherVersion, ofAnotherProgram }

  @Test(arguments: Damage.allCases) func damagedFiles(damage: Damage) throws {
    let command = try FaultyOpenCL.command()
    let programs = try programs(command)
    #expect(programs.count > 3)
    try forgetVerdicts(command)
    let files = try programs.map(command.bytes)
    for (place, name) in programs.enumerated() {
      var bytes = files[place]
      switch damage {
      case .empty: bytes = Data()
      case .cut: bytes.removeLast(bytes.count / 2)
      case .changed: bytes[bytes.count / 2] ^= 0x10
      case .ofAnotherVersion: bytes.replaceSubrange(5..<6, with: [UInt8(ascii: "1")])
      case .ofAnotherProgram: bytes = files[(place + 1) % files.count]
      }
      try command.write(bytes, to: name)
    }
    try expectRightModel(command, ["FAULTY_OPENCL_COUNTS": command.path("counts")])
    #expect(try Counts(command)["compiled"] == programs.count)
    #expect(try Set(programs.map { try command.bytes($0).count }).count > 1)
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
    try second.remove("model")
    try expectRightModel(second, cache.merging(["FAULTY_OPENCL_COUNTS": second.path("counts")]) { $1 })
    #expect(try Counts(second)["compiled"] == 0)
  }
}
