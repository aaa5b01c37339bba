import Foundation
import RecurrentCore
import Testing

@testable import RecurrentData

struct TimeStepTests {
  private func inferred(_ times: [String]) -> TimeStep? {
    TimeStep.inferred(from: [times.compactMap { Timestamp($0)?.seconds }])
  }

  @Test func stepFollowsFromTimes() {
    #expect(inferred(["2016-07-01 00:00", "2016-07-01 01:00", "2016-07-01 03:00", "2016-07-01 04:00"]) == .hour)
    #expect(inferred(["1962-01", "1962-02", "1962-05", "1962-06"]) == .month)
    #expect(inferred(["2020-01-31", "2020-02-29", "2020-03-31"]) == .month)
    #expect(inferred(["1956-01-01", "1956-04-01", "1956-07-01"]) == .months(3))
    #expect(inferred(["1956", "1957", "1959", "1960"]) == .months(12))
    #expect(inferred(["2021-04-09", "2021-04-16", "2021-04-23"]) == .week)
    #expect(inferred(["2021-04-09"]) == nil)
    // The last business days of months.
    #expect(inferred(["2021-01-29", "2021-02-26", "2021-03-31", "2021-04-30", "2021-05-28"]) == .month)
    // Two weeks without Saturdays and Sundays; with one, it is days.
    let days = ["03", "04", "05", "06", "07", "10", "11", "12", "13", "14", "17"].map { "2021-05-\($0)" }
    #expect(inferred(days) == .businessDay)
    #expect(inferred(days + ["2021-05-23"]) == .day)
    // Readings at about equal times.
    let seconds = [0.0, 60.2, 119.7, 180.4, 239.9, 300.1]
    #expect(TimeStep.inferred(from: [seconds]) == .seconds(60))
    #expect(TimeStep.inferred(from: [[0, 3600], [100, 3700], [5]]) == .hour)
  }

  @Test func countsHavePlurals() {
    #expect([TimeStep.hour, .seconds(900), .months(3)].map(\.duration) == ["1 hour", "15 minutes", "1 quarter"])
    #expect([1, 0, 1200].map { $0.counted("step") } == ["1 step", "0 steps", "1,200 steps"])
    #expect([1, 2].map { $0.counted("anomaly", "anomalies") } == ["1 anomaly", "2 anomalies"])
  }

  @Test func daysHaveSteps() {
    let steps: [(TimeStep, Int?)] = [
      (.hour, 24), (.seconds(300), 288), (.seconds(60), 1440), (.seconds(43_200), 2), (.seconds(30), nil),
      (.seconds(420), nil), (.day, nil), (.month, nil), (.businessDay, nil),
    ]
    for (step, count) in steps { #expect(step.stepsPerDay == count) }
  }

  @Test func namesComeBack() throws {
    for (text, step) in [
      ("hour", .hour), ("15 minutes", .seconds(900)), ("day", .day), ("2 weeks", .seconds(14 * 86_400)),
      ("week", .week), ("month", .month), ("quarter", .months(3)), ("year", .months(12)),
      ("business day", .businessDay),
      ("90 minutes", .seconds(5400)), ("250 milliseconds", .seconds(0.25)), ("5 months", .months(5)),
    ] as [(String, TimeStep)] {
      #expect(step.description == text)
      #expect(TimeStep(text) == step)
      #expect(try JSONDecoder().decode(TimeStep.self, from: JSONEncoder().encode(step)) == step)
    }
    #expect(TimeStep("15min") == .seconds(900) && TimeStep("H") == .hour && TimeStep("0.5 s") == .seconds(0.5))
    for text in ["", "0 days", "fortnight", "-1 day", "1.5 months", "2 business days", "9e9 days"] {
      #expect(TimeStep(text) == nil, "\(text)")
    }
  }

  @Test func laterTimes() throws {
    let start = try #require(Timestamp("2020-01-31 06:00"))
    let month = try #require(Timestamp("2020-02-29 06:00"))
    #expect(TimeStep.month.time(after: start, steps: 1) == month)
    #expect(TimeStep.month.time(after: month, steps: 1) == Timestamp("2020-03-31 06:00"))
    #expect(TimeStep.months(12).time(after: start, steps: -2) == Timestamp("2018-01-31 06:00"))
    let friday = try #require(Timestamp("2021-05-07"))
    #expect(TimeStep.businessDay.time(after: friday, steps: 1) == Timestamp("2021-05-10"))
    #expect(TimeStep.businessDay.time(after: friday, steps: -5) == Timestamp("2021-04-30"))
    for steps in [-300, -1, 0, 1, 77] {
      for step in [TimeStep.hour, .week, .months(3), .businessDay] {
        #expect(step.steps(from: friday, to: step.time(after: friday, steps: steps)) == Double(steps), "\(step)")
      }
    }
  }

  @Test func naturalSeasons() {
    #expect(TimeStep.hour.seasons == [24, 168] && TimeStep.seconds(1800).seasons == [48, 336])
    #expect(TimeStep.seconds(300).seasons == [288, 2016] && TimeStep.day.seasons == [7, 365])
    #expect(TimeStep.week.seasons == [52] && TimeStep.month.seasons == [12] && TimeStep.months(3).seasons == [4])
    #expect(TimeStep.months(12).seasons == [] && TimeStep.businessDay.seasons == [5])
    #expect(TimeStep.seconds(420).seasons == [1440] && TimeStep.seconds(0.5).seasons == [120, 7200, 172_800])
  }

  @Test func calendarFeatures() throws {
    let time = try #require(Timestamp("2023-12-31 12:00"))
    let values = CalendarFeature.allCases.map { $0.value(at: time) }
    #expect(values == [0, 0.5, 0.5, Float(364.0 / 365 - 0.5), 0.5])
    let monday = Timestamp(year: 2024)
    #expect(CalendarFeature.allCases.allSatisfy { $0.value(at: monday) == -0.5 })
    #expect(CalendarFeature.varying(with: .hour) == [.hourOfDay, .dayOfWeek, .dayOfMonth, .dayOfYear])
    #expect(CalendarFeature.varying(with: .month) == [.month] && CalendarFeature.varying(with: .months(12)) == [])
    #expect(CalendarFeature.varying(with: .week) == [.dayOfMonth, .dayOfYear])
  }
}
