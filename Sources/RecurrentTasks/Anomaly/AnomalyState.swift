#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif
import RecurrentCore
import RecurrentData

/// A step of a series, with its anomaly score.
public struct AnomalyStep: Sendable, Hashable {
  /// The expected value of each target, in its units; NaN if there is no forecast of the step.
  public internal(set) var expected: [Float]
  /// The score, higher for less usual steps; NaN if no target has a value. With the scorings `tail` and `likelihood` it is the
  /// negative decimal logarithm of the step's probability.
  public let score: Float
  /// The least score of an anomaly.
  public let threshold: Float
  /// The score of an alarm: 0 if one of the scores before it was as high.
  public let alarmScore: Float
  /// Whether an anomaly begins, or becomes worse, here.
  public var isAlarm: Bool { alarmScore >= threshold }
  /// Whether it belongs to an anomaly: an alarm, and what follows it as long as scores reach the threshold.
  public let isAnomaly: Bool
}

/// The state of the detection in a series: what is known of the steps so far.
struct AnomalyState: Sendable {
  private var channels: [Channel]
  private var suppression: RepeatSuppression
  private var isOpen = false
  private let threshold: Float
  /// The threshold as text.
  let thresholdText: String
  /// The scores so far, and the score of a moving threshold among them; nil for a threshold that does not move.
  private var moving: (scores: PeaksOverThreshold, level: Float)?
  /// What the score of the least usual of several targets exceeds that of one.
  private let correction: Float

  init(_ description: AnomalyDescription, _ calibration: AnomalyCalibration) {
    let (threshold, deviations) = (calibration.threshold, calibration.deviations)
    channels = deviations.map { Channel(description.scoring, deviation: $0) }
    suppression = RepeatSuppression(steps: description.suppression)
    // The probability that one of several is as small (Bonferroni).
    correction = description.scoring == .error ? 0 : Float(log10(Double(max(deviations.count, 1))))
    thresholdText =
      switch description.threshold {
      case .score(let score): Double(score).text(2)
      case .quantile: "\(Double(threshold).text(2)) (\(description.threshold))"
      case .moving: "\(description.threshold)"
      }
    switch description.threshold {
    case .score(let score): self.threshold = score
    case .quantile: self.threshold = threshold
    case .moving(let score): (self.threshold, moving) = (.infinity, (PeaksOverThreshold(), score))
    }
  }

  /// The next step.
  /// - Parameters:
  ///   - values: The value of each target, NaN where it is missing, in units of the scaled series.
  ///   - expected: The expected values.
  mutating func callAsFunction(values: [Float], expected: [Float]) -> AnomalyStep {
    var score = Float.nan
    for index in channels.indices {
      let one = channels[index](values[index], expected[index])
      if !one.isNaN { score = score.isNaN ? one : max(score, one) }
    }
    score = score.isNaN ? score : max(0, score - correction)
    let level = moving.map { $0.scores.level(of: $0.level) ?? .infinity } ?? threshold
    _ = moving?.scores(score)
    let alarmScore = suppression(score)
    isOpen = alarmScore >= level || isOpen && score >= level
    return AnomalyStep(
      expected: expected, score: score, threshold: level, alarmScore: alarmScore, isAnomaly: isOpen)
  }

  /// The scorer of a target.
  private struct Channel: Sendable {
    private var tail: AnomalyScorer?
    private var likelihood: AnomalyLikelihood?
    private let deviation: Float

    init(_ scoring: AnomalyScoring, deviation: Float) {
      tail = scoring == .tail ? AnomalyScorer() : nil
      likelihood = scoring == .likelihood ? AnomalyLikelihood() : nil
      self.deviation = deviation
    }

    mutating func callAsFunction(_ value: Float, _ expected: Float) -> Float {
      guard !value.isNaN else { return .nan }
      if let score = tail?(value: value, forecast: expected) { return score }
      let error = value - expected
      guard !error.isNaN else { return 0 }
      return likelihood?(error) ?? error.magnitude / deviation
    }
  }
}
