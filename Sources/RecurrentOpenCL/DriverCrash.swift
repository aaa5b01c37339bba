import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The destination of the line if a driver crashes: a copy of standard error; -1 for none.
nonisolated(unsafe) private var target: Int32 = -1
/// The line, created in advance, since a signal handler cannot allocate.
nonisolated(unsafe) private var line: UnsafeMutableBufferPointer<CChar>?

/// The message of a driver crash.
///
/// PoCL keeps compiled kernels on disk and trusts them: an empty, truncated or overwritten file there ends the process, by an
/// assertion or in the middle of the file's code, whenever that kernel is first launched. Its files carry no checksum, and to
/// read all of them at each start would take longer than the start; so the crash itself is caught, and names the folder.
package enum DriverCrash {
  /// Installs handlers: a crash of a driver with its own cache ends the process with one line and exit code 1. For
  /// command-line programs, since it replaces the signal handlers of crashes.
  package static func listen() {
    target = fcntl(2, F_DUPFD_CLOEXEC, 3)
  }

  /// Must be called when a device is opened.
  static func expect(_ device: OpenCLDevice) {
    guard target >= 0, line == nil, let remedy = remedy(of: device.title) else { return }
    let text = "recur: \(device.title): the program crashed in this driver; \(remedy)\n"
    line = UnsafeMutableBufferPointer.allocate(capacity: text.utf8.count)
    _ = line?.initialize(from: text.utf8.map { CChar(bitPattern: $0) })
    // SIGFPE is PoCL's own, which passes divisions by 0 over; SIGILL is Swift's, of a fault in the program itself.
    for number in [SIGABRT, SIGSEGV, SIGBUS] {
      signal(number) { _ in
        if let line { _ = write(target, line.baseAddress, line.count) }
        _exit(1)
      }
    }
  }

  /// The remedy if the cache of a driver may be damaged; nil for drivers without a known cache.
  /// - Parameter title: The device's title, in which its platform is named.
  static func remedy(of title: String) -> String? {
    guard title.contains("Portable Computing Language") else { return nil }
    // PoCL's rules.
    let folder =
      Environment.value("POCL_CACHE_DIR") ?? Environment.value("XDG_CACHE_HOME").map { $0 + "/pocl/kcache" }
      ?? Environment.value("HOME").map { $0 + "/.cache/pocl/kcache" }
    return folder.map {
      "its cache of compiled kernels may be damaged: remove \($0) and start again (a training run with `resume`), or use "
        + "`device` cpu"
    }
  }
}
