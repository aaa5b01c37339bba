import Testing

@testable import RecurrentData

@Suite struct NABScoreTests {
  /// Of 40 steps, of which the probation is 6.
  private let window = 20..<30

  private func score(_ alarms: [Int], windows: [Range<Int>]? = nil, steps: Int = 40) -> NABScore {
    var score = NABScore()
    score.add((0..<steps).map { alarms.contains($0) ? 1 : 0 }, windows: windows ?? [window])
    return score
  }

  private func isNear(_ value: Double?, _ expected: Double, by difference: Double = 1e-9) -> Bool {
    value.map { ($0 - expected).magnitude < difference } ?? false
  }

  @Test(arguments: NABScore.Profile.allCases) func nothingIs0AndTheFirstStepOfEachWindow100(_ profile: NABScore.Profile)
  {
    #expect(score([]).value(profile, threshold: 1) == 0)
    #expect(score([20]).value(profile, threshold: 1) == 100)
    #expect(score([20]).best(profile) == NABScore.Result(value: 100, threshold: 1))
    // Where any alarm costs more than it earns, none is best.
    #expect(
      score(Array(60..<100), windows: [100..<110], steps: 400).best(profile)
        == NABScore.Result(value: 0, threshold: .infinity))
  }

  /// By hand: σ(x) = 2 / (1 + exp(5x)) − 1. In the window, at the step 4 before its end of 10: σ(−0.5) / σ(−1). After it, 3
  /// steps past its last: σ(3 / 9). Before it: −1.
  @Test func rewardsAndCosts() {
    let (late, after) = (0.8482836 / 0.9866143, -0.6822617)
    let both = score([10, 25, 27, 32])
    func expect(_ profile: NABScore.Profile, _ expected: Double) {
      #expect(isNear(both.value(profile, threshold: 1), expected, by: 1e-4))
    }
    expect(.standard, 50 * (1 + late + 0.11 * (after - 1)))
    expect(.lowFalsePositives, 50 * (1 + late + 0.22 * (after - 1)))
    expect(.lowFalseNegatives, 100 / 3 * (2 + late + 0.11 * (after - 1)))
  }

  @Test func alarmsInTheProbationDoNotCount() {
    #expect(NABScore.probation(of: 39) == 5 && NABScore.probation(of: 100_000) == 750)
    #expect(score([0, 5]).value(.standard, threshold: 1) == 0)
    #expect(isNear(score([6]).value(.standard, threshold: 1), -5.5))
    #expect(score([0], windows: [0..<6]).value(.standard, threshold: 1) == nil)
  }

  @Test func farAfterAWindowAnAlarmCostsAsMuchAsBeforeIt() {
    #expect(score([6]).value(.standard, threshold: 1) == score([99], steps: 100).value(.standard, threshold: 1))
    #expect(isNear(score([99], windows: [20..<21], steps: 100).value(.standard, threshold: 1), -5.5))
  }

  @Test func oneThresholdSuitsAllSeries() {
    var all = NABScore()
    all.add((0..<40).map { $0 == 20 ? 2 : $0 == 10 ? 1 : 0 }, windows: [window])
    all.add((0..<40).map { $0 == 20 ? 1 : 0 }, windows: [window])
    // Both windows and a false alarm, or one window.
    #expect(isNear(all.value(.standard, threshold: 1), 97.25) && all.value(.standard, threshold: 1.5) == 50)
    #expect(isNear(all.best(.standard)?.value, 97.25) && all.best(.standard)?.threshold == 1)
  }

  @Test func stepsWithoutAValueAreLeftOut() {
    var all = NABScore()
    let scores = (0..<40).map { $0 == 25 ? Float(1) : 0 }
    all.add(scores.flatMap { [$0, .nan] }, windows: [2 * window.lowerBound..<2 * window.upperBound])
    #expect(all.value(.standard, threshold: 1) == score([25]).value(.standard, threshold: 1))
  }
}
