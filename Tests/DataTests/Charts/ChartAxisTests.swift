import Testing

@testable import RecurrentData

@Suite struct ChartAxisTests {
  // MARK: Values

  private func labels(_ values: ClosedRange<Double>?, rows: Int = 16) -> [String] {
    ValueAxis(values, rows: rows, spacing: 2).ticks.map(\.label)
  }

  @Test func ticksAreRoundAndFew() {
    #expect(labels(0...1) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(labels(104...622) == ["200", "400", "600"])
    #expect(labels(-17...20.4) == ["-10", "0", "10", "20"])
    #expect(labels(8...39_197) == ["0", "10,000", "20,000", "30,000", "40,000"])
  }

  @Test func longNumbersHaveAnExponent() {
    #expect(labels(0...3e9) == ["0", "1e9", "2e9", "3e9"])
    #expect(labels(-2.5e-7...5e-7) == ["-2e-7", "0", "2e-7", "4e-7"])
    // Where an exponent is not shorter, there is none.
    #expect(labels(1_000_000_000...1_000_000_004).first == "1,000,000,000")
  }

  @Test func equalValuesAreInTheMiddle() {
    #expect(labels(5...5) == ["4.6", "4.8", "5.0", "5.2", "5.4"])
    #expect(labels(0...0) == ["-1", "0", "1"])
    #expect(labels(nil) == labels(0...1))
  }

  @Test func allValuesAreOnTheAxisAndAllTicksInTheMiddleOfARow() {
    for values in [-1e38...1e38, 1e-40...2e-40, 99.9...100.1, -3 ... -2.999, 0...7e9] {
      for rows in [3, 5, 7, 16, 290] {
        let axis = ValueAxis(values, rows: rows, spacing: rows > 100 ? 28 : 2)
        #expect(axis.rows <= rows && !axis.ticks.isEmpty, "\(values) on \(rows) rows")
        #expect(axis.row(values.lowerBound) >= -0.5001 && axis.row(values.upperBound) <= Double(axis.rows) - 0.4999)
        #expect(axis.ticks.allSatisfy { $0.row >= 0 && $0.row < axis.rows })
      }
    }
  }

  // MARK: Steps

  private func ticks(
    _ steps: ClosedRange<Int>, _ start: Double? = nil, _ step: TimeStep = .seconds(3600), width: Double = 72
  ) -> [String] {
    StepAxis(steps, times: start.map { (Timestamp(seconds: $0), step) })
      .ticks(width: width, gap: 2) { Double($0.count) }
      .map { "\($0.step.text(1)) " + $0.label + ($0.context.isEmpty ? "" : " / " + $0.context) }
  }

  // 2016-07-01, a Friday.
  private let july = 1_467_331_200.0

  @Test func stepsAreNumbered() {
    #expect(ticks(0...6) == (0...6).map { "\($0).0 \($0)" })
    #expect(ticks(-95...0, width: 30) == ["-80.0 -80", "-60.0 -60", "-40.0 -40", "-20.0 -20", "0.0 0"])
    #expect(ticks(0...1_000_000, width: 40) == ["0.0 0", "500000.0 500,000", "1000000.0 1,000,000"])
    #expect(ticks(7...7) == ["7.0 7"])
  }

  @Test func ticksAreAtBoundariesOfTheCalendar() {
    #expect(ticks(0...12, july - 3 * 3600).prefix(2) == ["1.0 22:00", "3.0 00:00 / 1 Jul 2016"])
    #expect(
      ticks(0...100, july + 3600) == [
        "11.0 12:00", "23.0 00:00 / 2 Jul 2016", "35.0 12:00", "47.0 00:00 / 3 Jul 2016", "59.0 12:00",
        "71.0 00:00 / 4 Jul 2016", "83.0 12:00", "95.0 00:00 / 5 Jul 2016",
      ])
    #expect(
      ticks(0...200, july, width: 40) == [
        "24.0 Sat 2 / Jul 2016", "72.0 Mon 4", "120.0 Wed 6", "168.0 Fri 8",
      ])
    // Mondays.
    #expect(
      ticks(0...30, july, .seconds(86_400), width: 40) == [
        "3.0 4 Jul / 2016", "10.0 11 Jul", "17.0 18 Jul", "24.0 25 Jul",
      ])
  }

  @Test func monthsAndYearsAreWhereTheirValuesAre() {
    #expect(
      ticks(0...8, july, .months(1), width: 50) == [
        "0.0 Jul / 2016", "1.0 Aug", "2.0 Sep", "3.0 Oct", "4.0 Nov", "5.0 Dec", "6.0 Jan / 2017", "7.0 Feb", "8.0 Mar",
      ])
    #expect(ticks(0...30, july, .months(1), width: 30) == ["6.0 2017", "18.0 2018", "30.0 2019"])
    #expect(ticks(0...3, july, .months(12)) == ["0.0 2016", "1.0 2017", "2.0 2018", "3.0 2019"])
    #expect(
      ticks(0...2809, -6_974_035_200, .months(1), width: 30) == [
        "12.0 1750", "612.0 1800", "1212.0 1850", "1812.0 1900", "2412.0 1950",
      ])
  }

  @Test func businessDaysHaveNoWeekends() {
    #expect(
      ticks(0...5, july, .businessDay, width: 60) == [
        "0.0 Fri 1 / Jul 2016", "1.0 Mon 4", "2.0 Tue 5", "3.0 Wed 6", "4.0 Thu 7", "5.0 Fri 8",
      ])
    // May and October 2016 begin on weekends.
    #expect(
      ticks(-50...80, july, .businessDay, width: 40) == [
        "-44.5 May / 2016", "-22.0 Jun", "0.0 Jul", "21.0 Aug", "44.0 Sep", "65.5 Oct",
      ])
    #expect(StepAxis(0...5, times: (Timestamp(seconds: july), .businessDay)).name(ofStep: 1) == "2016-07-04")
  }

  @Test func aPartOfAYearIsNamedOnlyWhereItFits() {
    // The year of the first tick gives way to that of the second.
    #expect(
      ticks(0...3, july + 153 * 86_400, .months(1), width: 16) == ["0.0 Dec", "1.0 Jan / 2017", "2.0 Feb", "3.0 Mar"])
  }

  @Test func timesOutOfTheCalendarAreNumbers() {
    #expect(ticks(0...2, 1e18) == ["0.0 0", "1.0 1", "2.0 2"])
    #expect(ticks(0...2, .nan) == ["0.0 0", "1.0 1", "2.0 2"])
    #expect(ticks(0...2, july, .seconds(0)) == ["0.0 0", "1.0 1", "2.0 2"])
  }

  @Test func stepsBelowASecondHaveFractions() {
    #expect(
      ticks(0...20, july, .seconds(0.01), width: 40) == [
        "0.0 00:00:00.0 / 1 Jul 2016", "10.0 00:00:00.1", "20.0 00:00:00.2",
      ])
  }

  @Test func aStepIsNamedToItsPrecision() {
    let axis = { (step: TimeStep) in StepAxis(0...99, times: (Timestamp(seconds: self.july), step)) }
    #expect(axis(.seconds(3600)).name(ofStep: 25) == "2016-07-02 01:00")
    #expect(axis(.seconds(86_400)).name(ofStep: 31) == "2016-08-01")
    #expect(axis(.months(1)).name(ofStep: 6) == "2017-01")
    #expect(axis(.months(12)).name(ofStep: 1) == "2017")
    #expect(axis(.seconds(1)).name(ofStep: 61) == "2016-07-01 00:01:01")
  }
}
