import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Files {
  /// Replaces the contents of a file atomically: writes a temporary file in the same folder, syncs and renames it. At
  /// every instant the path has the complete old or new bytes. A link is followed; a path that is not a file, such as
  /// `/dev/stdout`, is written to directly.
  /// - Parameters:
  ///   - path: The file.
  ///   - bytes: The new contents.
  ///   - beforeRename: Called when the new bytes are on the disk, and the old ones still have the name.
  /// - Throws: `RecurrentError.invalidData` if the system refuses, or the path is a folder.
  package static func replace(_ path: String, with bytes: [UInt8], beforeRename: () -> Void = {}) throws {
    var status = stat()
    if stat(path, &status) == 0 {
      // Standard output may be a file, which is the caller's.
      let isOpen = path.hasPrefix("/dev/") || path.hasPrefix("/proc/")
      guard status.st_mode & S_IFMT == S_IFREG, !isOpen else { return try writeInto(path, bytes) }
      guard let target = realpath(path, nil) else { throw fault("cannot be resolved", path) }
      defer { free(target) }
      return try replaceFile(String(cString: target), with: bytes, named: path, beforeRename)
    }
    try replaceFile(path, with: bytes, named: path, beforeRename)
  }

  /// Writes to a device or a pipe.
  private static func writeInto(_ path: String, _ bytes: [UInt8]) throws {
    let file = open(path, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { throw fault("cannot be written", path, remedy: "name a file") }
    defer { close(file) }
    try write(bytes, to: file, path)
  }

  /// - Parameter name: The name in errors.
  private static func replaceFile(
    _ path: String, with bytes: [UInt8], named name: String, _ beforeRename: () -> Void
  ) throws {
    let aside = "\(path).\(getpid()).tmp"
    let file = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw fault("cannot be written", name, remedy: writeRemedy()) }
    do {
      do {
        defer { close(file) }
        try write(bytes, to: file, name)
        try sync(file, name)
      }
      beforeRename()
      guard rename(aside, path) == 0 else { throw fault("cannot be replaced", name, remedy: writeRemedy()) }
    } catch {
      unlink(aside)
      throw error
    }
    syncFolder(of: path)
  }

  /// Gives the bytes of a file a second name, which keeps them when the first name is reassigned: a hard link, or a
  /// copy if the file system has none.
  /// - Throws: `RecurrentError.invalidData` if the system refuses.
  package static func link(_ path: String, as other: String) throws {
    unlink(other)
    guard linkat(AT_FDCWD, path, AT_FDCWD, other, AT_SYMLINK_FOLLOW) != 0 else { return }
    try replace(other, with: read(path))
  }

  /// Removes a file, if it exists.
  package static func remove(_ path: String) { unlink(path) }

  /// Truncates a file.
  /// - Throws: `RecurrentError.invalidData` if the system refuses.
  package static func shorten(_ path: String, to count: Int) throws {
    guard truncate(path, count) == 0 else { throw fault("cannot be truncated", path, remedy: writeRemedy()) }
  }

  /// Appends bytes to a file, which is created if missing: all or none, unless the program is killed.
  /// - Throws: `RecurrentError.invalidData` if the system refuses.
  package static func append(_ bytes: [UInt8], to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw fault("cannot be written", path, remedy: writeRemedy()) }
    defer { close(file) }
    let end = lseek(file, 0, SEEK_END)
    do {
      try write(bytes, to: file, path)
      try sync(file, path)
    } catch {
      if end > 0 { ftruncate(file, end) } else { unlink(path) }
      throw error
    }
  }

  private static func write(_ bytes: [UInt8], to file: Int32, _ path: String) throws {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { systemWrite(file, $0.baseAddress! + done, bytes.count - done) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw fault("cannot be written", path, remedy: writeRemedy()) }
      done += count
    }
  }

  /// Waits until the file is on the disk; does nothing for a pipe or a device.
  private static func sync(_ file: Int32, _ path: String) throws {
    guard fsync(file) == 0 || errno == EINVAL else { throw fault("cannot be synced", path, remedy: writeRemedy()) }
  }

  /// Waits until a rename is on the disk, with its folder. Some file systems do not support this; the rename is valid
  /// regardless.
  private static func syncFolder(of path: String) {
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let file = open(folder, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    fsync(file)
    close(file)
  }

  /// The remedy for an error of a writing call.
  private static func writeRemedy() -> String {
    switch errno {
    case ENOSPC, EDQUOT: "free space on the disk"
    case EFBIG: "allow larger files on that file system"
    case EIO: "check the disk"
    default: "check the folder and its permissions"
    }
  }
}

// The name of the system's call, which a function above would shadow.
private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(file, bytes, count)
}
