import Testing

@testable import RecurrentData

@Suite struct NaiveForecastTests {
  private let gap = Float.nan

  @Test func repeatsTheLastKnownValue() {
    #expect(NaiveForecast.lastValue(after: [1, 4, gap][...], steps: 3) == [4, 4, 4])
  }

  @Test func repeatsTheLastKnownSeason() {
    #expect(NaiveForecast.seasonal(3)(after: [1, 2, 3, 4, gap, 6][...], steps: 5) == [4, 2, 6, 4, 2])
    #expect(NaiveForecast.seasonal(3)(after: [9, 1, 2, 3][1...], steps: 2) == [1, 2])
  }

  @Test func theDriftContinuesTheLineFromFirstToLast() {
    #expect(NaiveForecast.drift(after: [gap, 10, 7, 14, gap][...], steps: 2) == [18, 20])
  }

  @Test func withoutHistoryAForecastIsMissing() {
    for forecast in [NaiveForecast.lastValue, .seasonal(2), .drift, .naive2(season: 2)] {
      let values = forecast(after: [gap][...], steps: 2)
      #expect(values.count == 2 && values.allSatisfy(\.isNaN))
    }
    #expect(NaiveForecast.seasonal(4)(after: [1, 2][...], steps: 4).map(\.isNaN) == [true, true, false, false])
  }

  @Test(arguments: [2, 3]) func naive2MultipliesBySeasonalIndices(season: Int) {
    let factors = [[], [], [1.5, 0.5], [1.5, 0.5, 1]][season] as [Float]
    let series = (0..<24).map { 100 * factors[$0 % season] }
    let forecast = NaiveForecast.naive2(season: season)(after: series[...], steps: 4)
    for (step, value) in forecast.enumerated() {
      #expect((value - 100 * factors[(24 + step) % season]).magnitude < 1e-3)
    }
  }

  @Test func naive2OfASeriesWithoutSeasonRepeatsTheLastValue() {
    let series = (0..<40).map { Float(($0 * $0) % 7) }
    #expect(NaiveForecast.naive2(season: 4)(after: series[...], steps: 2) == [series[39], series[39]])
  }
}
