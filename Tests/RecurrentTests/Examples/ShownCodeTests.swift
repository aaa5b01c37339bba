import Foundation
import Testing

/// README and the articles show code that is compiled and run: each block of Swift stands word for word in a file of this
/// folder or in one that is named here, but for imports, blank lines, what indents it and `package`.
@Suite struct ShownCodeTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
  private static let root = folder.appending(path: "../../..").standardized

  private static let documents =
    try! ["README.md"]
    + FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources/Recurrent/Recurrent.docc").path)
    .filter { $0.hasSuffix(".md") }.sorted().map { "Sources/Recurrent/Recurrent.docc/" + $0 }

  private static func lines(_ text: String) -> String {
    text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      .map { $0.hasPrefix("package ") ? String($0.dropFirst(8)) : $0 }
      .filter { !$0.isEmpty && !$0.hasPrefix("import ") }.joined(separator: "\n")
  }

  @Test(arguments: documents) func itsCodeIsCompiled(document: String) throws {
    let examples = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter {
      $0.hasSuffix(".swift")
    }
    let others = ["../UserModelTests.swift", "../../../Benchmarks/Translator.swift"]
    let compiled = try (examples + others).map {
      try Self.lines(String(contentsOf: Self.folder.appending(path: $0), encoding: .utf8))
    }
    let text = try String(contentsOf: Self.root.appending(path: document), encoding: .utf8)
    for block in text.components(separatedBy: "```swift\n").dropFirst().map({ $0.components(separatedBy: "```")[0] }) {
      #expect(compiled.contains { $0.contains(Self.lines(block)) }, "\(document) shows what no example has:\n\(block)")
    }
  }
}
