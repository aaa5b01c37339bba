import RecurrentCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Compiled programs on disk, one file each, so that a program is compiled once on a machine.
///
/// A file that is damaged, or a folder that cannot be written, is as good as an empty cache: nothing here fails.
struct ProgramCache {
  /// The folder.
  let folder: String

  /// The user's; nil where there is no folder for such files.
  static func standard() -> ProgramCache? { Environment.cacheFolder.map { ProgramCache(folder: $0) } }

  /// The binary that was stored for a key; nil if there is none or it is damaged.
  func binary(for key: String) -> [UInt8]? {
    guard let file = try? Data(contentsOf: URL(fileURLWithPath: path(key))) else { return nil }
    let bytes = [UInt8](file)
    guard bytes.count > ProgramCache.headerSize else { return nil }
    let binary = Array(bytes[ProgramCache.headerSize...])
    return bytes.starts(with: ProgramCache.header(binary)) ? binary : nil
  }

  /// Stores a binary, whole or not at all.
  func store(_ binary: [UInt8], for key: String) {
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try? Data(ProgramCache.header(binary) + binary).write(to: URL(fileURLWithPath: path(key)), options: .atomic)
  }

  func path(_ key: String) -> String {
    let name = ProgramCache.hash(key.utf8, 0) + ProgramCache.hash(key.utf8, 1)
    return "\(folder)/\(name).clbin"
  }

  /// Drivers crash on binaries that are damaged, so a file starts with the binary's size and checksum.
  private static func header(_ binary: [UInt8]) -> [UInt8] {
    let size = String(binary.count, radix: 16)
    return Array("recur1\n".utf8) + String(repeating: "0", count: 16 - size.utf8.count).utf8 + Array(size.utf8)
      + Array(hash(binary, 2).utf8) + [10]
  }

  private static let headerSize = 7 + 16 + 16 + 1

  /// A hash as 16 digits.
  private static func hash(_ bytes: some Sequence<UInt8>, _ seed: UInt64) -> String {
    let digits = String(fnv1a(bytes, seed: seed), radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}
