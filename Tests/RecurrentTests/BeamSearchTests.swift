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

/// Beam search, against all sequences of small models.
struct BeamSearchTests {
  private let normalizations: [LengthNormalization] = [.none, .average, .wu(alpha: 0.8)]

  private func total(_ values: [Float]) -> Double { values.reduce(0) { $0 + Double($1) } }

  @Test func aWideBeamFindsTheBestOfAllSequences() throws {
    for source in 0..<3 {
      for normalization in normalizations {
        for lengths in [0...4, 2...4, 3...3] {
          var model = DecodedTrigrams(sources: [source])
          let search = try BeamSearch(
            beam: 400, nBest: 12, normalization: normalization,
            constraints: DecodingConstraints(minimumLength: lengths.lowerBound, maximumLength: lengths.upperBound))
          let found = try #require(try search.decode(&model).first)
          func score(_ values: [Float]) -> Double {
            switch normalization {
            case .none: total(values)
            case .average: total(values) / Double(values.count)
            case .wu: total(values) / pow((5 + Double(values.count)) / 6, 0.8)
            }
          }
          let best = model.sequences(source: source, lengths: lengths)
            .sorted { score($0.logProbabilities) > score($1.logProbabilities) }
          #expect(found.map(\.tokens) == best.prefix(12).map(\.tokens))
          for (hypothesis, sequence) in zip(found, best) {
            #expect(hypothesis.tokenLogProbabilities == sequence.logProbabilities)
            #expect(abs(hypothesis.score - score(sequence.logProbabilities)) < 1e-9)
          }
        }
      }
    }
  }

  /// The rule in its plainest form: all candidates sorted, no early end but that of `beam` ended hypotheses.
  private func plainSearch(
    _ model: DecodedTrigrams, source: Int, beam: Int, maximum: Int
  ) -> [(tokens: [Int32], score: Double)] {
    var live: [(tokens: [Int32], total: Double)] = [([], 0)]
    var ended: [(tokens: [Int32], score: Double)] = []
    let boundary = Int32(model.tokenCount - 1)
    for length in 0...maximum where ended.count < beam {
      var candidates: [(tokens: [Int32], total: Double)] = []
      for (tokens, total) in live {
        let values = model.logProbabilities(source: source, after: [boundary] + tokens)
        for (token, value) in values.enumerated() where length < maximum || token == boundary {
          candidates.append((tokens + [Int32(token)], total + Double(value)))
        }
      }
      candidates = Array(candidates.sorted { $0.total > $1.total }.prefix(2 * beam))
      ended += candidates.prefix(beam).filter { $0.tokens.last == boundary }
        .map { ($0.tokens.dropLast(), $0.total / Double(length + 1)) }
      live = Array(candidates.filter { $0.tokens.last != boundary }.prefix(beam))
    }
    return ended.sorted { $0.score > $1.score }
  }

