import RecurrentCore
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
  }

  @Test func aBuildThatFailsShowsTheLog() throws {
    let context = try Context(device())
    let error = #expect(throws: OpenCLError.self) {
      try Program.build(
        "broken", "kernel void broken() { undeclared = 1; }", options: "-cl-std=CL1.2", context: context, cache: nil)
    }
    #expect(error?.call == "clBuildProgram")
    #expect(error?.kernel == "broken")
    #expect(error?.log?.contains("undeclared") == true)
    #expect(error?.description.contains("CL_BUILD_PROGRAM_FAILURE") == true)
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
    #expect(error?.what.contains("\(count * 4) bytes") == true)
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
