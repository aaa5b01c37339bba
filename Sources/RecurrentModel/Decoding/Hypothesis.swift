/// A sequence that a decoder has produced or scored.
public struct Hypothesis: Sendable, Hashable {
  /// The tokens, without the boundary.
  public let tokens: [Int32]
  /// The log probability of each token and, last, of the boundary, in nats.
  public let tokenLogProbabilities: [Float]
  /// The weights of attention of each token and, last, of the boundary: a row each, with the valid steps of the source; empty
  /// without attention.
  public let attention: [[Float]]
  /// What hypotheses are sorted by: the log probability, normalized by the length, plus the coverage penalty.
  public let score: Double

  /// The log probability of the sequence with its boundary, in nats: not normalized.
  public var logProbability: Double { tokenLogProbabilities.reduce(0) { $0 + Double($1) } }
}
