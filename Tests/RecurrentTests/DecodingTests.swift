import RecurrentCore
import RecurrentModel
import Testing

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Constraints on decoded sequences, sampling, forced scores and misuse.
struct DecodingTests {
  @Test func lengthsAreWithinTheirLimits() throws {
    let sources = Array(0..<6)
    for (minimum, maximum, factor) in [(0, 1, 0.0), (3, 3, 0), (5, 9, 0), (4, 0, 1.5), (0, 2, 0.5)] {
      let constraints = try DecodingConstraints(
        minimumLength: minimum, maximumLength: maximum, maximumPerSourceStep: factor)
      var model = DecodedTrigrams(sources: sources)
      let found = try BeamSearch(beam: 3, nBest: 2, constraints: constraints).decode(&model)
      model = DecodedTrigrams(sources: sources)
      let drawn = try SequenceSampler(count: 3, seed: 1, constraints: constraints).decode(&model, numbers: sources)
      for results in [found, drawn] {
        for (hypotheses, sourceLength) in zip(results, model.sourceLengths) {
          let longest = maximum + Int(factor * Double(sourceLength))
          #expect(!hypotheses.isEmpty)
          #expect(hypotheses.allSatisfy { (min(minimum, longest)...longest).contains($0.tokens.count) })
        }
      }
    }
  }

  @Test func ngramsAreNotRepeatedAndForbiddenTokensNotProduced() throws {
    for length in 1...3 {
      let constraints = try DecodingConstraints(
        minimumLength: 12, maximumLength: 12, blockedNgrams: length, forbiddenTokens: [1])
      var model = DecodedTrigrams(tokenCount: 6, sources: [0, 1, 2])
      let found = try BeamSearch(beam: 4, nBest: 4, constraints: constraints).decode(&model)
      model = DecodedTrigrams(tokenCount: 6, sources: [0, 1, 2])
      let drawn = try SequenceSampler(count: 4, constraints: constraints).decode(&model, numbers: [0, 1, 2])
      for hypothesis in (found + drawn).joined() {
        let tokens = hypothesis.tokens
        let ngrams = (0...max(tokens.count - length, 0)).map { Array(tokens[$0..<min($0 + length, tokens.count)]) }
        #expect(Set(ngrams).count == ngrams.count)
        #expect(!tokens.contains(1))
        // Four tokens, each once: then only the boundary is left, before the minimum.
        #expect(length == 1 ? tokens.count == 4 : tokens.count == 12)
      }
    }
    // Without the constraint there are repetitions.
    var model = DecodedTrigrams(tokenCount: 6, sources: [0])
    let free = try BeamSearch(constraints: DecodingConstraints(minimumLength: 12, maximumLength: 12))
    let tokens = try free.decode(&model)[0][0].tokens
    #expect(Set(tokens).count < tokens.count)
  }

  @Test func excludedTokensAreThoseThatWouldRepeat() throws {
    func excluded(_ length: Int, _ tokens: [Int32]) throws -> [Int32] {
      try DecodingConstraints(blockedNgrams: length)
        .excludedTokens(after: tokens, length: tokens.count, tokenCount: 9).sorted()
    }
    #expect(try excluded(2, [1, 2, 1]) == [2])
    #expect(try excluded(2, [1, 2, 1, 3, 1]) == [2, 3])
    #expect(try excluded(2, [1, 2]) == [])
    #expect(try excluded(3, [1, 2, 3, 1, 2]) == [3])
    #expect(try excluded(3, [1, 1, 1]) == [1])
    #expect(try excluded(3, [1, 1]) == [])
    #expect(try excluded(1, [4, 2]) == [2, 4])
    #expect(try excluded(1, []) == [])
  }

  @Test func samplesDoNotDependOnTheBatch() throws {
    let constraints = try DecodingConstraints(maximumLength: 8)
    func draw(_ sources: [Int], count: Int = 3, seed: UInt64 = 7) throws -> [[Hypothesis]] {
      var model = DecodedTrigrams(sources: sources)
      return try SequenceSampler(count: count, seed: seed, constraints: constraints).decode(&model, numbers: sources)
    }
    let together = try draw(Array(0..<9))
    for source in 0..<9 {
      #expect(try draw([source]) == [together[source]])
      #expect(try draw([source], count: 1) == [[together[source][0]]])
    }
    #expect(try draw([0, 1, 2], seed: 8) != Array(together.prefix(3)))
    #expect(try draw(Array((0..<9).reversed())) == together.reversed())
  }

  @Test func samplesFollowTheProbabilities() throws {
    // Every sequence of up to two tokens, against its probability: four deviations √(p (1 − p) / n).
    var model = DecodedTrigrams(tokenCount: 3, sources: [3])
    let constraints = try DecodingConstraints(maximumLength: 2)
    let drawn = try SequenceSampler(count: 1000, constraints: constraints).decode(&model, numbers: [0])[0]
    #expect(drawn.count == 1000)
    for (tokens, values) in model.sequences(source: 3, lengths: 0...2) {
      // At the maximum length the boundary is certain.
      let p = exp((tokens.count == 2 ? values.dropLast() : values).reduce(0) { $0 + Double($1) })
      let share = Double(drawn.count { $0.tokens == tokens }) / 1000
      #expect(abs(share - p) <= 4 * (p * (1 - p) / 1000).squareRoot())
    }
  }

