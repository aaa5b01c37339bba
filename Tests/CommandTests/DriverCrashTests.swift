import Foundation
import Testing

/// PoCL aborts where its cache of compiled kernels is damaged: the command says which folder to remove. With the real PoCL.
struct DriverCrashTests {
  private static let check = [
    "check", "--device", "opencl:Portable Computing Language", "--quick", "--only", "softmax",
  ]

  @Test func aDamagedCacheOfPoCLIsNamed() throws {
    let command = try Command()
    // Kernels that are not optimized are damaged no less, and compile faster.
    let environment = ["POCL_CACHE_DIR": command.path("pocl"), "POCL_EXTRA_BUILD_FLAGS": "-cl-opt-disable"]
    let sound = try command.run(Self.check, environment: environment)
    #expect(sound.code == 0, "\(sound.errors)")
    let files = try command.files(in: "pocl")
    let kernels = files.filter { $0.key.hasSuffix(".so") }
    let programs = files.filter { $0.key.hasSuffix("/program.bc") }
    #expect(!kernels.isEmpty && !programs.isEmpty)
    func overwritten(_ bytes: Data, from start: Int, to end: Int, with byte: UInt8) -> Data {
      Data(bytes[..<start]) + Data(repeating: byte, count: end - start) + Data(bytes[end...])
    }
    let damages: [(String, (Data) -> Data)] = [
      ("empty", { _ in Data() }), ("cut", { Data($0.prefix($0.count / 2)) }),
      ("zeros", { Data(count: $0.count) }), ("another file's", { overwritten($0, from: 0, to: $0.count, with: 0x5A) }),
      ("zeros in the middle", { overwritten($0, from: $0.count / 3, to: $0.count * 2 / 3, with: 0) }),
    ]
    // With Recur's own compiled programs, and without: PoCL then reads other files first.
    for isCold in [false, true] {
      if isCold { try command.remove("cache") }
      for (part, whole) in [("kernels", kernels), ("programs", programs)] {
        for (name, damage) in damages {
          try command.write(files.merging(whole.mapValues(damage)) { $1 }, into: "pocl")
          let result = try command.run(Self.check, environment: environment)
          let due = "its cache of compiled kernels may be damaged: remove \(command.path("pocl")) and start again"
          #expect(
            result.code == 1 && result.errors.contains(due),
            "\(part) \(name), \(isCold): \(result.code) \(result.errors)")
        }
      }
    }
    // Without the folder all is well again, as the line says.
    try command.remove("pocl")
    #expect(try command.run(Self.check, environment: environment).code == 0)
  }
}
