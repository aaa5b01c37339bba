import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Creation and contents of folders.
extension Files {
  /// Creates a folder, and missing parent folders.
  /// - Throws: `RecurrentError.invalidData` if the system refuses, or a file is in the way.
  package static func makeFolder(_ path: String) throws {
    guard !isFolder(path) else { return }
    if let slash = path.dropLast().lastIndex(of: "/"), slash != path.startIndex {
      try makeFolder(String(path[..<slash]))
    }
    guard mkdir(path, 0o755) != 0 else { return }
    // Another program may have made it meanwhile; asking must not change the reason.
    let reason = errno
    guard !isFolder(path) else { return }
    errno = reason
    throw fault(
      "cannot be created as a folder", path,
      remedy: reason == EEXIST || reason == ENOTDIR
        ? "a file has that name: move it, or name another folder"
        : "check the \(reason == ENOENT ? "path" : "permissions") of its parent folder, or name another folder")
  }

  /// - Throws: `RecurrentError.invalidData` unless the file can be written, or files be made in the folder.
  package static func requireWritable(_ path: String) throws {
    guard access(path, W_OK) == 0 else {
      throw fault(
        "cannot be written", path,
        remedy: errno == ENOENT ? "create it, or name another" : "check its permissions")
    }
  }

  /// Checks before a computation that its output can be written.
  /// - Throws: `RecurrentError.invalidData` unless the file can be written, or made in its folder.
  package static func requireOutput(_ path: String) throws {
    guard !isFolder(path) else { throw RecurrentError(.invalidData, "is a folder", at: path, remedy: "name a file") }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    try requireWritable(exists(path) ? path : folder)
  }

  /// Whether two paths lead to the same file.
  package static func areSame(_ path: String, _ other: String) -> Bool {
    var (first, second) = (stat(), stat())
    guard stat(path, &first) == 0, stat(other, &second) == 0 else { return false }
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }

  /// Removes a folder if it is empty.
  package static func removeEmptyFolder(_ path: String) { rmdir(path) }

  /// Whether the file system of a folder has space for `bytes`; true if unknown.
  package static func hasRoom(for bytes: Int, in folder: String) -> Bool {
    var disk = statvfs()
    guard statvfs(folder, &disk) == 0, disk.f_blocks > 0 else { return true }
    return Double(disk.f_bavail) * Double(disk.f_frsize) >= Double(bytes)
  }

  /// The names in a folder.
  /// - Throws: `RecurrentError.invalidData` if the folder cannot be read.
  package static func names(in folder: String) throws -> [String] {
    guard let entries = opendir(folder) else { throw fault("cannot be read", folder) }
    defer { closedir(entries) }
    var names: [String] = []
    while let entry = readdir(entries) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names
  }

  /// Removes the temporary files of `replace` in a folder whose programs were killed.
  /// - Parameter isWritten: Whether a file of that name is written there; nothing else is touched.
  /// - Throws: `RecurrentError.invalidData` if the folder cannot be read.
  package static func removeLeftovers(in folder: String, of isWritten: (String) -> Bool) throws {
    for name in try names(in: folder) {
      let parts = name.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count > 2, parts.last == "tmp", let writer = pid_t(parts[parts.count - 2]), writer > 0,
        isWritten(parts.dropLast(2).joined(separator: "."))
      else { continue }
      // Another program may be writing right now.
      if kill(writer, 0) != 0 && errno == ESRCH { unlink("\(folder)/\(name)") }
    }
  }
}
