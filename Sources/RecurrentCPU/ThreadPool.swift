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
/// A thread that waits spins for about half a millisecond, as long as threads may differ at the end of a long job, and then
/// sleeps: to wake it takes 50 µs and more. Where waiting takes longer than the work, again and again, a core is somebody
/// else's: threads then sleep sooner, and the caller works alone for a while. Every thread takes denormal numbers as 0 while
/// it works.
final class ThreadPool {
  /// The threads that work, the caller included.
  let count: Int
  /// Looks at a condition before a thread sleeps, while nobody else wants the cores and when somebody does.
  private static let spins = 25_000
  private static let fewSpins = 2_500
  private let job = Job(spins: ThreadPool.spins)
  private var meetings = Meetings()
  private var distance = Distance()

  /// Whether the threads' cores share no cache just now, so that what one has written costs the other dearly: work that
  /// takes a few microseconds a piece is then better done by one.
  var isFarApart: Bool { count > 1 && distance.isFar(job) }
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
    guard count > 1, parts > 1, !meetings.areAvoided else { return body(0..<items) }
    withoutActuallyEscaping(body) { body in
      let start = nanoseconds()
      let waited = job.run(parts) { part in body(items * part / parts..<items * (part + 1) / parts) }
      meetings.count(waited: waited, since: start)
      job.spins.store(meetings.areGood ? Self.spins : Self.fewSpins, ordering: .relaxed)
    }
  }
}

/// Whether meeting other threads has been worth it lately. Times in nanoseconds.
private struct Meetings {
  /// Slow meetings that are too many, when few good ones lie between.
  private static let limit = 4.0
  /// How much of a slow meeting a good one makes up for.
  private static let credit = 0.125
  private static let wakeUp: UInt64 = 300_000
  private static let pauses: ClosedRange<UInt64> = 5_000_000...320_000_000

  private var slow = 0.0
  private var pause = Self.pauses.lowerBound
  private var pauseEnd: UInt64?

  /// Whether the caller should work alone now. A pause that ends is followed by a try, and by a longer one if that fails.
  var areAvoided: Bool {
    mutating get {
      guard let end = pauseEnd else { return false }
      guard nanoseconds() >= end else { return true }
      pauseEnd = nil
      return false
    }
  }

  /// Whether there was no slow meeting lately.
  var areGood: Bool { slow == 0 }

  /// Takes a meeting into account. It was slow if the caller waited longer than it worked, by more than it takes to wake a
  /// thread.
  mutating func count(waited: UInt64, since start: UInt64) {
    let now = waited == 0 ? start : nanoseconds()
    guard waited > (now - start - waited) + Self.wakeUp else {
      slow = max(0, slow - Self.credit)
      if slow == 0 { pause = Self.pauses.lowerBound }
      return
    }
    slow += 1
    guard slow >= Self.limit else { return }
    slow = Self.limit - 1
    pauseEnd = now + pause
    pause = min(2 * pause, Self.pauses.upperBound)
  }
}

/// How far apart the threads' cores are: a virtual machine is moved about.
private struct Distance {
  /// How often to look, how long an answer may take, and from when on it is a long one: 120 ns within a cache's reach and 360
  /// beyond were measured, with 50 for looking at the clock.
  private static let (interval, patience, limit): (UInt64, UInt64, UInt64) = (50_000_000, 300_000, 280)
  private static let calls = 8

  private var next: UInt64 = 0
  private var shortest: UInt64 = 0

  mutating func isFar(_ job: Job) -> Bool {
    let now = nanoseconds()
    if now >= next {
      next = now + Self.interval
      let answers = (0..<Self.calls).compactMap { _ in job.call(patience: Self.patience) }
      shortest = answers.min() ?? shortest
    }
    return shortest > Self.limit
  }
}

private func nanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
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
  // A call, and the last one that a thread answered.
  private let called = Atomic<Int>(0)
  private let answered = Atomic<Int>(0)
  /// How often a thread looks before it sleeps.
  let spins: Atomic<Int>

  init(spins: Int) { self.spins = Atomic(spins) }

  private var hasParts: Bool { ticket.load(ordering: .sequentiallyConsistent) & 0xFFFF_FFFF != 0 }

  /// Runs a job on the caller and every thread that comes. Gives the nanoseconds that the caller waited; 0 for a moment.
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

  /// Calls the threads while they wait, and gives the nanoseconds until one answers; nil if that takes too long.
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

  /// What a worker does until the end.
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
  /// Spins that are not worth a look at the clock.
  private static let moment = 250

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

  /// Gives the nanoseconds that it took; 0 for a moment.
  func wait(_ spins: Int, until holds: () -> Bool) -> UInt64 {
    var start: UInt64 = 0
    for spin in 0..<spins {
      if holds() { return spin > Self.moment ? nanoseconds() - start : 0 }
      if spin == Self.moment { start = nanoseconds() }
      cpuPause()
    }
    // A sleeper counts itself before it looks again; whoever changes the condition looks for sleepers after the change.
    pthread_mutex_lock(mutex)
    sleepers.add(1, ordering: .sequentiallyConsistent)
    while !holds() { pthread_cond_wait(condition, mutex) }
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
    pthread_mutex_unlock(mutex)
    return nanoseconds() - start
  }

  func wake() {
    guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
    pthread_mutex_lock(mutex)
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }
}
