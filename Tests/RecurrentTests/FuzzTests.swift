import Foundation
import FuzzTargets
import Testing

/// Every reader takes the fuzzer's seeds, and what it ever found; cut anywhere, too.
struct FuzzTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fuzz/Seeds")

  @Test(arguments: FuzzTarget.allCases)
  func seeds(target: FuzzTarget) throws {
    let folder = Self.folder.appendingPathComponent(target.rawValue)
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    #expect(!files.isEmpty)
    for file in files {
      let bytes = [UInt8](try Data(contentsOf: file))
      // The same in every run; a number of cuts that is quick for the largest.
      for end in stride(from: bytes.count, through: 0, by: -max(1, bytes.count / 200)) {
        #expect(throws: Never.self, "\(file.path), \(end) bytes") { try target.run(Array(bytes[..<end])) }
      }
      // The reader of one format meets the files of all others.
      for other in FuzzTarget.allCases { #expect(throws: Never.self, "\(file.path)") { try other.run(bytes) } }
    }
  }
}
