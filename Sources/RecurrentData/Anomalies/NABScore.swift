#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The score of the Numenta Anomaly Benchmark, NAB (Lavin and Ahmad 2015): early detections within labelled windows earn
/// up to 1 each, false alarms and missed windows cost.
///
/// One threshold applies to all series. Detecting nothing scores 0, and the first step of each window, and nothing else,
/// 100; many false alarms score below 0.
/// ```swift
/// var score = NABScore()
/// score.add(scores, windows: [2679..<3082])
/// let best = score.best(.standard)
/// ```
public struct NABScore: Sendable {
  /// The costs of errors, relative to the reward of a window found.
  public enum Profile: String, Sendable, Hashable, CaseIterable {
    /// A false alarm costs 0.11, a missed window 1.
    case standard
    /// A false alarm costs 0.22.
    case lowFalsePositives = "reward_low_FP_rate"
    /// A missed window costs 2.
    case lowFalseNegatives = "reward_low_FN_rate"

    fileprivate var costOfFalseAlarm: Double { self == .lowFalsePositives ? 0.22 : 0.11 }
    fileprivate var costOfMiss: Double { self == .lowFalseNegatives ? 2 : 1 }
  }

  /// A threshold, at or above which a score is an alarm, and the score of the benchmark there.
  public struct Result: Sendable, Hashable {
    /// The score, at most 100.
    public let value: Double
    /// The threshold; infinity for no alarms.
    public let threshold: Float
  }

  /// A step that counts.
  private struct Step {
    let score: Float
    /// In a window, the reward from 1 at its first step to almost 0; outside, −1, or less right after a window.
    let weight: Double
    /// The window's number over all series; nil outside.
    let window: Int?
  }

  private var steps: [Step] = []
  private var windows = 0

  /// No series yet.
  public init() {}

  /// The number of steps at the start of a series that do not count, for detectors to learn: 15 %, at most 750.
  public static func probation(of steps: Int) -> Int { min(steps * 15 / 100, 750) }

  /// Adds a series.
  /// - Parameters:
  ///   - scores: The anomaly score of each step, higher for less usual ones. A step without a value, whose score is NaN, is
  ///     left out as if the series did not have it.
  ///   - windows: The steps of each labelled window, within the series, in ascending order, without overlap. A window
  ///     within the probation does not count.
  public mutating func add(_ scores: [Float], windows: [Range<Int>]) {
    // The number of steps that are kept, before each.
    var kept = [0]
    for score in scores { kept.append(kept[kept.count - 1] + (score.isNaN ? 0 : 1)) }
    let known = windows.map { kept[$0.lowerBound]..<kept[$0.upperBound] }.filter { !$0.isEmpty }
    let probation = Self.probation(of: kept[scores.count])
    var last: Range<Int>?
    var next = 0
    for (index, score) in scores.enumerated() where !score.isNaN {
      let step = kept[index]
      if next < known.count, step == known[next].lowerBound {
        last = known[next]
        next += 1
        self.windows += known[next - 1].upperBound > probation ? 1 : 0
      }
      guard step >= probation else { continue }
      let isInside = last?.contains(step) ?? false
      steps.append(
        Step(score: score, weight: Self.weight(of: step, after: last), window: isInside ? self.windows - 1 : nil))
    }
  }

  /// The best score over all thresholds, as the benchmark reports it; nil without a window.
  public func best(_ profile: Profile) -> Result? {
    guard windows > 0 else { return nil }
    let sorted = steps.sorted { $0.score > $1.score }
    var tally = Tally(windows: windows)
    var best = Result(value: tally.value(profile), threshold: .infinity)
    for (index, step) in sorted.enumerated() {
      tally.add(step)
      let isLast = index + 1 == sorted.count || sorted[index + 1].score < step.score
      let value = tally.value(profile)
      if isLast && value > best.value { best = Result(value: value, threshold: step.score) }
    }
    return best
  }

  /// The score at a threshold; nil without a window.
  public func value(_ profile: Profile, threshold: Float) -> Double? {
    guard windows > 0 else { return nil }
    var tally = Tally(windows: windows)
    for step in steps where step.score >= threshold { tally.add(step) }
    return tally.value(profile)
  }

  /// The weight of a step, given the last window that began before it.
  private static func weight(of step: Int, after window: Range<Int>?) -> Double {
    guard let window else { return -1 }
    guard step >= window.upperBound else {
      return sigmoid(Double(step - window.upperBound) / Double(window.count)) / sigmoid(-1)
    }
    let position = Double(step - window.upperBound + 1) / Double(window.count - 1)
    return position < 3 ? sigmoid(position) : -1
  }

  /// From 1 before a window's end, by 0 at it, to −1 after it, at a position in lengths of the window.
  private static func sigmoid(_ position: Double) -> Double { 2 / (1 + exp(5 * position)) - 1 }

  /// The alarms so far.
  private struct Tally {
    private var falseAlarms = 0.0
    private var rewards: [Double]
    private var (reward, found) = (0.0, 0)

    init(windows: Int) { rewards = [Double](repeating: 0, count: windows) }

    mutating func add(_ step: Step) {
      guard let window = step.window else {
        falseAlarms += step.weight
        return
      }
      if rewards[window] == 0 { found += 1 }
      // Of a window's alarms, the earliest counts.
      reward += max(0, step.weight - rewards[window])
      rewards[window] = max(step.weight, rewards[window])
    }

    func value(_ profile: Profile) -> Double {
      let misses = Double(rewards.count - found) * profile.costOfMiss
      let (value, none) = (
        reward + falseAlarms * profile.costOfFalseAlarm - misses, -Double(rewards.count) * profile.costOfMiss
      )
      return 100 * (value - none) / (Double(rewards.count) - none)
    }
  }
}
