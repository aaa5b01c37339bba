import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

private let isRequested = Atomic(false)

/// Ctrl-C and the request to end: the first is remembered, so that a run can save; a second one kills.
enum Interrupt {
  /// Whether the program was asked to end.
  static var wasRequested: Bool { isRequested.load(ordering: .relaxed) }

  /// Starts to listen.
  static func listen() {
    // The flag comes to be at its first use, which must not be in the handler.
    isRequested.store(false, ordering: .relaxed)
    var numbers = sigset_t()
    sigemptyset(&numbers)
    for number in [SIGINT, SIGTERM] {
      sigaddset(&numbers, number)
      signal(number) { number in
        isRequested.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
    // A program that starts this one may have handed down that it does not want to hear of them.
    pthread_sigmask(SIG_UNBLOCK, &numbers, nil)
  }
}
