import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The time of the first signal, in milliseconds of a monotonic clock; 0 for none.
private let requested = Atomic(0)

private func milliseconds() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1000 + time.tv_nsec / 1_000_000 + 1
}

/// Handles SIGINT, SIGTERM and SIGHUP: the first is recorded, so that a run can save; one that arrives a second or more
/// later ends the program. (One event may send several: `timeout` signals its child and the child's group.)
enum Interrupt {
  /// Whether a signal asked the program to end.
  static var wasRequested: Bool { requested.load(ordering: .relaxed) != 0 }

  /// Installs the signal handlers.
  static func listen() {
    // What the handler uses comes to be at its first use, which must not be in the handler.
    requested.store(0, ordering: .relaxed)
    var numbers = sigset_t()
    sigemptyset(&numbers)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      sigaddset(&numbers, number)
      let before = signal(number) { number in
        let now = milliseconds()
        let (isFirst, first) = requested.compareExchange(expected: 0, desired: now, ordering: .relaxed)
        guard !isFirst, now - first >= 1000 else { return }
        signal(number, SIG_DFL)
        raise(number)
      }
      // As nohup starts a program, it outlives its terminal.
      if number == SIGHUP && unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
        signal(number, SIG_IGN)
      }
    }
    // A program that starts this one may have handed down that it does not want to hear of them.
    pthread_sigmask(SIG_UNBLOCK, &numbers, nil)
    // A file that outgrows its limit is a fault of that write, and no reason to die.
    signal(SIGXFSZ, SIG_IGN)
  }
}
