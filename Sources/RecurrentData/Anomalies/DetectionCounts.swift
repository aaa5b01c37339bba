/// How well alarms match labelled windows, summed over series: precision, recall and F1, of steps and of windows.
public struct DetectionCounts: Sendable, Hashable {
  /// Precision, recall and F1.
  public struct Rates: Sendable, Hashable {
    /// The fraction of alarms that are right; NaN without an alarm.
    public let precision: Double
    /// The fraction of anomalies that are found; NaN without one.
    public let recall: Double

    /// F1: the harmonic mean of precision and recall, 0 if nothing is found.
    public var f1: Double {
      if precision.isNaN || recall.isNaN { return recall.isNaN ? .nan : 0 }
      return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
    }
  }

  private var (flagged, inside, flaggedInside) = (0, 0, 0)
  private var (alarms, rightAlarms, labelled, found) = (0, 0, 0, 0)

  /// No series yet.
  public init() {}

  /// Adds a series.
  /// - Parameters:
  ///   - flags: Whether each step is flagged as anomalous.
  ///   - windows: The steps of each labelled window, without overlap.
  public mutating func add(_ flags: [Bool], windows: [Range<Int>]) {
    var isLabelled = [Bool](repeating: false, count: flags.count)
    for window in windows {
      let steps = window.clamped(to: flags.indices)
      for step in steps { isLabelled[step] = true }
      labelled += steps.isEmpty ? 0 : 1
      found += flags[steps].contains(true) ? 1 : 0
    }
    var isRight = false
    for step in flags.indices {
      inside += isLabelled[step] ? 1 : 0
      guard flags[step] else { continue }
      flagged += 1
      flaggedInside += isLabelled[step] ? 1 : 0
      isRight = isRight || isLabelled[step]
      if step + 1 == flags.count || !flags[step + 1] {
        alarms += 1
        rightAlarms += isRight ? 1 : 0
        isRight = false
      }
    }
  }

  /// The rates of steps.
  public var steps: Rates {
    Rates(
      precision: Double(flaggedInside) / Double(flagged), recall: Double(flaggedInside) / Double(inside))
  }

  /// The rates of windows and alarms: a window is found if any of its steps is flagged. An alarm is a run of flagged
  /// steps, and right if any of them is in a window.
  public var windows: Rates {
    Rates(precision: Double(rightAlarms) / Double(alarms), recall: Double(found) / Double(labelled))
  }
}
