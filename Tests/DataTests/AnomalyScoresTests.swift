import Foundation
import Testing

@testable import RecurrentData

@Suite struct AnomalyScoresTests {
  @Test func tailsOfTheNormalDistribution() {
    #expect((normalTailScore(0) - 0.30103).magnitude < 1e-5)
    #expect((normalTailScore(1.6448536) - 1.30103).magnitude < 1e-5)
    #expect((normalTailScore(8) - 15.206144).magnitude < 1e-5)
    // scipy.stats.norm.logsf(z) / -ln 10
    #expect((normalTailScore(29.9) - 196.01344).magnitude < 1e-2)
    #expect((normalTailScore(40) - 349.43701).magnitude < 1e-2)
  }

  @Test func theMovingGaussianMoves() {
    var detector = MovingGaussian(window: 4, refresh: 2)
    let scores = ([1, 3, 1, 3, 6, 6, 6, 2] as [Float]).map { detector($0) }
    // Mean and deviation: none; 1, 0; 2, 1; …; of 1, 3, 1, 3 until two more have come; then of 1, 3, 6, 6.
    let expected = [
      0, 2 / 1e-6, 1, (3 - 5.0 / 3) / (8.0 / 9).squareRoot(), 4, 4, 2 / 4.5.squareRoot(), 2 / 4.5.squareRoot(),
    ]
    for (score, z) in zip(scores, expected).dropFirst() {
      #expect((score - normalTailScore(z)).magnitude <= 1e-5 * score)
    }
    #expect(scores[0] == 0 && detector(.nan).isNaN)
  }

  @Test func theLikelihoodIsOfTheRecentMean() {
    var likelihood = AnomalyLikelihood(window: 50, average: 2, learning: 10)
    let usual = (0..<40).map { likelihood($0.isMultiple(of: 2) ? 1 : -3) }
    #expect(usual[..<10].allSatisfy { $0 == 0 } && usual[10...].allSatisfy { ($0 - 0.30103).magnitude < 0.1 })
    // (7 + 3) / 2 is 3 deviations above a mean of 2.
    #expect((likelihood(7) - normalTailScore(3)).magnitude < 1e-4)
    #expect(likelihood(.nan).isNaN)
  }

  @Test func theTailIsExponential() throws {
    var tail = PeaksOverThreshold(window: 1000, fraction: 0.1)
    #expect((0..<99).allSatisfy { tail(Float($0)) == 0 })
    _ = tail(99)
    // Of 0 to 99, the ten peaks exceed 89 by 5.5 in the mean.
    #expect((tail.score(of: 89) - -log10(11.0 / 100)).magnitude < 1e-6)
    #expect((tail.score(of: 50) - -log10(0.5)).magnitude < 1e-6)
    #expect((tail.score(of: 89 + 5.5 * Float(log(10.0))) - 2).magnitude < 1e-5)
    #expect(try (#require(tail.level(of: 2)) - (89 + 5.5 * Float(log(10.0)))).magnitude < 1e-3)
    #expect(tail.level(of: 0.9) == nil && tail.score(of: .nan).isNaN)
  }

  @Test func theTailForgetsWhatLeavesItsWindow() {
    var (tail, fresh) = (PeaksOverThreshold(window: 100), PeaksOverThreshold(window: 100))
    let values = (0..<100).map { Float(($0 * 37) % 100) }
    for value in values { _ = tail(1000 + value) }
    for value in values {
      _ = tail(value)
      _ = fresh(value)
    }
    #expect([50, 97, 120, 1000].allSatisfy { tail.score(of: $0) == fresh.score(of: $0) })
  }

  @Test func whatExceedsAConstantHasTheLargestScore() {
    var tail = PeaksOverThreshold()
    for _ in 0..<100 { _ = tail(5) }
    #expect(tail.score(of: 5) == 0 && tail.score(of: 5.00001) < 3 && tail.score(of: 6) == 1000)
  }

  @Test func repeatsAreSuppressed() {
    var suppression = RepeatSuppression(steps: 3)
    let scores = ([5, 4, 5, 6, 1, 2, .nan, 5, 1, 1] as [Float]).map { suppression($0) }
    #expect(scores.map { $0.isNaN ? -1 : $0 } == [5, 0, 0, 6, 0, 0, -1, 5, 0, 0])
  }

  @Test func aScorerContinuesFromItsState() throws {
    var scorer = AnomalyScorer(window: 150)
    func score(_ step: Int, by scorer: inout AnomalyScorer) -> Float {
      let value = step == 380 ? 9 : Float((step * 37) % 100) / 100
      return scorer(value: step == 350 ? .nan : value, forecast: step < 100 ? .nan : 0.5)
    }
    for step in 0..<300 { #expect(score(step, by: &scorer) < 3) }
    var restored = try JSONDecoder().decode(AnomalyScorer.self, from: JSONEncoder().encode(scorer))
    for step in 300..<400 {
      let (expected, result) = (score(step, by: &scorer), score(step, by: &restored))
      #expect(expected == result || (step == 350 && expected.isNaN && result.isNaN))
      if step == 380 { #expect(expected > 10) }
    }
  }

  @Test func levelsOfQuantiles() {
    #expect(quantile(of: [3, 1, .nan, 2], at: 0.5) == 2 && quantile(of: [1, 2], at: 0.25) == 1.25)
    #expect(quantile(of: [1, 2], at: 1) == 2 && quantile(of: [.nan], at: 0.5) == nil)
  }
}
