/// Suppression of repeated alarms: a score counts only if it exceeds those of the steps before it, so that an anomaly is
/// one alarm, or a few if it becomes worse, at any threshold.
public struct RepeatSuppression: Sendable, Hashable, Codable {
  /// A score that no later one has reached.
  private struct Peak: Hashable, Codable {
    let score: Float
    let step: Int
  }

  /// The number of steps before a score that it must exceed.
  public let steps: Int

  private var step = 0
  /// In descending order of scores, and ascending order of steps.
  private var peaks: [Peak] = []

  /// A suppression over a number of steps.
  public init(steps: Int) { self.steps = max(0, steps) }

  /// The next score; 0 if one of the last `steps` scores was as high. NaN is passed on.
  public mutating func callAsFunction(_ score: Float) -> Float {
    defer { step += 1 }
    guard !score.isNaN else { return .nan }
    if let first = peaks.first, first.step < step - steps { peaks.removeFirst() }
    let isRepeat = peaks.first.map { $0.score >= score } ?? false
    peaks.removeAll { $0.score <= score }
    peaks.append(Peak(score: score, step: step))
    return isRepeat ? 0 : score
  }
}
