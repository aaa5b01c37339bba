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
  private let shares: Shares
  /// The number of jobs so far.
  private let number = Atomic<Int>(0)
  private let unfinished = Atomic<Int>(0)
  private let isEnding = Atomic<Bool>(false)
  // Written while no part of a job is taken; read after taking one.
  private var body: ((Int) -> Void)?
  private let opened = Signal()
  private let closed = Signal()
  // A call, and the last one that a thread answered.
  private let called = Atomic<Int>(0)
  private let answered = Atomic<Int>(0)
  /// The number of spins before a thread sleeps.
  let spins: Atomic<Int>

  /// A job for a number of threads.
  init(threads: Int, spins: Int) {
    shares = Shares(threads)
    self.spins = Atomic(spins)
  }

  /// Runs a job on the caller, which is thread 0, and all available threads. Returns the nanoseconds that the caller
  /// waited; 0 for a negligible time.
  func run(_ parts: Int, _ body: @escaping (Int) -> Void) -> UInt64 {
    self.body = body
    unfinished.store(parts, ordering: .relaxed)
    shares.set(parts)
    number.add(1, ordering: .sequentiallyConsistent)
    opened.wake()
    takeParts(0)
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

  /// The loop of a worker thread, 1 or above.
  func work(_ thread: Int) {
    _ = cpuFlushDenormals()
    while !isEnding.load(ordering: .sequentiallyConsistent) {
      let seen = number.load(ordering: .sequentiallyConsistent)
      takeParts(thread)
      if isCalled { answered.store(called.load(ordering: .sequentiallyConsistent), ordering: .sequentiallyConsistent) }
      _ = opened.wait(spins.load(ordering: .relaxed)) {
        self.number.load(ordering: .sequentiallyConsistent) != seen || self.isCalled
          || self.isEnding.load(ordering: .sequentiallyConsistent)
      }
    }
  }

  /// Runs remaining parts until there are none.
  private func takeParts(_ thread: Int) {
    guard let first = shares.take(thread) else { return }
    // Once for all of them: the count moves between the threads' cores.
    let done = perform(first, thread)
    if unfinished.subtract(done, ordering: .sequentiallyConsistent).newValue == 0 { closed.wake() }
  }

  /// Runs a part, and then others of the same job, whose end waits for this one; gives their number. A separate function, so that no
  /// reference to the job remains when the caller is notified of its end.
  @inline(never)
  private func perform(_ first: Int, _ thread: Int) -> Int {
    guard let body else { preconditionFailure("a part without a job") }
    body(first)
    var done = 1
    while let part = shares.take(thread) {
      body(part)
      done += 1
    }
    return done
  }
}

/// Starts a thread that works on `job` until it ends; nil, with the reason in `errno`, on failure.
func startThread(_ job: Job, _ place: Int) -> pthread_t? {
  #if canImport(Darwin)
    var thread: pthread_t?
  #else
    var thread = pthread_t()
  #endif
  let context = Unmanaged.passRetained(Worker(job: job, place: place))
  let status = pthread_create(
    &thread, nil,
    { (context: UnsafeMutableRawPointer?) in
      if let context { Unmanaged<Worker>.fromOpaque(context).takeRetainedValue().work() }
      return nil
    }, context.toOpaque())
  if status != 0 {
    context.release()
    errno = status
  }
  return status == 0 ? thread : nil
}

/// What a thread does.
private final class Worker {
  private let job: Job
  private let place: Int

  init(job: Job, place: Int) { (self.job, self.place) = (job, place) }

  func work() { job.work(place) }
}
