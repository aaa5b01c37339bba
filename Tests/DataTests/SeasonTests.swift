import Foundation
import RecurrentCore
import Testing

@testable import RecurrentData

struct SeasonTests {
  /// Values of a wave with noise.
  private func wave(_ period: Double, steps: Int, noise: Float = 0.3, drift: Float = 0) -> [Float] {
    var random = RandomSource(seed: 7, stream: 1)
    return (0..<steps).map { step in
      Float(sin(Double(step) * 2 * .pi / period)) + noise * Float(random.uniform() - 0.5) + drift * Float(step)
    }
  }

  @Test func seasonsOfTheStepAreVerified() {
    #expect(Season.detect(wave(24, steps: 1000), step: .hour) == 24)
    #expect(Season.detect(wave(168, steps: 1000, drift: 0.1), step: .hour) == 168)
    #expect(Season.detect(wave(40, steps: 1000), step: .hour) == nil)
    #expect(Season.detect(wave(12, steps: 30, noise: 0.1), step: .month) == 12)
    #expect(Season.detect(wave(12, steps: 20, noise: 0.1), step: .month) == nil)
  }

  @Test func withoutAStepTheStrongestPeriod() {
    #expect(Season.detect(wave(48, steps: 1000)) == 48)
    #expect(Season.detect(wave(7, steps: 100, drift: 1)) == 7)
    var missing = wave(48, steps: 1000)
    for step in missing.indices where step % 5 == 2 || (300..<400).contains(step) { missing[step] = .nan }
    #expect(Season.detect(missing) == 48)
  }

  @Test func seriesWithoutASeason() {
    var random = RandomSource(seed: 3, stream: 1)
    let noise = (0..<2000).map { _ in Float(random.uniform()) }
    let walk = noise.reduce(into: [Float(0)]) { $0.append(($0.last ?? 0) + $1 - 0.5) }
    for values in [
      noise, walk, [Float](repeating: 5, count: 100), (0..<100).map { Float($0) }, [], [1],
      [Float](repeating: .nan, count: 50),
    ] {
      #expect(Season.detect(values) == nil)
      #expect(Season.detect(values, step: .hour) == nil)
    }
  }
}
