import Testing

@testable import RecurrentData

@Suite struct TimeSeriesTests {
  @Test func stepsAreThoseOfTheTargets() {
    #expect(TimeSeries(targets: [[1, 2, 3], [4, 5, 6]]).steps == 3)
  }
}
