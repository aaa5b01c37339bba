import Recurrent
import Testing

/// Drawing the next token.
struct TextSamplerTests {
  /// log of 0.1, 0.4, 0.2, 0.3.
  private let logits: [Float] = [-2.302585, -0.916291, -1.609438, -1.203973]

  private func counts(_ sampler: Sampler, draws: Int = 20_000) throws -> [Double] {
    var sampler = sampler
    var counts = [0.0, 0, 0, 0]
    for _ in 0..<draws { counts[Int(try sampler(logits))] += 1 / Double(draws) }
    return counts
  }

  // Four deviations of a share p of n draws: 4 √(p (1 − p) / n).
  private func expectShares(_ counts: [Double], _ shares: [Double], draws: Double = 20_000) {
    for (count, share) in zip(counts, shares) {
      #expect(abs(count - share) <= 4 * (share * (1 - share) / draws).squareRoot() + 1e-9)
    }
  }

  @Test func drawsByProbability() throws { try expectShares(counts(Sampler(seed: 3)), [0.1, 0.4, 0.2, 0.3]) }

  @Test func temperatureSharpens() throws {
    // p² over Σ p² = 0.3
    try expectShares(counts(Sampler(temperature: 0.5, seed: 4)), [1 / 30, 16 / 30, 4 / 30, 9 / 30])
    #expect(try counts(Sampler(temperature: 0), draws: 100)[1] > 0.999)
    #expect(try counts(Sampler(temperature: 1e-30, seed: 1), draws: 100)[1] > 0.999)
  }

  @Test func topKKeepsTheLikeliest() throws {
    try expectShares(counts(Sampler(topK: 2, seed: 5)), [0, 4 / 7, 0, 3 / 7])
    try expectShares(counts(Sampler(topK: 9, seed: 5)), [0.1, 0.4, 0.2, 0.3])
  }

  @Test func topPKeepsUntilTheSum() throws {
    try expectShares(counts(Sampler(topP: 0.35, seed: 6)), [0, 1, 0, 0])
    try expectShares(counts(Sampler(topP: 0.65, seed: 6)), [0, 4 / 7, 0, 3 / 7])
    try expectShares(counts(Sampler(topP: 1, seed: 6)), [0.1, 0.4, 0.2, 0.3])
    // Of the two of top-k, 4/7 and 3/7.
    try expectShares(counts(Sampler(topK: 2, topP: 0.55, seed: 6)), [0, 1, 0, 0])
    // Of equally likely ones, the first.
    var sampler = try Sampler(topP: 0.4, seed: 6)
    #expect(try Set((0..<100).map { _ in try sampler([1, 1, 1, 1]) }) == [0, 1])
  }

  @Test func anExcludedTokenIsNeverDrawn() throws {
    func shares(_ sampler: Sampler) throws -> [Double] {
      var sampler = sampler
      var counts = [0.0, 0, 0, 0]
      for _ in 0..<20_000 { counts[Int(try sampler(logits, excluding: 1))] += 1 / 20_000 }
      return counts
    }
    try expectShares(shares(Sampler(seed: 3)), [1 / 6, 0, 2 / 6, 3 / 6])
    try expectShares(shares(Sampler(topK: 2, seed: 3)), [0, 0, 0.4, 0.6])
    try expectShares(shares(Sampler(topK: 9, topP: 0.6, seed: 3)), [0, 0, 0.4, 0.6])
    for sampler in try [Sampler(temperature: 0), Sampler(topK: 1), Sampler(temperature: 1e-30)] {
      #expect(try shares(sampler)[3] > 0.999)
    }
    var sampler = try Sampler()
    #expect(throws: RecurrentError.self) { try sampler([1], excluding: 0) }
  }

  @Test func aSeedRepeats() throws {
    func draw(_ seed: UInt64) throws -> [Int32] {
      var sampler = try Sampler(seed: seed)
      return try (0..<50).map { _ in try sampler(logits) }
    }
    #expect(try draw(7) == draw(7))
    #expect(try draw(7) != draw(8))
  }

  @Test func refusesWhatCannotBe() throws {
    for temperature: Float in [-1, .nan, .infinity] {
      #expect(throws: RecurrentError.self) { try Sampler(temperature: temperature) }
    }
    #expect(throws: RecurrentError.self) { try Sampler(topK: 0) }
    for topP: Float in [0, 1.5, .nan] { #expect(throws: RecurrentError.self) { try Sampler(topP: topP) } }
    var sampler = try Sampler()
    #expect(throws: RecurrentError.self) { try sampler([0, .nan]) }
    #expect(throws: RecurrentError.self) { try sampler([]) }
  }
}