  @Test func aTemperatureOfZeroIsGreedy() throws {
    let sources = [0, 1, 2, 3]
    var model = DecodedTrigrams(sources: sources)
    let constraints = try DecodingConstraints(maximumLength: 8)
    let greedy = try BeamSearch(beam: 1, normalization: .none, constraints: constraints).decode(&model)
    for sampler in try [
      SequenceSampler(temperature: 0, constraints: constraints), SequenceSampler(topK: 1, constraints: constraints),
      SequenceSampler(topP: 0.01, constraints: constraints),
    ] {
      model = DecodedTrigrams(sources: sources)
      #expect(try sampler.decode(&model, numbers: sources) == greedy)
    }
  }

  @Test func givenSequencesHaveTheScoresOfTheSearch() throws {
    let sources = Array(0..<7)
    var model = DecodedTrigrams(sources: sources)
    let search = try BeamSearch(
      beam: 3, normalization: .wu(alpha: 0.6), coveragePenalty: 0.1, constraints: DecodingConstraints(maximumLength: 9))
    let found = try search.decode(&model).map { $0[0] }
    model = DecodedTrigrams(sources: sources)
    #expect(try search.score(found.map(\.tokens), by: &model) == found)
    model = DecodedTrigrams(sources: [2])
    let empty = try search.score([[]], by: &model)
    #expect(empty[0].tokenLogProbabilities == [model.logProbabilities(source: 2, after: [3])[3]])
    for targets: [[Int32]] in [[[3]], [[-1]], [[0], [1]], []] {
      model = DecodedTrigrams(sources: [2])
      #expect(throws: RecurrentError.self) { try search.score(targets, by: &model) }
    }
  }

  private func kind(_ body: () throws -> Void) -> RecurrentError.Kind? {
    do { try body() } catch { return (error as? RecurrentError)?.kind }
    return nil
  }

  @Test func logProbabilitiesThatAreNoneAreErrors() throws {
    for tokenCount in [4, 100] {
      for value in [Float.nan, .infinity] {
        for token in [0, tokenCount - 2, tokenCount - 1] {
          var model = DecodedTrigrams(tokenCount: tokenCount, sources: [0, 1])
          model.replaced = (token, value)
          // Also of a token that is excluded.
          let constraints = try DecodingConstraints(maximumLength: 3, forbiddenTokens: [0])
          #expect(kind { _ = try BeamSearch(constraints: constraints).decode(&model) } == .diverged)
          model = DecodedTrigrams(tokenCount: tokenCount, sources: [0])
          model.replaced = (token, value)
          #expect(
            kind { _ = try SequenceSampler().decode(&model, numbers: [0]) } == .diverged)
          model = DecodedTrigrams(tokenCount: tokenCount, sources: [0])
          model.replaced = (token, value)
          let target = [token < tokenCount - 1 ? Int32(token) : 0]
          #expect(kind { _ = try BeamSearch().score([target], by: &model) } == .diverged)
        }
      }
    }
    // Among values that are all too low.
    struct Low: DecodedModel {
      let tokenCount = 300
      let sourceLengths = [1]
      let nan: Int
      mutating func step(tokens: [Int32], parents: [Int32], kept: [Int32]?) -> DecoderStep {
        DecoderStep(logProbabilities: (0..<300).map { $0 == nan ? .nan : $0 < 2 ? -1 : -9 })
      }
    }
    for nan in [2, 64, 140, 255, 256, 299] {
      var model = Low(nan: nan)
      #expect(kind { _ = try BeamSearch(beam: 1).decode(&model) } == .diverged)
    }
    // A probability of 0 is none: the token is not selected.
    var model = DecodedTrigrams(sources: [0])
    model.replaced = (1, -.infinity)
    let found = try BeamSearch(beam: 20, nBest: 20, constraints: DecodingConstraints(maximumLength: 4)).decode(&model)
    #expect(found[0].count == 20 && found[0].allSatisfy { !$0.tokens.contains(1) })
  }

  @Test func misuseIsOneLine() throws {
    for (beam, nBest) in [(0, 1), (-1, 1), (10_000, 1), (5, 0), (5, 6)] {
      #expect(throws: RecurrentError.self) { try BeamSearch(beam: beam, nBest: nBest) }
    }
    for value in [-1, Double.nan, .infinity] {
      #expect(throws: RecurrentError.self) { try BeamSearch(coveragePenalty: value) }
      #expect(throws: RecurrentError.self) { try BeamSearch(normalization: .wu(alpha: value)) }
      #expect(throws: RecurrentError.self) { try DecodingConstraints(maximumPerSourceStep: value) }
    }
    for (minimum, maximum) in [(0, 0), (3, 2), (-1, 2), (0, -1), (0, 1_000_000)] {
      #expect(throws: RecurrentError.self) {
        try DecodingConstraints(minimumLength: minimum, maximumLength: maximum)
      }
    }
    #expect(throws: RecurrentError.self) { try DecodingConstraints(blockedNgrams: 0) }
    #expect(throws: RecurrentError.self) { try SequenceSampler(count: 0) }
    #expect(throws: RecurrentError.self) { try SequenceSampler(temperature: -1) }
    let error = #expect(throws: RecurrentError.self) { try BeamSearch(beam: 10_000) }
    #expect(
      error?.description == "beam search: the beam is 10000; use a value from 1 to 1,000")

    var model = DecodedTrigrams(attends: false)
    #expect(kind { _ = try BeamSearch(coveragePenalty: 0.1).decode(&model) } == .invalidArgument)
    #expect(kind { _ = try SequenceSampler().decode(&model, numbers: []) } == .shapeMismatch)
    for token: Int32 in [-1, 3, 4] {
      let search = try BeamSearch(constraints: DecodingConstraints(forbiddenTokens: [token]))
      #expect(kind { _ = try search.decode(&model) } == .invalidArgument)
    }
    var none = DecodedTrigrams(sources: [])
    #expect(try BeamSearch().decode(&none).isEmpty)
  }
}