  @Test func narrowBeamsFollowTheRule() throws {
    for source in 0..<12 {
      for beam in [1, 2, 3, 5] {
        for nBest in Set([1, beam]) {
          var model = DecodedTrigrams(tokenCount: 6, sources: [source])
          let plain = plainSearch(model, source: source, beam: beam, maximum: 8)
          let search = try BeamSearch(beam: beam, nBest: nBest, constraints: DecodingConstraints(maximumLength: 8))
          let found = try #require(try search.decode(&model).first)
          // An early end leaves the list as it is.
          #expect(found.map(\.tokens) == plain.prefix(nBest).map(\.tokens))
          for (hypothesis, other) in zip(found, plain) { #expect(abs(hypothesis.score - other.score) < 1e-9) }
        }
      }
    }
  }

  @Test func aSearchEndsWhenNoHypothesisCanImprove() throws {
    var steps: [Int] = []
    for nBest in [1, 10] {
      var model = DecodedTrigrams(sources: [1])
      let search = try BeamSearch(
        beam: 60, nBest: nBest, normalization: .none, constraints: DecodingConstraints(maximumLength: 30))
      _ = try search.decode(&model)
      steps.append(model.steps.count)
    }
    #expect(steps[0] < steps[1])
    #expect(steps[1] < 31)
  }

  @Test func aResultDoesNotDependOnTheBatch() throws {
    let sources = Array(0..<9)
    let search = try BeamSearch(
      beam: 3, nBest: 3, coveragePenalty: 0.2,
      constraints: DecodingConstraints(maximumLength: 2, maximumPerSourceStep: 3, blockedNgrams: 3))
    var model = DecodedTrigrams(tokenCount: 5, sources: sources)
    let together = try search.decode(&model)
    for source in sources {
      var model = DecodedTrigrams(tokenCount: 5, sources: [source])
      #expect(try search.decode(&model) == [together[source]])
      #expect(together[source].count == 3)
    }
    // The first step has a row per source; sources are dropped when a quarter has ended, in any order.
    #expect(model.steps[0].rows == 9)
    #expect(model.steps[1].rows == 27)
    #expect(try #require(model.steps.last).sources.count < 9)
    for (former, next) in zip(model.steps, model.steps.dropFirst()) {
      #expect(next.sources.count == former.sources.count || 4 * next.sources.count <= 3 * former.sources.count)
    }
  }

  @Test func endedSourcesAreDroppedOnceTheyAreAQuarter() throws {
    // A source's only length is the number of its steps.
    let constraints = try DecodingConstraints(minimumLength: 4, maximumLength: 0, maximumPerSourceStep: 1)
    for (sourceLengths, remaining) in [([4, 1, 4, 4], [0, 2, 3]), ([4, 1, 4, 4, 4], [0, 1, 2, 3, 4])] {
      var model = DecodedTrigrams(sources: Array(sourceLengths.indices), sourceLengths: sourceLengths)
      let found = try BeamSearch(beam: 2, constraints: constraints).decode(&model)
      #expect(found.map { $0[0].tokens.count } == sourceLengths)
      let all = Array(sourceLengths.indices)
      #expect(model.steps.map(\.sources) == [all, all, remaining, remaining, remaining])
    }
  }

  @Test func attentionAndProbabilitiesBelongToTheTokens() throws {
    var model = DecodedTrigrams(tokenCount: 5, sources: [4, 8])
    let search = try BeamSearch(beam: 4, nBest: 4, constraints: DecodingConstraints(maximumLength: 6))
    let results = try search.decode(&model)
    for (index, source) in model.sources.enumerated() {
      for hypothesis in results[index] {
        let tokens = [4] + hypothesis.tokens
        for length in 1...tokens.count {
          let before = Array(tokens.prefix(length))
          let next = length < tokens.count ? tokens[length] : 4
          #expect(
            hypothesis.tokenLogProbabilities[length - 1]
              == model.logProbabilities(source: source, after: before)[Int(next)])
          #expect(
            hypothesis.attention[length - 1]
              == model.attention(source: source, after: before, steps: model.sourceLengths[index]))
        }
        #expect(hypothesis.attention.count == tokens.count)
        #expect(abs(hypothesis.score - hypothesis.logProbability / Double(tokens.count)) < 1e-9)
      }
    }
    var without = DecodedTrigrams(tokenCount: 5, sources: [4, 8], attends: false)
    let plain = try search.decode(&without)
    #expect(plain.map { $0.map(\.tokens) } == results.map { $0.map(\.tokens) })
    #expect(plain.joined().allSatisfy { $0.attention.isEmpty })
  }

  @Test func scoresAreAsComputedByHand() throws {
    // 3 tokens with ln ½ and a boundary with ln ¼ score 3 ln ½ + 2 ln ½ = 5 ln ½ over 1, 4 and (9/6)^0.5.
    struct Fixed: DecodedModel {
      let tokenCount = 2
      let sourceLengths = [2]
      var calls = 0
      mutating func step(tokens: [Int32], parents: [Int32], kept: [Int32]?) -> DecoderStep {
        calls += 1
        return DecoderStep(logProbabilities: [log(0.5), log(0.25)], attention: [0.3, 0.1])
      }
    }
    let constraints = try DecodingConstraints(minimumLength: 3, maximumLength: 3)
    // Four rows of attention cover the steps by 1.2, which counts as 1, and by 0.4.
    let coverage = 0.5 * log(0.4)
    for (normalization, score) in [
      (LengthNormalization.none, 5 * log(0.5)), (.average, 1.25 * log(0.5)),
      (.wu(alpha: 0.5), 5 * log(0.5) / 1.5.squareRoot()), (.wu(alpha: 0), 5 * log(0.5)),
    ] {
      for penalty in [0, 0.5] {
        var model = Fixed()
        let search = try BeamSearch(
          beam: 1, normalization: normalization, coveragePenalty: penalty, constraints: constraints)
        let found = try #require(try search.decode(&model).first?.first)
        #expect(found.tokens == [0, 0, 0])
        #expect(abs(found.score - score - (penalty > 0 ? coverage : 0)) < 1e-6)
        #expect(abs(found.logProbability - 5 * log(0.5)) < 1e-6)
        model = Fixed()
        let forced = try search.score([[0, 0, 0]], by: &model)
        #expect(forced == [found])
      }
    }
  }

  @Test func equalCandidatesComeInOrder() throws {
    struct Uniform: DecodedModel {
      let tokenCount = 200
      let sourceLengths = [1]
      mutating func step(tokens: [Int32], parents: [Int32], kept: [Int32]?) -> DecoderStep {
        DecoderStep(logProbabilities: Array(repeating: -1, count: 200 * tokens.count))
      }
    }
    var model = Uniform()
    let search = try BeamSearch(beam: 3, nBest: 3, constraints: DecodingConstraints(maximumLength: 2))
    #expect(try search.decode(&model)[0].map(\.tokens) == [[0, 0], [0, 1], [0, 2]])
    model = Uniform()
    let forbidding = try BeamSearch(
      beam: 3, nBest: 2, constraints: DecodingConstraints(maximumLength: 2, forbiddenTokens: [0, 2]))
    #expect(try forbidding.decode(&model)[0].map(\.tokens) == [[1, 1], [1, 3]])
  }

  @Test func theBestCandidatesAreThoseOfASort() throws {
    // Rows longer than a block, with a rest, in which values are repeated.
    var random = RandomSource(seed: 2)
    struct Table: DecodedModel {
      let tokenCount: Int
      let sourceLengths = [1]
      var rows: [[Float]]
      mutating func step(tokens: [Int32], parents: [Int32], kept: [Int32]?) -> DecoderStep {
        DecoderStep(logProbabilities: Array(rows.prefix(tokens.count).joined()))
      }
    }
    for tokenCount in [63, 64, 65, 300] {
      let rows = (0..<20).map { _ in (0..<tokenCount).map { _ in Float(-1 - random.integer(below: 150)) / 8 } }
      for beam in [1, 7, 20] {
        var model = Table(tokenCount: tokenCount, rows: rows)
        let search = try BeamSearch(
          beam: beam, nBest: beam, normalization: .none,
          constraints: DecodingConstraints(minimumLength: 2, maximumLength: 2))
        let first = rows[0].dropLast().enumerated()
          .sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }.prefix(beam)
        var all: [(value: Float, row: Int, token: Int, first: Int)] = []
        for (row, start) in first.enumerated() {
          for (token, value) in rows[row].dropLast().enumerated() {
            all.append((start.element + value, row, token, start.offset))
          }
        }
        // The boundary after two tokens has a probability that depends on the row.
        let second = all.sorted { ($1.value, $0.row, $0.token) < ($0.value, $1.row, $1.token) }.prefix(beam)
        let expected = second.enumerated()
          .map { row, item in (item.value + rows[row][tokenCount - 1], row, [item.first, item.token]) }
          .sorted { ($1.0, $0.1) < ($0.0, $1.1) }
        let found = try search.decode(&model)[0]
        #expect(found.map { $0.tokens.map(Int.init) } == expected.map(\.2))
        #expect(found.map(\.score) == expected.map { Double($0.0) })
      }
    }
  }
}
