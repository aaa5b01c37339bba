/// Whether synchronization with other threads was recently worth its cost. Times in nanoseconds.
struct Meetings {
  /// The number of slow synchronizations, with few good ones between them, after which threads are avoided.
  private static let limit = 4.0
  /// The credit of a good synchronization against slow ones.
  private static let credit = 0.125
  private static let wakeUp: UInt64 = 300_000
  private static let pauses: ClosedRange<UInt64> = 5_000_000...320_000_000

  private var slow = 0.0
  private var pause = Self.pauses.lowerBound
  private var pauseEnd: UInt64?

  /// Whether the caller should work alone now. After a pause threads are tried again; if that fails, the next pause is
  /// longer.
  var areAvoided: Bool {
    mutating get {
      guard let end = pauseEnd else { return false }
      guard nanoseconds() >= end else { return true }
      pauseEnd = nil
      return false
    }
  }

  /// Whether there was no recent slow synchronization.
  var areGood: Bool { slow == 0 }

  /// Records a synchronization. It was slow if the caller waited longer than it worked, by more than the time to wake a
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

/// The distance of the threads' cores, which changes when a virtual machine is moved.
struct Distance {
  /// The interval of measurements, the timeout of a response, and the threshold of a distant one: measured are 120 ns
  /// with a common cache and 360 without, including 50 for the clock.
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
