import RecurrentCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Beam search: keeps the most probable hypotheses of each source at every step. A beam of 1 is greedy decoding.
///
/// Every step takes the `2 · beam` most probable continuations of all hypotheses of a source. Those of the first `beam` that are
/// the boundary have ended; the first `beam` others are the hypotheses of the next step, so that what has ended occupies no place
/// in the beam (as fairseq, Ott et al. 2019). Of equally probable ones, the one whose hypothesis came first is first, then the
/// lower token.
///
/// A search ends once `beam` hypotheses have ended, as in fairseq, or before that when no hypothesis can enter the n-best list
/// any more: the score of a hypothesis with log probability `p` stays at or below `p / divisor`, with the divisor of the longest
/// length, since neither log probabilities nor the coverage penalty are above 0. The second rule does not change the list.
public struct BeamSearch: Sendable, Hashable {
  /// The widest beam.
  public static let largestBeam = 1000

  /// The number of hypotheses of a source at each step.
  public let beam: Int
  /// The number of hypotheses in the result, at most the beam. A source has fewer if fewer sequences are possible.
  public let nBest: Int
  /// The normalization of scores by length.
  public let normalization: LengthNormalization
  /// The factor β of the coverage penalty, which is added to the score: `β Σ log(min(coverage, 1))` over the steps of the source,
  /// with the attention that each has had from all tokens and the boundary (Wu et al. 2016); 0 for none.
  public let coveragePenalty: Double
  /// Which sequences are allowed.
  public let constraints: DecodingConstraints

  /// A search.
  /// - Throws: `RecurrentError.invalidArgument` if the beam is not in `1 ... largestBeam`, `nBest` not in `1 ... beam`, or the
  ///   exponent of the normalization or the coverage penalty is negative or not finite.
  public init(
    beam: Int = 5, nBest: Int = 1, normalization: LengthNormalization = .average, coveragePenalty: Double = 0,
    constraints: DecodingConstraints? = nil
  ) throws {
    func require(_ condition: Bool, _ name: String, _ value: Any, _ remedy: String) throws {
      guard condition else {
        throw RecurrentError(.invalidArgument, "the \(name) is \(value)", at: "beam search", remedy: remedy)
      }
    }
    let beams = 1...Self.largestBeam
    try require(beams.contains(beam), "beam", beam, "use a value from 1 to \(Self.largestBeam.grouped)")
    try require(
      (1...beam).contains(nBest), "number of hypotheses", nBest, "use a value from 1 to the beam, \(beam)")
    if case .wu(let alpha) = normalization {
      try require((0...100).contains(alpha), "exponent of the length", alpha, "use a value from 0 to 100")
    }
    try require(
      coveragePenalty >= 0 && coveragePenalty.isFinite, "coverage penalty", coveragePenalty, "use 0 or more")
    self.beam = beam
    self.nBest = nBest
    self.normalization = normalization
    self.coveragePenalty = coveragePenalty
    self.constraints = try constraints ?? DecodingConstraints()
  }

  /// Searches the sequences of each source.
  /// - Returns: The n best hypotheses of each source, best first.
  /// - Throws: `RecurrentError.diverged` if a log probability is NaN or +∞, or a source has no sequence of a probability above 0;
  ///   `.invalidArgument` if a forbidden token does not exist or the coverage penalty finds no attention.
  package func decode(_ model: inout some DecodedModel) throws -> [[Hypothesis]] {
    try constraints.check(tokenCount: model.tokenCount)
    var searches = model.sourceLengths.map {
      SourceBeam(self, boundary: Int32(model.tokenCount - 1), sourceLength: $0)
    }
    try model.run(&searches)
    return searches.map(\.hypotheses)
  }

  /// The score of a hypothesis that ends after a node of a tree.
  /// - Parameters:
  ///   - logProbability: Its log probability with the boundary.
  ///   - length: Its length with the boundary.
  func score(_ logProbability: Double, length: Int, _ tree: HypothesisTree, through node: Int) -> Double {
    var score = logProbability / normalization.divisor(length: length)
    if coveragePenalty > 0 {
      // A step that has had no attention at all counts as little as a float can: the score stays finite.
      let floor = Double(Float.leastNormalMagnitude)
      score += coveragePenalty * tree.coverage(through: node).reduce(0) { $0 + log(min(max($1, floor), 1)) }
    }
    return score
  }

  /// Throws if the coverage penalty finds no attention.
  func check(_ rows: SourceRows) throws {
    guard coveragePenalty == 0 || rows.attention(0) != nil else {
      throw RecurrentError(
        .invalidArgument, "the coverage penalty is \(coveragePenalty), and the model has no attention",
        at: "beam search", remedy: "use 0")
    }
  }
}
