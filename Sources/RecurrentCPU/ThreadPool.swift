import Kernels
import RecurrentCore
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Threads that share one job at a time, the caller among them.
///
/// A job is a few parts more than there are threads, and whoever is free takes the next: the caller never waits for a
/// thread that another program keeps off its core, only for parts that were taken. No result depends on who computes a
/// part, so none depends on the number of threads.
///
/// A thread that waits spins for about 100 µs, longer than the pause between two kernels, and then sleeps. Every thread
/// takes denormal numbers as 0 while it works.
final class ThreadPool {
  /// The threads that work, the caller included.
  let count: Int
  private let job = Job()
  private var workers: [pthread_t] = []

  /// Starts `count − 1` threads.
  init(_ count: Int) throws {
    self.count = count
    for place in 1..<max(count, 1) {
      guard let worker = startThread(job) else {
        stop()
        throw RecurrentError(
          .device, "thread \(place + 1) of \(count) did not start", at: "cpu", remedy: "ask for fewer")
      }
      workers.append(worker)
    }
  }

  deinit { stop() }

  private func stop() {
    job.end()
    for worker in workers { pthread_join(worker, nil) }
    workers = []
  }

  /// Calls `body` with parts of `0 ..< items`, each at least `grain` long where there is more than one, and returns when all
  /// are done. At most `partsPerThread` parts a thread.
  func split(_ items: Int, grain: Int = 1, partsPerThread: Int = 4, _ body: (Range<Int>) -> Void) {
    let state = cpuFlushDenormals()
    defer { cpuRestoreDenormals(state) }
    let parts = min(count * partsPerThread, items / max(grain, 1))
    guard count > 1, parts > 1 else { return body(0..<items) }
    withoutActuallyEscaping(body) { body in
      job.run(parts) { part in body(items * part / parts..<items * (part + 1) / parts) }
    }
  }
}

/// What the threads share.
private final class Job: @unchecked Sendable {
  /// The number of the job in the upper half, the parts that nobody took yet in the lower one.
  private let ticket = Atomic<UInt64>(0)
  private let unfinished = Atomic<Int>(0)
  private let isEnding = Atomic<Bool>(false)
  // Written while no part of a job is taken; read by whoever took one.
  private var body: ((Int) -> Void)?
  private let opened = Signal()
  private let closed = Signal()

  private var hasParts: Bool { ticket.load(ordering: .sequentiallyConsistent) & 0xFFFF_FFFF != 0 }

  /// Runs a job on the caller and every thread that comes.
  func run(_ parts: Int, _ body: @escaping (Int) -> Void) {
    self.body = body
    unfinished.store(parts, ordering: .relaxed)
    let number = ticket.load(ordering: .relaxed) >> 32 &+ 1
    ticket.store(number << 32 | UInt64(parts), ordering: .sequentiallyConsistent)
    opened.wake()
    while takePart() {}
    closed.wait { self.unfinished.load(ordering: .sequentiallyConsistent) == 0 }
    self.body = nil
  }

  func end() {
    isEnding.store(true, ordering: .sequentiallyConsistent)
    opened.wake()
  }

  /// What a worker does until the end.
  func work() {
    _ = cpuFlushDenormals()
    while !isEnding.load(ordering: .sequentiallyConsistent) {
      if !takePart() { opened.wait { self.hasParts || self.isEnding.load(ordering: .sequentiallyConsistent) } }
    }
  }

  /// Takes a part and runs it; false if none is left.
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

  /// A function of its own, so that nothing holds on to the job when the caller hears of its end.
  @inline(never)
  private func perform(_ part: Int) { body?(part) }
}

/// Starts a thread that works on `job` until it ends.
private func startThread(_ job: Job) -> pthread_t? {
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
  if status != 0 { context.release() }
  return status == 0 ? thread : nil
}

/// A condition to wait for: first in a loop, then asleep.
private final class Signal: @unchecked Sendable {
  private static let spins = 5_000

  private let sleepers = Atomic<Int>(0)
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  func wait(until holds: () -> Bool) {
    for _ in 0..<Self.spins {
      if holds() { return }
      cpuPause()
    }
    // A sleeper counts itself before it looks again; whoever changes the condition looks for sleepers after the change.
    pthread_mutex_lock(mutex)
    sleepers.add(1, ordering: .sequentiallyConsistent)
    while !holds() { pthread_cond_wait(condition, mutex) }
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
    pthread_mutex_unlock(mutex)
  }

  func wake() {
    guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
    pthread_mutex_lock(mutex)
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }
}
