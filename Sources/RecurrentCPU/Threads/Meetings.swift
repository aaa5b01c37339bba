/// Whether meeting other threads has been worth it lately. Times in nanoseconds.
struct Meetings {
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
struct Distance {
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
      var answers: [UInt64] = []
      while answers.count < Self.calls, let answer = job.call(patience: Self.patience) { answers.append(answer) }
      shortest = answers.min() ?? shortest
    }
    return shortest > Self.limit
  }
}
