/// The F1 of alarms at every threshold, summed over series, for the best one.
///
/// As ``DetectionCounts`` at each threshold; all of them together take the time of a sort.
public struct DetectionCurve: Sendable {
  /// The highest F1, and its threshold.
  public struct Best: Sendable, Hashable {
    /// F1.
    public let f1: Double
    /// The least score of what is flagged.
    public let threshold: Float
  }

  /// How counts change where the threshold falls to a level.
  private struct Change {
    let level: Float
    var (steps, rightSteps) = (0, 0)
    var (alarms, rightAlarms, found) = (0, 0, 0)

    init(level: Float) { self.level = level }

    mutating func add(_ other: Change) {
      steps += other.steps
      rightSteps += other.rightSteps
      alarms += other.alarms
      rightAlarms += other.rightAlarms
      found += other.found
    }
  }

  private var changes: [Change] = []
  private var (inside, labelled) = (0, 0)

  /// No series yet.
  public init() {}

  /// Adds a series.
  /// - Parameters:
  ///   - levels: The highest threshold at which each step is flagged; 0 or below for a step that is flagged at none.
  ///   - windows: The steps of each labelled window, without overlap.
  public mutating func add(_ levels: [Float], windows: [Range<Int>]) {
    var isLabelled = [Bool](repeating: false, count: levels.count)
    for window in windows {
      let steps = window.clamped(to: levels.indices)
      for step in steps { isLabelled[step] = true }
      inside += steps.count
      labelled += steps.isEmpty ? 0 : 1
      change(at: levels[steps].max() ?? 0) { $0.found += 1 }
    }
    // The highest threshold at which a step is flagged together with the last labelled one, and all between them.
    var joined: Float = 0
    for (step, level) in levels.enumerated() {
      let before = step == 0 ? 0 : levels[step - 1]
      joined = min(joined, level)
      change(at: level) { $0.steps += 1 }
      // A run begins at the thresholds that the step before does not reach.
      if level > before {
        change(at: level) { $0.alarms += 1 }
        change(at: before) { $0.alarms -= 1 }
      }
      guard isLabelled[step] else { continue }
      change(at: level) { $0.rightSteps += 1 }
      // It makes a run right at the thresholds at which no labelled step before it is in the same run.
      if level > joined {
        change(at: level) { $0.rightAlarms += 1 }
        change(at: joined) { $0.rightAlarms -= 1 }
      }
      joined = level
    }
  }

  private mutating func change(at level: Float, _ body: (inout Change) -> Void) {
    guard level > 0 else { return }
    var change = Change(level: level)
    body(&change)
    changes.append(change)
  }

  /// The best F1 of steps; nil if nothing right is flagged at any threshold.
  public var steps: Best? {
    best { Rates(precision: Double($0.rightSteps) / Double($0.steps), recall: Double($0.rightSteps) / Double(inside)) }
  }

  /// The best F1 of windows and alarms; nil as above.
  public var windows: Best? {
    best { Rates(precision: Double($0.rightAlarms) / Double($0.alarms), recall: Double($0.found) / Double(labelled)) }
  }

  private typealias Rates = DetectionCounts.Rates

  private func best(_ rates: (Change) -> Rates) -> Best? {
    let sorted = changes.sorted { $0.level > $1.level }
    var counts = Change(level: .infinity)
    var best: Best?
    for (index, change) in sorted.enumerated() {
      counts.add(change)
      let isLast = index + 1 == sorted.count || sorted[index + 1].level < change.level
      if isLast, case let f1 = rates(counts).f1, f1 > best?.f1 ?? 0 { best = Best(f1: f1, threshold: change.level) }
    }
    return best
  }
}
