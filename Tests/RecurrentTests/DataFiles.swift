import Foundation
import Recurrent
import Testing

/// A folder of files for one test, gone afterwards.
final class DataFiles {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("recur-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, and the folders that it is in.
  /// - Returns: Its path.
  @discardableResult
  func write(_ text: String, to name: String) throws -> String { try write(Array(text.utf8), to: name) }

  @discardableResult
  func write(_ bytes: [UInt8], to name: String) throws -> String {
    let file = URL(fileURLWithPath: "\(path)/\(name)")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file.path
  }

  /// Writes a file as `gzip` packs it.
  @discardableResult
  func pack(_ text: String, to name: String) throws -> String {
    let plain = try write(text, to: "plain")
    let gzip = Process()
    gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    gzip.arguments = ["gzip", "-9", "-n", "-c", plain]
    let output = Pipe()
    gzip.standardOutput = output
    try gzip.run()
    let packed = output.fileHandleForReading.readDataToEndOfFile()
    gzip.waitUntilExit()
    try #require(gzip.terminationStatus == 0)
    return try write([UInt8](packed), to: name)
  }

  /// The line that reading this file says, without the folder; nil if nothing is wrong.
  func line(_ body: () throws -> Void) -> String? {
    message(of: body)?.replacingOccurrences(of: path + "/", with: "")
  }
}
