import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

private let isRequested = Atomic(false)
private let signals = [SIGINT, SIGTERM, SIGHUP]

/// Ctrl-C, the request to end, and a terminal that is closed: the first is remembered, so that a run can save; a second one
/// kills.
enum Interrupt {
  /// Whether the program was asked to end.
  static var wasRequested: Bool { isRequested.load(ordering: .relaxed) }

  /// Starts to listen.
  static func listen() {
    // What the handler uses comes to be at its first use, which must not be in the handler.
    isRequested.store(false, ordering: .relaxed)
    var numbers = sigset_t()
    sigemptyset(&numbers)
    for number in signals {
      sigaddset(&numbers, number)
      let before = signal(number) { _ in
        isRequested.store(true, ordering: .relaxed)
        for number in signals { signal(number, SIG_DFL) }
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
