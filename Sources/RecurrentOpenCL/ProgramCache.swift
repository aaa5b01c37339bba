import RecurrentCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Compiled programs on disk, one file each, so that a program is compiled once per machine.
///
/// A file that is damaged, or a folder that cannot be written, is as good as an empty cache: nothing here fails.
package struct ProgramCache {
  /// The folder.
  let folder: String

  /// The cache of the user; nil without a cache folder.
  static func standard() -> ProgramCache? { Environment.cacheFolder.map { ProgramCache(folder: $0) } }

  /// The stored binary of a key; nil if it is missing, damaged, or that of another key.
  func binary(for key: String) -> [UInt8]? {
    let file = url(Self.name(key))
    // Reading a pipe may never end, and no driver compiles programs as large.
    var status = stat()
    guard stat(file.path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= Self.largestFile,
      let bytes = try? Data(contentsOf: file)
    else { return nil }
    return Self.binary(in: [UInt8](bytes), key: key)
  }

  /// The binary in the bytes of a file; nil if they are damaged or belong to another key.
  package static func binary(in file: [UInt8], key: String) -> [UInt8]? {
    guard file.count > headerSize else { return nil }
    let binary = [UInt8](file[headerSize...])
    return file.starts(with: header(binary, name(key))) ? binary : nil
  }

  /// The bytes of a file.
  package static func file(_ binary: [UInt8], key: String) -> [UInt8] { header(binary, name(key)) + binary }

  /// Stores a binary atomically.
  func store(_ binary: [UInt8], for key: String) {
    try? write(Self.file(binary, key: key), to: url(Self.name(key)))
  }

  /// Stores the compiler's log of a program and returns the file; nil if it cannot be written.
  func store(log: String, of program: String) -> String? {
    let path = "\(folder)/\(program).log"
    return (try? write(Array(log.utf8), to: URL(fileURLWithPath: path))).map { path }
  }

  /// Whether the folder is writable; creates it if it is missing.
  var isWritable: Bool {
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return FileManager.default.isWritableFile(atPath: folder)
  }

  private func write(_ bytes: [UInt8], to file: URL) throws {
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(bytes).write(to: file, options: .atomic)
  }

  private static func name(_ key: String) -> String { digits(fnv1a(key.utf8)) + digits(fnv1a(key.utf8, seed: 1)) }

  private func url(_ name: String) -> URL { URL(fileURLWithPath: "\(folder)/\(name).clbin") }

  /// The header of a file: its name, and the size and checksum of the binary, since drivers crash on damaged or foreign
  /// binaries.
  private static func header(_ binary: [UInt8], _ name: String) -> [UInt8] {
    Array("recur2\n\(name)\n\(digits(UInt64(binary.count)))\n\(digits(fnv1a(binary, seed: 2)))\n".utf8)
  }

  private static let headerSize = 7 + 33 + 17 + 17
  private static let largestFile = 1 << 28

  /// A number as 16 hexadecimal digits.
  private static func digits(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}
