import RecurrentCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Samples the next token from logits. The same seed and logits give the same tokens.
public struct Sampler: Sendable {
  /// The temperature, which divides the logits; 0 selects the largest.
  public let temperature: Float
  /// The number of most likely tokens to sample from; nil for all.
  public let topK: Int?
  /// The total probability of the most likely tokens to sample from; nil for all (Holtzman et al. 2020).
  public let topP: Float?

  private var random: RandomSource

  /// A sampler.
  /// - Throws: `RecurrentError.invalidArgument` if the temperature is negative or not finite, `topK` is below 1, or
  ///   `topP` is not in `0 ... 1`, above 0.
  public init(temperature: Float = 1, topK: Int? = nil, topP: Float? = nil, seed: UInt64 = 0) throws {
    func require(_ condition: Bool, _ name: String, _ value: Any, _ remedy: String) throws {
      guard condition else {
        throw RecurrentError(.invalidArgument, "the \(name) is \(value)", at: "sampling", remedy: remedy)
      }
    }
    try require(temperature >= 0 && temperature.isFinite, "temperature", temperature, "use 0 or more")
    if let topK { try require(topK >= 1, "top-k", topK, "use 1 or more") }
    if let topP { try require(topP > 0 && topP <= 1, "top-p", topP, "use more than 0 and at most 1") }
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.random = RandomSource(seed: seed, stream: RandomSource.samplingStream)
  }

  /// Samples a token.
  /// - Parameters:
  ///   - logits: A score for each token.
  ///   - excluded: A token that is never drawn, or nil.
  /// - Throws: `RecurrentError.diverged` if a score is NaN or infinite; `.invalidArgument` if no token is left to draw.
  public mutating func callAsFunction(_ logits: [Float], excluding excluded: Int? = nil) throws -> Int32 {
    try self(logits, excluding: excluded.map { [$0] } ?? [])
  }

  /// Samples a token.
  /// - Parameters:
  ///   - logits: A score for each token.
  ///   - excluded: Tokens that are never drawn, whose scores are not read.
  /// - Throws: `RecurrentError.diverged` if a score is NaN or infinite; `.invalidArgument` if no token is left to draw.
  package mutating func callAsFunction(_ logits: [Float], excluding excluded: [Int]) throws -> Int32 {
    var scores = logits
    for token in excluded { scores[token] = 0 }
    guard !scores.isEmpty, scores.allSatisfy(\.isFinite) else {
      throw RecurrentError(
        .diverged, "the logits are not finite", at: "sampling",
        remedy: "use a checkpoint from before training diverged")
    }
    for token in excluded { scores[token] = -.infinity }
    var highest = 0
    for token in scores.indices where scores[token] > scores[highest] { highest = token }
    guard scores[highest] > -.infinity else {
      throw RecurrentError(
        .invalidArgument, "every token is excluded", at: "sampling", remedy: "use a vocabulary of two or more")
    }
    guard temperature > 0, topK != 1 else { return Int32(highest) }
    let kept = try candidates(scores, highest: scores[highest])
    var rest = random.uniform() * kept.reduce(0) { $0 + $1.weight }
    for (token, weight) in kept {
      rest -= weight
      if rest < 0 { return Int32(token) }
    }
    return Int32(kept.last { $0.weight > 0 }?.token ?? highest)
  }

  /// The tokens to sample from with their weights, which are exponentials.
  private func candidates(_ scores: [Float], highest: Float) throws -> [(token: Int, weight: Double)] {
    func weighted(_ tokens: some Sequence<Int>) -> [(token: Int, weight: Double)] {
      tokens.map { ($0, exp(Double(scores[$0] - highest) / Double(temperature))) }
    }
    var kept: [(token: Int, weight: Double)]
    if let topK {
      var best = BestCandidates(capacity: topK)
      try scores.withUnsafeBufferPointer { try best.add($0, hypothesis: 0, total: 0, excluding: []) }
      kept = weighted(best.sorted().lazy.map { Int($0.token) })
    } else {
      kept = weighted(scores.indices)
    }
    guard let topP else { return kept }
    let total = kept.reduce(0) { $0 + $1.weight }
    if topK == nil {
      // Weights below this one have together less than what is left out, so that most need no sort.
      let lowest = (1 - Double(topP)) * total / Double(kept.count)
      kept = kept.filter { $0.weight >= lowest }.sorted { ($1.weight, $0.token) < ($0.weight, $1.token) }
    }
    var sum = 0.0
    let count = kept.prefix { _, weight in
      defer { sum += weight }
      return sum < Double(topP) * total
    }.count
    return Array(kept.prefix(max(count, 1)))
  }
}
