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
  private(set) var count: Int
  /// Looks at a condition before a thread sleeps, while nobody else wants the cores and when somebody does.
  private static let spins = 25_000
  private static let fewSpins = 2_500
  private let job = Job(spins: ThreadPool.spins)
  private var meetings = Meetings()
  private var distance = Distance()
  private var workers: [pthread_t] = []

  /// Starts `count − 1` threads.
  /// - Parameter orFewer: Whether to go on with those that started: no result depends on their number.
  /// - Throws: `RecurrentError.device` if one did not start.
  init(_ count: Int, orFewer: Bool = false) throws {
    self.count = count
    for place in 1..<max(count, 1) {
      guard let worker = startThread(job) else {
        if orFewer { break }
        stop()
        throw RecurrentError(
          .device, "thread \(place + 1) of \(count) did not start (\(String(cString: strerror(errno))))", at: "cpu",
          remedy: "use fewer threads, or raise the limits of processes and memory (ulimit -u, ulimit -v)")
      }
      workers.append(worker)
    }
    self.count = workers.count + 1
  }

  deinit { stop() }

  /// Whether the threads' cores share no cache just now, so that what one has written costs the other dearly: work that
  /// takes a few microseconds a piece is then better done by one.
  var isFarApart: Bool { count > 1 && distance.isFar(job) }

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
