import RecurrentCore
import RecurrentReference
import Testing

@testable import RecurrentOpenCL

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What only the OpenCL backend has: a library that may be missing, drivers, programs and their cache.
@Suite struct OpenCLTests {
  private func device() throws -> OpenCLDevice {
    let devices = try OpenCLDevice.all(.open())
    return try #require(devices.first)
  }

  @Test func aMissingLibraryIsAnError() throws {
    let error = #expect(throws: RecurrentError.self) { try OpenCLLibrary(named: ["/nonexistent/libOpenCL.so"]) }
    #expect(error?.kind == .device)
    #expect(error?.description.contains("/nonexistent/libOpenCL.so") == true)
  }

  @Test func aLibraryThatIsNotOpenCLIsAnError() throws {
    let error = #expect(throws: RecurrentError.self) { try OpenCLLibrary(named: ["libm.so.6"]) }
    #expect(error?.kind == .device)
    #expect(error?.description.contains("clGetPlatformIDs") == true)
  }

  @Test func aDeviceThatIsNotThereIsAnError() throws {
    for open in [{ try OpenCLBackend(platform: 99, device: 7) }, { try OpenCLBackend(named: "no such device") }] {
      let error = #expect(throws: RecurrentError.self) { try open() }
      #expect(error?.kind == .device)
      #expect(error?.remedy?.contains("opencl:0:0") == true)
    }
  }

  @Test func devicesAreListed() throws {
    let devices = try OpenCLBackend.devices()
    let first = try #require(devices.first)
    #expect(first.identifier == "opencl:0:0")
    #expect(!first.name.isEmpty && first.computeUnits > 0 && first.memory > 0 && first.maximumAllocation > 0)
    #expect(first.capabilities["version"]?.hasPrefix("OpenCL ") == true)
    #expect(try OpenCLBackend(named: first.name.uppercased()).device.name == first.name)
    #expect(try OpenCLBackend.devices(named: first.driver.lowercased()).contains(first))
    #expect(try OpenCLBackend.devices(named: "no such device").isEmpty)
  }

  @Test func whatDriversClaimIsTried() throws {
    let device = try #require(OpenCLBackend.devices().first)
    #expect(device.capabilities["subgroups"]?.contains("probed") == false)
    let probed = OpenCLBackend.probed(device)
    for name in ["half precision", "half storage", "double precision", "device-scope fence", "subgroups"] {
      let text = try #require(probed.capabilities[name])
      #expect(text.contains("; probed yes") || text.contains("; probed no ("), "\(name): \(text)")
    }
    // All of OpenCL has these.
    #expect(probed.capabilities["half storage"] == "required; probed yes")
    #expect(OpenCLBackend.probed(ReferenceBackend().device) == ReferenceBackend().device)
  }

