import Kernels
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The state shared by the threads.
final class Job: @unchecked Sendable {
  /// The number of the job in the upper half, the remaining parts in the lower half.
  private let ticket = Atomic<UInt64>(0)
  private let unfinished = Atomic<Int>(0)
  private let isEnding = Atomic<Bool>(false)
  // Written while no part of a job is taken; read by whoever took one.
  private var body: ((Int) -> Void)?
  private let opened = Signal()
  private let closed = Signal()
  // A call, and the last one that a thread answered.
  private let called = Atomic<Int>(0)
  private let answered = Atomic<Int>(0)
  /// The number of spins before a thread sleeps.
  let spins: Atomic<Int>

  init(spins: Int) { self.spins = Atomic(spins) }

  private var hasParts: Bool { ticket.load(ordering: .sequentiallyConsistent) & 0xFFFF_FFFF != 0 }

  /// Runs a job on the caller and all available threads. Returns the nanoseconds that the caller waited; 0 for a
  /// negligible time.
  func run(_ parts: Int, _ body: @escaping (Int) -> Void) -> UInt64 {
    self.body = body
    unfinished.store(parts, ordering: .relaxed)
    let number = ticket.load(ordering: .relaxed) >> 32 &+ 1
    ticket.store(number << 32 | UInt64(parts), ordering: .sequentiallyConsistent)
    opened.wake()
    while takePart() {}
    let waited = closed.wait(spins.load(ordering: .relaxed)) {
      self.unfinished.load(ordering: .sequentiallyConsistent) == 0
    }
    self.body = nil
    return waited
  }

  /// Signals the waiting threads, and returns the nanoseconds until one responds; nil after a timeout.
  func call(patience: UInt64) -> UInt64? {
    let number = called.load(ordering: .relaxed) + 1
    let start = nanoseconds()
    called.store(number, ordering: .sequentiallyConsistent)
    opened.wake()
    while answered.load(ordering: .sequentiallyConsistent) != number {
      if nanoseconds() - start > patience { return nil }
    }
    return nanoseconds() - start
  }

  private var isCalled: Bool {
    called.load(ordering: .sequentiallyConsistent) != answered.load(ordering: .sequentiallyConsistent)
  }

  func end() {
    isEnding.store(true, ordering: .sequentiallyConsistent)
    opened.wake()
  }

  /// The loop of a worker thread.
  func work() {
    _ = cpuFlushDenormals()
    while !isEnding.load(ordering: .sequentiallyConsistent) {
      if takePart() { continue }
      if isCalled { answered.store(called.load(ordering: .sequentiallyConsistent), ordering: .sequentiallyConsistent) }
      _ = opened.wait(spins.load(ordering: .relaxed)) {
        self.hasParts || self.isCalled || self.isEnding.load(ordering: .sequentiallyConsistent)
      }
    }
  }

  /// Runs a remaining part; false if there is none.
  private func takePart() -> Bool {
    var seen = ticket.load(ordering: .sequentiallyConsistent)
    while seen & 0xFFFF_FFFF != 0 {
      let (isMine, now) = ticket.compareExchange(
        expected: seen, desired: seen - 1, ordering: .sequentiallyConsistent)
      if isMine {
        perform(Int(seen & 0xFFFF_FFFF) - 1)
        if unfinished.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 { closed.wake() }
        return true
      }
      seen = now
    }
    return false
  }

  /// A separate function, so that no reference to the job remains when the caller is notified of its end.
  @inline(never)
  private func perform(_ part: Int) { body?(part) }
}

/// Starts a thread that works on `job` until it ends; nil, with the reason in `errno`, on failure.
func startThread(_ job: Job) -> pthread_t? {
  #if canImport(Darwin)
    var thread: pthread_t?
  #else
    var thread = pthread_t()
  #endif
  let context = Unmanaged.passRetained(job)
  let status = pthread_create(
    &thread, nil,
    { (context: UnsafeMutableRawPointer?) in
      if let context { Unmanaged<Job>.fromOpaque(context).takeRetainedValue().work() }
      return nil
    }, context.toOpaque())
  if status != 0 {
    context.release()
    errno = status
  }
  return status == 0 ? thread : nil
}
