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

/// Threads that work on one job at a time, the caller among them.
///
/// A thread that waits spins for some microseconds, which is as long as the pause between two kernels, and then sleeps: a
/// thread that only spins would take the core from whoever it waits for when another program wants one, too.
/// Every thread takes denormal numbers as 0 while it works.
final class ThreadPool {
  /// The threads that work, the caller included.
  let count: Int
  private let meeting: Meeting
  private var workers: [pthread_t] = []

  /// Starts `count − 1` threads.
  init(_ count: Int) throws {
    self.count = count
    meeting = Meeting()
    for index in 1..<max(count, 1) {
      guard let worker = Worker(index, meeting).start() else {
        stop()
        throw RecurrentError(
          .device, "thread \(index + 1) of \(count) did not start", at: "cpu", remedy: "ask for fewer")
      }
      workers.append(worker)
    }
  }

  deinit { stop() }

  private func stop() {
    meeting.open(nil, workers: 0)
    for worker in workers { pthread_join(worker, nil) }
    workers = []
  }

  /// Calls `body` with 0 ..< count, each on its own thread, and returns when all are done.
  func run(_ body: (Int) -> Void) {
    let state = cpuFlushDenormals()
    defer { cpuRestoreDenormals(state) }
    guard count > 1 else { return body(0) }
    withoutActuallyEscaping(body) { body in
      meeting.open(body, workers: count - 1)
      body(0)
      meeting.waitForAll()
    }
  }

  /// Calls `body` with parts of `0 ..< items`, at least `grain` long where there is more than one.
  func split(_ items: Int, grain: Int = 1, _ body: (Range<Int>) -> Void) {
    let parts = min(count, items / max(grain, 1))
    guard parts > 1 else {
      let state = cpuFlushDenormals()
      defer { cpuRestoreDenormals(state) }
      return body(0..<items)
    }
    run { index in
      if index < parts { body(items * index / parts..<items * (index + 1) / parts) }
    }
  }
}

/// Where the threads meet: the caller opens a job, the workers report its end.
private final class Meeting: @unchecked Sendable {
  private let generation = Atomic<Int>(0)
  private let pending = Atomic<Int>(0)
  // Written before `generation` moves, read after it was seen to move.
  private var body: ((Int) -> Void)?
  private let opened = Signal()
  private let closed = Signal()

  /// Starts a job; nil ends the threads.
  func open(_ body: ((Int) -> Void)?, workers: Int) {
    self.body = body
    pending.store(workers, ordering: .relaxed)
    generation.add(1, ordering: .sequentiallyConsistent)
    opened.wake()
  }

  func waitForAll() {
    closed.wait { self.pending.load(ordering: .sequentiallyConsistent) == 0 }
    body = nil
  }

  /// A function of its own, so that nothing holds on to the job when the caller hears of its end.
  @inline(never)
  private func perform(_ index: Int) -> Bool {
    guard let body else { return false }
    body(index)
    return true
  }

  /// What a worker does until the end.
  func work(_ index: Int) {
    _ = cpuFlushDenormals()
    var seen = 0
    while true {
      opened.wait { self.generation.load(ordering: .sequentiallyConsistent) != seen }
      seen += 1
      guard perform(index) else { return }
      if pending.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 { closed.wake() }
    }
  }
}

/// A thread's way into its work.
private final class Worker {
  private let index: Int
  private let meeting: Meeting

  init(_ index: Int, _ meeting: Meeting) {
    self.index = index
    self.meeting = meeting
  }

  func start() -> pthread_t? {
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let status = pthread_create(
      &thread, nil,
      { context in
        #if canImport(Darwin)
          let worker = Unmanaged<Worker>.fromOpaque(context).takeRetainedValue()
        #else
          let worker = Unmanaged<Worker>.fromOpaque(context!).takeRetainedValue()
        #endif
        worker.meeting.work(worker.index)
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    return status == 0 ? thread : nil
  }
}

/// A condition to wait for: first in a loop, then asleep.
private final class Signal: @unchecked Sendable {
  // About 20 µs.
  private static let spins = 2_000

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
