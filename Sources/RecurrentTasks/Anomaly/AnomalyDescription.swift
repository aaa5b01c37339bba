import RecurrentCore
import RecurrentData

/// How the score of a step follows from its value and the expected one.
package enum AnomalyScoring: String, Codable, Hashable, Sendable, CaseIterable {
  /// The tails of the errors, and of the distances from the mean, of all steps before it.
  case tail
  /// The normal distribution of the errors of the last steps.
  case likelihood
  /// The error, in units of the deviation of errors in training.
  case error
}

/// The least score of an anomaly.
///
/// In `detector.json` and as the value of an option it is a text: `3`, `quantile:0.999`, `moving:3`.
package enum AnomalyThreshold: Hashable, Sendable {
  /// A score.
  case score(Float)
  /// The quantile of the scores before the test part.
  case quantile(Double)
  /// What scores exceed with a probability of 10⁻ˢ, by those of the steps before, for series that drift.
  case moving(Float)

  /// The default of a scoring.
  static func usual(_ scoring: AnomalyScoring) -> AnomalyThreshold {
    switch scoring {
    case .tail: .score(3)
    // As in Ahmad et al. 2017.
    case .likelihood: .score(5)
    case .error: .quantile(0.999)
    }
  }
}

extension AnomalyThreshold: LosslessStringConvertible, Codable {
  /// The threshold of a text; nil if it is none.
  package init?(_ description: String) {
    let parts = description.split(separator: ":", omittingEmptySubsequences: false)
    guard let number = parts.last.flatMap({ Double($0) }), number > 0, number.isFinite else { return nil }
    switch (parts[0], parts.count) {
    case ("quantile", 2) where number < 1: self = .quantile(number)
    case ("moving", 2): self = .moving(Float(number))
    case (_, 1): self = .score(Float(number))
    default: return nil
    }
  }

  /// The text.
  package var description: String {
    switch self {
    case .score(let score): "\(score)"
    case .quantile(let level): "quantile:\(level)"
    case .moving(let score): "moving:\(score)"
    }
  }

  /// Reads the text.
  /// - Throws: `DecodingError` if it is no threshold.
  package init(from decoder: any Decoder) throws {
    self = try decoder.text(of: "a threshold")
  }

  /// Writes the text.
  /// - Throws: Errors of the encoder.
  package func encode(to encoder: any Encoder) throws {
    try encoder.put(textOf: self)
  }
}

/// How a detector finds anomalies: `detector.json` in the folder of a model.
package struct AnomalyDescription: Codable, Hashable, Sendable {
  /// How steps are scored.
  package var scoring: AnomalyScoring
  /// The least score of an anomaly.
  package var threshold: AnomalyThreshold
  /// The number of steps before an alarm whose scores it must exceed.
  package var suppression: Int

  /// - Throws: `RecurrentError.invalidModel` if a value is out of its range.
  func check() throws {
    guard suppression >= 0 else {
      throw RecurrentError(.invalidModel, "suppression is \(suppression)", remedy: "use 0 or more")
    }
  }
}
