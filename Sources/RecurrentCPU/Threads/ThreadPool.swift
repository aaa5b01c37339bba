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

/// A pool of threads, including the caller, that share one job at a time.
///
/// A job has a few more parts than there are threads. Each thread has the same share of every job, so that its core's cache has what it
/// wrote, and then takes parts of others: the caller never waits for a thread that another program keeps off its core, only for
/// parts in progress. No result depends on the thread that computes a part, so none depends on the number of threads.
///
/// A waiting thread spins for about half a millisecond, the typical difference of threads at the end of a long job, and then
/// sleeps: waking it costs at least 50 µs. If waiting repeatedly takes longer than the work, a core is busy with another
/// program: threads then sleep sooner, and the caller works alone for a while. All threads flush denormal numbers to 0 while
/// they work.
final class ThreadPool {
  /// The number of threads, including the caller.
  private(set) var count: Int
  /// The spins before a thread sleeps, while the cores are free and while they are busy.
  private static let spins = 25_000
  private static let fewSpins = 2_500
  private let job: Job
  private var meetings = Meetings()
  private var distance = Distance()
  private var workers: [pthread_t] = []

  /// Starts `count − 1` threads.
  /// - Parameter orFewer: Whether to go on with those that started: no result depends on their number.
  /// - Throws: `RecurrentError.device` if one did not start.
  init(_ count: Int, orFewer: Bool = false) throws {
    self.count = count
    job = Job(threads: max(count, 1), spins: Self.spins)
    for place in 1..<max(count, 1) {
      guard let worker = startThread(job, place) else {
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

  /// Whether the threads' cores currently share no cache, so that reading another thread's results is slow: parts of a
  /// few microseconds are then faster on one thread.
  var isFarApart: Bool { count > 1 && distance.isFar(job) }

  private func stop() {
    job.end()
    for worker in workers { pthread_join(worker, nil) }
    workers = []
  }

  /// Calls `body` with parts of `0 ..< items`, each at least `grain` long if there are several, and returns when all
  /// are done. At most `partsPerThread` parts per thread.
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