  @Test func aBuildThatFailsShowsTheLog() throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let context = try Context(device())
    let error = #expect(throws: OpenCLError.self) {
      try Program.build(
        "broken", "kernel void broken() { undeclared = 1; }", options: "-cl-std=CL1.2", context: context,
        cache: ProgramCache(folder: folder))
    }
    #expect(error?.call == "clBuildProgram")
    #expect(error?.kernel == "broken")
    #expect(error?.log?.contains("undeclared") == true)
    let line = try #require(error?.description)
    for part in [
      "opencl:0:0 (", "kernel file broken", "CL_BUILD_PROGRAM_FAILURE", "undeclared", "\(folder)/broken.log",
    ] {
      #expect(line.contains(part), "\(line)")
    }
    #expect(!line.contains { $0.isNewline })
    #expect(try String(contentsOfFile: "\(folder)/broken.log", encoding: .utf8).contains("undeclared"))
  }

  @Test func aMissingKernelIsNamed() throws {
    let context = try Context(device())
    let program = try Program.build(
      "empty", "kernel void here() {}", options: "-cl-std=CL1.2", context: context, cache: nil)
    let error = #expect(throws: OpenCLError.self) { try Kernel("elsewhere", of: program) }
    #expect(error?.kernel == "elsewhere")
    #expect(error?.statusName == "CL_INVALID_KERNEL_NAME")
  }

  @Test func tooLargeAnAllocationNamesItsSize() throws {
    let device = try device()
    let backend = try OpenCLBackend(device, cache: nil)
    let count = device.maximumAllocation / 4 + 1
    let error = #expect(throws: RecurrentError.self) { try backend.allocate(count) }
    #expect(error?.kind == .outOfMemory)
    #expect(error?.what.contains("cannot allocate \((count * 4).asBytes)") == true)
  }

  // MARK: The cache

  private func temporaryFolder() -> String {
    FileManager.default.temporaryDirectory.path + "/recur-\(UInt64.random(in: 0 ... .max))"
  }

  /// 2 + 3, which needs a program.
  private func add(_ cache: ProgramCache?) throws -> [Float] {
    let backend = try OpenCLBackend(device(), cache: cache)
    let (a, b) = (try backend.upload([2], columns: 1), try backend.upload([3], columns: 1))
    try backend.combine(Combine(.add, a, b, into: .set(a)))
    return try backend.download(a)
  }

  @Test func programsAreKeptAndDamageIsNoticed() throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let cache = ProgramCache(folder: folder)
    #expect(try add(cache) == [5])
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(!files.isEmpty)
    #expect(try add(cache) == [5])

    for (place, file) in files.enumerated() {
      let path = "\(folder)/\(file)"
      var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      if place.isMultiple(of: 2) { bytes[bytes.count / 2] ^= 0xFF } else { bytes.removeLast(bytes.count / 2) }
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
    #expect(try add(cache) == [5])
  }

  @Test func aCacheThatCannotBeWrittenIsNoError() throws {
    #expect(try add(ProgramCache(folder: "/proc/nonexistent")) == [5])
    #expect(try add(nil) == [5])
  }

  @Test func theCacheTellsItsKeysApart() throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let cache = ProgramCache(folder: folder)
    cache.store([1, 2, 3], for: "a")
    cache.store([], for: "b")
    #expect(cache.binary(for: "a") == [1, 2, 3])
    #expect(cache.binary(for: "b") == nil)
    #expect(cache.binary(for: "c") == nil)

    // A file under another's name.
    let file = try #require(FileManager.default.contentsOfDirectory(atPath: folder).first)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)"))
    cache.store([4, 5], for: "d")
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      try bytes.write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    #expect(["a", "b", "d"].filter { cache.binary(for: $0) != nil }.count <= 1)
  }

  // MARK: Memory

  @Test func memoryOfAnotherContextIsAnError() throws {
    let backend = try OpenCLBackend(device(), cache: .standard())
    let other = try OpenCLBackend(device(), cache: .standard())
    let (mine, theirs) = (try backend.upload([1], columns: 1), try other.upload([2], columns: 1))
    let uses = [
      { try backend.combine(Combine(.add, mine, theirs, into: .set(mine))) },
      { try backend.upload([3], to: theirs) },
      { _ = try backend.download(theirs) },
    ]
    for use in uses {
      let error = #expect(throws: RecurrentError.self) { try use() }
      #expect(error?.what == "the values are on another device")
    }
    #expect(try other.download(theirs) == [2])
  }

  /// Uploads do not wait, so the caller's memory changes while they are on their way, and their copies are used again.
  @Test func uploadsKeepTheirValues() throws {
    let backend = try OpenCLBackend(device(), cache: .standard())
    let (x, sum) = (try backend.allocate(columns: 5000), try backend.allocate(columns: 5000))
    var values = [Float](repeating: 0, count: 5000)
    for step in 1...1000 {
      for index in values.indices { values[index] = Float(step) }
      try backend.upload(values, to: x)
      for index in values.indices { values[index] = .nan }
      try backend.combine(Combine(.add, sum, x, into: .set(sum)))
    }
    #expect(try backend.download(sum) == Array(repeating: 500_500, count: 5000))
  }

  @Test func uploadsReuseTheirCopies() throws {
    let staging = UploadStaging(try Context(device()))
    let bytes = [UInt8](repeating: 1, count: 5000)
    let copy = { (command: Int, done: Int) in
      bytes.withUnsafeBytes { staging.copy($0, command: command, done: done) }
    }
    let (first, second) = (copy(1, 0), copy(2, 0))
    #expect(first != nil && second != nil && first != second)
    #expect(copy(3, 1) == first)
    #expect(copy(4, 3) == first || copy(4, 3) == second)
  }

  @Test func anUploadTooLargeToCopyArrives() throws {
    let backend = try OpenCLBackend(device(), cache: .standard())
    let values = (0..<(17 << 20)).map { Float($0 & 0xFFFF) }
    let x = try backend.upload(values, columns: values.count)
    #expect(try backend.download(x) == values)
  }

  // MARK: Launches

  /// More rows, and more products, than one launch takes.
  @Test func longRangesAreCut() throws {
    let backend = try OpenCLBackend(device(), cache: .standard())
    let count = 70_000
    let table = try backend.upload([10, 11, 12], rows: 3, columns: 1)
    let indices = try backend.upload((0..<count).map { Int32($0 % 3) })
    let rows = try backend.allocate(rows: count, columns: 1)
    try backend.gather(Gather(table, indices, into: .set(rows)))
    #expect(try backend.download(rows) == (0..<count).map { Float(10 + $0 % 3) })

    let two = try backend.upload([2], columns: 1)
    let products = try backend.allocate(rows: count, columns: 1)
    try backend.matmul(
      Matmul(
        rows.rows(0..<1), two, into: .set(products.rows(0..<1)),
        batch: .init(count: count, strideA: 1, strideB: 0, strideC: 1)))
    #expect(try backend.download(products) == (0..<count).map { Float(20 + 2 * ($0 % 3)) })
  }

  @Test func aCountThatAKernelCannotHoldIsAnError() throws {
    #expect(try kernelInt(-1, at: "here") == -1)
    #expect(try kernelInt(2_147_483_520, at: "here") == 2_147_483_520)
    let error = #expect(throws: RecurrentError.self) { try kernelInt(1 << 31, at: "here") }
    #expect(error?.kind == .invalidArgument)
    #expect(error?.description.contains("2147483648") == true)
  }

  /// The gradient of the argument may take the place of that of the result.
  @Test func layerNormBackwardWorksInPlace() throws {
    let backend = try OpenCLBackend(device(), cache: .standard())
    let (rows, columns) = (3, 5)
    let values = { (factor: Int) in (0..<rows * columns).map { Float($0 * factor % 7) - 2 } }
    let x = try backend.upload(values(3), rows: rows, columns: columns)
    let y = try backend.allocate(rows: rows, columns: columns)
    let statistics = try backend.allocate(rows: rows, columns: 2)
    try backend.layerNorm(
      ApplyLayerNorm(x, gain: nil, bias: nil, epsilon: 1e-5, into: y, statistics: statistics))
    let results = try [true, false].map { inPlace in
      let dy = try backend.upload(values(5), rows: rows, columns: columns)
      let dx = inPlace ? dy : try backend.allocate(rows: rows, columns: columns)
      let (dGain, dBias) = (try backend.allocate(columns: columns), try backend.allocate(columns: columns))
      try backend.layerNormBackward(
        ApplyLayerNormBackward(
          x: x, gain: nil, statistics: statistics, dy: dy, dx: .set(dx), dGain: .set(dGain), dBias: .set(dBias)))
      return try [dx, dGain, dBias].map(backend.download)
    }
    #expect(results[0] == results[1])
    #expect(results[0].joined().allSatisfy { $0.isFinite })
  }

  // MARK: Long runs

  @Test func theQueueStaysBounded() throws {
    let backend = try OpenCLBackend(device(), cache: .standard())
    let x = try backend.upload([0, 1], columns: 2)
    let one = try backend.upload([1, 1], columns: 2)
    for _ in 0..<2000 { try backend.combine(Combine(.add, x, one, into: .set(x))) }
    #expect(try backend.download(x) == [2000, 2001])
  }
}
