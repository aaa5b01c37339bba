import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An exclusive lock on a folder, which the system releases when the process ends. Without effect on file systems that
/// do not support locks.
package final class FolderLock {
  private let file: Int32

  /// Acquires the lock.
  /// - Parameter model: The folder, for errors.
  /// - Throws: `RecurrentError.invalidData` if another process has it, or the folder cannot be opened.
  package init(_ path: String, of model: String) throws {
    file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard file >= 0 else { throw Files.fault("cannot be opened", path, remedy: "check its permissions") }
    var result: Int32
    repeat { result = flock(file, LOCK_EX | LOCK_NB) } while result != 0 && errno == EINTR
    guard result == 0 || errno != EWOULDBLOCK else {
      throw RecurrentError(
        .invalidData, "another run is training in this folder", at: model,
        remedy: "wait until that run ends, or name another folder")
    }
  }

  deinit { close(file) }

  /// Whether the locked folder is still at a path: it may have been removed or replaced.
  package func lies(at path: String) -> Bool {
    var (own, there) = (stat(), stat())
    return fstat(file, &own) == 0 && stat(path, &there) == 0 && own.st_ino == there.st_ino
      && own.st_dev == there.st_dev
  }
}
