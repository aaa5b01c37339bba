import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Files, so that a fault has a clear name; `Files+Writing.swift` writes them so that a kill leaves no half of one.
public enum Files {
  /// All bytes of a file.
  /// - Throws: `RecurrentError.invalidData` if it is not there, is a directory, or cannot be read.
  public static func read(_ path: String) throws -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw fault("cannot be opened", path, remedy: openRemedy()) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw fault("cannot be looked at", path) }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw RecurrentError(.invalidData, "is a directory, not a file", at: path, remedy: "name a file in it")
    }
    // Twice, as what is read becomes a text or numbers.
    try HostMemory.require(
      2 * min(Int(status.st_size), 1 << 60), for: "a file of \(Int(status.st_size).asBytes)", at: path,
      remedy: "take a smaller one, or free memory")
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(status.st_size) + 1)
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = chunk.withUnsafeMutableBytes { systemRead(file, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw fault("cannot be read", path) }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
    }
  }

  /// The text of a file of UTF-8, without the byte-order mark that some programs put before it.
  /// - Throws: `RecurrentError.invalidData` if it cannot be read, or is not UTF-8: the error names the byte.
  public static func readText(_ path: String) throws -> String {
    let bytes = try read(path)
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    if let text = String(validating: bytes.dropFirst(bytes.starts(with: mark) ? 3 : 0), as: UTF8.self) { return text }
    let offset = firstInvalidByte(bytes)
    throw RecurrentError(
      .invalidData, "is not UTF-8 text: byte \(bytes[offset]) at offset \(offset)", at: path,
      remedy: "convert it first, for example with iconv -t UTF-8")
  }

  /// - Throws: `RecurrentError.invalidData` if nobody can tell whether there is something at the path.
  static func requireKnown(_ path: String) throws {
    guard access(path, F_OK) != 0, errno != ENOENT, errno != ENOTDIR else { return }
    throw fault("cannot be read", path, remedy: "check its permissions")
  }

  /// Whether there is a file, or a folder, at the path.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Whether there is a folder at the path.
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  static func fault(_ what: String, _ path: String, remedy: String? = nil) -> RecurrentError {
    RecurrentError(.invalidData, "\(what) (\(String(cString: strerror(errno))))", at: path, remedy: remedy)
  }

  private static func openRemedy() -> String {
    errno == ENOENT ? "check the path" : "check its permissions"
  }

  /// Where the longest prefix that is UTF-8 ends.
  private static func firstInvalidByte(_ bytes: [UInt8]) -> Int {
    var decoder = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var offset = 0
    while case .valid(let scalar) = decoder.parseScalar(from: &iterator) { offset += scalar.count }
    return min(offset, bytes.count - 1)
  }
}

// The name of the system's call, which the function above would shadow.
private func systemRead(_ file: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(file, bytes, count)
}
