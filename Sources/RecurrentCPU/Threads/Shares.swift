import Synchronization

/// The remaining parts of a job, divided among threads.
///
/// A thread takes its own parts first, in order, and then the last ones of others. Its own are the same share of every job, so that
/// what one job wrote is in its core's cache when the next one reads it.
final class Shares: @unchecked Sendable {
  // One per thread, each in cache lines of its own: the number of the job, so that none equals that of an earlier job; the first
  // part, and the end.
  private static let distance = 16

  private let states: UnsafeMutablePointer<Atomic<UInt64>>
  private let threads: Int

  init(_ threads: Int) {
    self.threads = threads
    states = .allocate(capacity: threads * Self.distance)
    for place in 0..<threads * Self.distance { (states + place).initialize(to: Atomic(0)) }
  }

  deinit { states.deallocate() }

  /// Begins a job of some parts, at most 65,535, when none of the one before remains.
  func set(_ parts: Int) {
    for thread in 0..<threads {
      let state = states + thread * Self.distance
      let job = (state.pointee.load(ordering: .relaxed) >> 32) &+ 1
      state.pointee.store(
        Self.state(job, parts * thread / threads, parts * (thread + 1) / threads), ordering: .sequentiallyConsistent)
    }
  }

  /// Takes a part; nil if none remains.
  func take(_ thread: Int) -> Int? {
    if let part = take(of: thread, first: true) { return part }
    for distance in 1..<max(threads, 1) {
      if let part = take(of: (thread + distance) % threads, first: false) { return part }
    }
    return nil
  }

  private func take(of thread: Int, first: Bool) -> Int? {
    let state = states + thread * Self.distance
    var seen = state.pointee.load(ordering: .sequentiallyConsistent)
    while true {
      let (begin, end) = (Int((seen >> 16) & 0xFFFF), Int(seen & 0xFFFF))
      guard begin < end else { return nil }
      let rest = Self.state(seen >> 32, first ? begin + 1 : begin, first ? end : end - 1)
      let (isMine, now) = state.pointee.compareExchange(
        expected: seen, desired: rest, ordering: .sequentiallyConsistent)
      if isMine { return first ? begin : end - 1 }
      seen = now
    }
  }

  private static func state(_ job: UInt64, _ begin: Int, _ end: Int) -> UInt64 {
    (job << 32) | (UInt64(begin) << 16) | UInt64(end)
  }
}
