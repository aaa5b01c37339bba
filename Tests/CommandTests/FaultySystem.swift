import Foundation
import Testing

/// `FaultySystem.c`, compiled once, and how a command gets to run with it.
enum FaultySystem {
  private static let library: Result<String, any Error> = Result {
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("FaultySystem/FaultySystem.c").path
    let library = FileManager.default.temporaryDirectory.appendingPathComponent("libFaultySystem.so").path
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/bin/sh")
    compiler.arguments = [
      "-c", "$(command -v cc || command -v clang) -Wall -Werror -shared -fPIC \"$1\" -o \"$2\" -ldl", "sh", source,
      library,
    ]
    try compiler.run()
    compiler.waitUntilExit()
    try #require(compiler.terminationStatus == 0, "FaultySystem.c does not compile")
    return library
  }

  /// The environment in which some calls on files whose path contains a name fail.
  static func disk(_ call: String, _ name: String, _ error: Int32, first: Int = 0, count: Int = .max >> 8) throws
    -> [String: String]
  {
    ["LD_PRELOAD": try library.get(), "FAULTY_DISK": "\(call):\(name):\(error):\(first):\(count)"]
  }

  /// The environment in which the clock is set back after some writes to files whose path contains a name.
  static func clock(after writes: Int, _ name: String, secondsBack: Int) throws -> [String: String] {
    ["LD_PRELOAD": try library.get(), "FAULTY_CLOCK": "\(name):\(writes):\(secondsBack)"]
  }
}
