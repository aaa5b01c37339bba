import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Files {
  /// Replaces a file's contents: written to a file beside it, synced, renamed. At every instant the path holds the old
  /// bytes or the new ones, whole. A link is followed; what is no file, such as `/dev/stdout`, is written to as it is.
  /// - Parameters:
  ///   - path: The file.
  ///   - bytes: The new contents.
  ///   - beforeRename: Called when the new bytes are on the disk, and the old ones still have the name.
  /// - Throws: `RecurrentError.invalidData` if the system refuses, or the path is a folder.
  public static func replace(_ path: String, with bytes: [UInt8], beforeRename: () -> Void = {}) throws {
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

  /// - Parameter name: What errors call it.
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

  /// Lets a second name stand for a file's bytes: they stay when the first name is given to others. It costs no space
  /// where the file system has such links, and is a copy elsewhere.
  /// - Throws: `RecurrentError.invalidData` if the system refuses.
  static func link(_ path: String, as other: String) throws {
    unlink(other)
    guard linkat(AT_FDCWD, path, AT_FDCWD, other, AT_SYMLINK_FOLLOW) != 0 else { return }
    try replace(other, with: read(path))
  }

  /// Removes a file, if it is there.
  static func remove(_ path: String) { unlink(path) }

  /// Keeps the first bytes of a file.
  /// - Throws: `RecurrentError.invalidData` if the system refuses.
  static func cut(_ path: String, to count: Int) throws {
    guard truncate(path, count) == 0 else { throw fault("cannot be truncated", path, remedy: writeRemedy()) }
  }

  /// Adds bytes to the end of a file, which is made if it is not there: all of them or none, unless the program is killed.
  /// - Throws: `RecurrentError.invalidData` if the system refuses.
  public static func append(_ bytes: [UInt8], to path: String) throws {
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

  /// Waits for the disk; what is no file on one, such as a pipe, has none to wait for.
  private static func sync(_ file: Int32, _ path: String) throws {
    guard fsync(file) == 0 || errno == EINVAL else { throw fault("cannot be synced", path, remedy: writeRemedy()) }
  }

  /// A rename is on the disk once its folder is. Some file systems refuse this; the rename holds all the same.
  private static func syncFolder(of path: String) {
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let file = open(folder, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    fsync(file)
    close(file)
  }

  /// What to do about the error of a call that writes.
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
