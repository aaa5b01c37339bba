import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reading and writing files so that a fault has a clear name and a kill leaves no half of a file.
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

  /// Replaces a file's contents: written to a file beside it, synced, renamed. At every instant the path holds the old
  /// bytes or the new ones, whole. A link is followed; what is no file, such as `/dev/stdout`, is written to as it is.
  /// - Throws: `RecurrentError.invalidData` if the system refuses, or the path is a folder.
  public static func replace(_ path: String, with bytes: [UInt8]) throws {
    var status = stat()
    if stat(path, &status) == 0 {
      // Standard output may be a file, which is the caller's.
      let isOpen = path.hasPrefix("/dev/") || path.hasPrefix("/proc/")
      guard status.st_mode & S_IFMT == S_IFREG, !isOpen else { return try writeInto(path, bytes) }
      guard let target = realpath(path, nil) else { throw fault("cannot be resolved", path) }
      defer { free(target) }
      return try replaceFile(String(cString: target), with: bytes)
    }
    try replaceFile(path, with: bytes)
  }

  /// Writes to a device or a pipe.
  private static func writeInto(_ path: String, _ bytes: [UInt8]) throws {
    let file = open(path, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { throw fault("cannot be written", path, remedy: "name a file") }
    defer { close(file) }
    try write(bytes, to: file, path)
  }

  private static func replaceFile(_ path: String, with bytes: [UInt8]) throws {
    let aside = "\(path).\(getpid()).tmp"
    let file = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw fault("cannot be written", path, remedy: "check the folder and its permissions") }
    do {
      try write(bytes, to: file, path)
      guard fsync(file) == 0 else { throw fault("cannot be synced", path) }
      guard close(file) == 0 else { throw fault("cannot be closed", path) }
      guard rename(aside, path) == 0 else { throw fault("cannot be replaced", path) }
    } catch {
      unlink(aside)
      throw error
    }
    syncFolder(of: path)
  }

  /// Removes what `replace` was writing in a folder when its program was killed.
  /// - Parameter files: The files that are written there; nothing else is touched.
  /// - Throws: `RecurrentError.invalidData` if the folder cannot be read.
  static func removeLeftovers(of files: [String], in folder: String) throws {
    guard let names = opendir(folder) else { throw fault("cannot be read", folder) }
    defer { closedir(names) }
    while let entry = readdir(names) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      let parts = name.split(separator: ".")
      guard parts.count > 2, parts.last == "tmp", let writer = pid_t(parts[parts.count - 2]), writer > 0,
        files.contains(parts.dropLast(2).joined(separator: "."))
      else { continue }
      // Another program may be writing right now.
      if kill(writer, 0) != 0 && errno == ESRCH { unlink("\(folder)/\(name)") }
    }
  }

  /// Adds bytes to the end of a file, which is made if it is not there.
  /// - Throws: `RecurrentError.invalidData` if the system refuses.
  public static func append(_ bytes: [UInt8], to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw fault("cannot be written", path, remedy: "check its permissions") }
    defer { close(file) }
    try write(bytes, to: file, path)
  }

  /// Makes a folder, and the folders above it, where they are missing.
  /// - Throws: `RecurrentError.invalidData` if the system refuses, or a file is in the way.
  public static func makeFolder(_ path: String) throws {
    guard !isFolder(path) else { return }
    if let slash = path.dropLast().lastIndex(of: "/"), slash != path.startIndex {
      try makeFolder(String(path[..<slash]))
    }
    guard mkdir(path, 0o755) != 0 else { return }
    // Another program may have made it meanwhile; asking must not change the reason.
    let reason = errno
    guard !isFolder(path) else { return }
    errno = reason
    throw fault("cannot be made a folder", path, remedy: "check the permissions above it, or name another one")
  }

  /// - Throws: `RecurrentError.invalidData` unless the file can be written, or files be made in the folder.
  static func requireWritable(_ path: String) throws {
    guard access(path, W_OK) == 0 else { throw fault("cannot be written", path, remedy: "check its permissions") }
  }

  /// - Throws: `RecurrentError.invalidData` if nobody can tell whether there is something at the path.
  static func requireKnown(_ path: String) throws {
    guard access(path, F_OK) != 0, errno != ENOENT, errno != ENOTDIR else { return }
    throw fault("cannot be read", path, remedy: "check its permissions")
  }

  /// Removes a folder if nothing is in it.
  static func removeEmptyFolder(_ path: String) { rmdir(path) }

  /// Whether there is a file, or a folder, at the path.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Whether there is a folder at the path.
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private static func write(_ bytes: [UInt8], to file: Int32, _ path: String) throws {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { systemWrite(file, $0.baseAddress! + done, bytes.count - done) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw fault("cannot be written", path, remedy: "check the space on the disk") }
      done += count
    }
  }

  /// A rename is on the disk once its folder is. Some file systems refuse this; the rename holds all the same.
  private static func syncFolder(of path: String) {
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let file = open(folder, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    fsync(file)
    close(file)
  }

  private static func fault(_ what: String, _ path: String, remedy: String? = nil) -> RecurrentError {
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

// The names of the system's calls, which the functions above would shadow.
private func systemRead(_ file: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(file, bytes, count)
}

private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(file, bytes, count)
}
