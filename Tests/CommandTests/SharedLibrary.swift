import Foundation
import Testing

/// Libraries of C that go wrong on purpose, for a command to run with.
enum SharedLibrary {
  /// Compiles the sources of a folder beside this file.
  /// - Returns: The library's path.
  static func compile(_ name: String) throws -> String {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let library = FileManager.default.temporaryDirectory.appendingPathComponent("lib\(name).so").path
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/bin/sh")
    compiler.arguments = [
      "-c",
      "$(command -v cc || command -v clang) -Wall -Werror -shared -fPIC -I \"$1/../../Sources/COpenCL/include\" "
        + "\"$1/$2\"/*.c -o \"$3\" -ldl -lpthread", "sh", tests.path, name, library,
    ]
    try compiler.run()
    compiler.waitUntilExit()
    try #require(compiler.terminationStatus == 0, "\(name) does not compile")
    return library
  }
}
