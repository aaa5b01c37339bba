import RecurrentCore

/// Draws whole sequences token by token.
public struct SequenceSampler: Sendable {
  /// The most sequences for each source.
  public static let largestCount = 1000

  /// The number of sequences for each source.
  public let count: Int
  /// The temperature, which divides the log probabilities; 0 selects the largest.
  public let temperature: Float
  /// The number of most likely tokens to sample from; nil for all.
  public let topK: Int?
  /// The total probability of the most likely tokens to sample from; nil for all (Holtzman et al. 2020).
  public let topP: Float?
  /// The seed.
  public let seed: UInt64
  /// Which sequences are allowed.
  public let constraints: DecodingConstraints

  /// A sampler of sequences.
  /// - Throws: `RecurrentError.invalidArgument` if the count is not in `1 ... largestCount`, or a `Sampler` cannot have the
  ///   temperature, `topK` or `topP`.
  public init(
    count: Int = 1, temperature: Float = 1, topK: Int? = nil, topP: Float? = nil, seed: UInt64 = 0,
    constraints: DecodingConstraints? = nil
  ) throws {
    guard (1...Self.largestCount).contains(count) else {
      throw RecurrentError(
        .invalidArgument, "the number of samples is \(count)", at: "sampling",
        remedy: "use a value from 1 to \(Self.largestCount.grouped)")
    }
    _ = try Sampler(temperature: temperature, topK: topK, topP: topP)
    self.count = count
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.seed = seed
    self.constraints = try constraints ?? DecodingConstraints()
  }

  /// Draws sequences for each source.
  ///
  /// Every sequence draws from a random stream of its own, so that it depends neither on the batch nor on the number of samples.
  /// - Parameter numbers: The numbers of the sources, which select their random streams: for example, their indices in a file.
  /// - Returns: The sequences of each source in the order of their streams; their score is the log probability that the model
  ///   gives them.
  /// - Throws: `RecurrentError.diverged` if a log probability is not finite; `.shapeMismatch` if `numbers` has not one for each
  ///   source; `.invalidArgument` if a forbidden token does not exist.
  package func decode(_ model: inout some DecodedModel, numbers: [Int]) throws -> [[Hypothesis]] {
    try constraints.check(tokenCount: model.tokenCount)
    guard numbers.count == model.sourceLengths.count else {
      throw RecurrentError(
        .shapeMismatch, "\(numbers.count) numbers for \(model.sourceLengths.count) sources", at: "sampling")
    }
    var searches = try zip(numbers, model.sourceLengths).map {
      try SampledSource(self, number: $0, sourceLength: $1, boundary: Int32(model.tokenCount - 1))
    }
    try model.run(&searches)
    return searches.map { $0.hypotheses.compactMap(\.self) }
  }

  /// The sampler of one sequence.
  fileprivate func sampler(number: Int, sample: Int) throws -> Sampler {
    let number = UInt64(truncatingIfNeeded: number)
    // The last word sets these apart from the numbers that a `RandomSource` of the same seed draws.
    let words = Philox(key: seed)(
      SIMD4(
        UInt32(truncatingIfNeeded: number), UInt32(truncatingIfNeeded: number >> 32), UInt32(sample), .max - 1))
    return try Sampler(
      temperature: temperature, topK: topK, topP: topP, seed: UInt64(words.x) | UInt64(words.y) << 32)
  }
}

/// The sequences drawn for a source.
private struct SampledSource: SourceSearch {
  private struct Live {
    var node = HypothesisTree.root
    var logProbability = 0.0
    var sample: Int
    var sampler: Sampler
  }

  private let constraints: DecodingConstraints
  private let longest: Int
  private var tree: HypothesisTree
  private var live: [Live]
  private var length = 0
  private(set) var continuations: [Continuation]
  /// The sequences that have ended; nil before.
  private(set) var hypotheses: [Hypothesis?]

  init(_ sampling: SequenceSampler, number: Int, sourceLength: Int, boundary: Int32) throws {
    constraints = sampling.constraints
    longest = constraints.longest(sourceLength: sourceLength)
    tree = HypothesisTree(sourceLength: sourceLength)
    live = try (0..<sampling.count).map { sample in
      Live(sample: sample, sampler: try sampling.sampler(number: number, sample: sample))
    }
    continuations = [Continuation(token: boundary, parent: 0)]
    hypotheses = Array(repeating: nil, count: sampling.count)
  }

  mutating func advance(_ rows: SourceRows) throws {
    var next: [Live] = []
    continuations = []
    for (index, sequence) in live.enumerated() {
      // All sequences begin with the one row of the first step.
      let row = length == 0 ? 0 : index
      if let weights = rows.attention(row) { tree.setAttention(weights, after: sequence.node) }
      var sequence = sequence
      let values = rows.logProbabilities(row)
      let token = try token(after: &sequence, values: values, rows)
      let value = values[Int(token)]
      guard value < .infinity else { throw divergence(token: token, logProbability: value) }
      sequence.logProbability += Double(value)
      if token == rows.boundary {
        hypotheses[sequence.sample] = tree.hypothesis(
          through: sequence.node, boundaryLogProbability: value, score: sequence.logProbability)
      } else {
        sequence.node = tree.append(token, logProbability: value, to: sequence.node)
        next.append(sequence)
        continuations.append(Continuation(token: token, parent: row))
      }
    }
    live = next
    length += 1
  }

  /// Draws the next token of a sequence.
  private func token(after sequence: inout Live, values: UnsafeBufferPointer<Float>, _ rows: SourceRows) throws -> Int32
  {
    guard length < longest else { return rows.boundary }
    let excluded = constraints.excludedTokens(
      after: tree.tokens(to: sequence.node), length: length, tokenCount: rows.tokenCount)
    return try sequence.sampler(Array(values), excluding: excluded.map(Int.init))
  }
}
