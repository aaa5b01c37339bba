import RecurrentCore
import Testing

@testable import RecurrentData

struct TimestampTests {
  /// The times of a column, or the error of it.
  private func column(_ values: [String], isMonthFirst: Bool? = nil) throws -> (
    seconds: [Double], format: TimestampFormat, note: String?
  ) {
    let first = Array(values[0].utf8)
    var column = try #require(
      TimestampColumn(first: first, first.indices, line: 2, allowsNumbers: true, path: "x.csv"), "\(values[0])")
    for (row, value) in values.enumerated() {
      let bytes = Array(value.utf8)
      try column.append(bytes, bytes.indices, line: row + 2)
    }
    return try column.times(isMonthFirst: isMonthFirst)
  }

  @Test func daysOfTheCalendar() {
    // Ends of months, leap years of all kinds, and the year 1.
    for (date, days) in [
      (CivilDate(year: 1970, month: 1, day: 1), 0), (CivilDate(year: 2000, month: 2, day: 29), 11_016),
      (CivilDate(year: 1900, month: 3, day: 1), -25_508), (CivilDate(year: 1, month: 1, day: 1), -719_162),
      (CivilDate(year: 2016, month: 7, day: 1), 16_983),
    ] {
      #expect(date.days == days)
      #expect(CivilDate(days: days) == date)
    }
    #expect((-800_000...800_000).allSatisfy { $0 % 997 != 0 || CivilDate(days: $0).days == $0 })
    #expect(Timestamp(year: 2024, month: 2, day: 29).weekday == 3)
    #expect(Timestamp(year: 1969, month: 12, day: 28).weekday == 6)
    #expect(CivilDate(year: 2024, month: 1, day: 31).adding(months: 1).day == 29)
    #expect(CivilDate(year: 2024, month: 2, day: 29).adding(months: -11) == CivilDate(year: 2023, month: 3, day: 31))
  }

  /// Every form is read, and written as it was.
  @Test(
    arguments: [
      ("2016-07-01 13:00:00", 1_467_378_000), ("2016-07-01T13:00:00Z", 1_467_378_000), ("2016-07-01", 1_467_331_200),
      ("2016-07-01 13:00", 1_467_378_000), ("2016-07-01 13:00:00.250", 1_467_378_000.25), ("2016/07/01", 1_467_331_200),
      ("2016-07", 1_467_331_200), ("2016", 1_451_606_400), ("1-01", -62_135_596_800), ("1749-01", -6_974_035_200),
      ("04/30/2021", 1_619_740_800), ("30.04.2021 06:30", 1_619_764_200), ("20160701", 1_467_331_200),
      ("1467378000", 1_467_378_000), ("1467378000250", 1_467_378_000.25), ("2008Q3", 1_214_870_400),
      ("0099-12-31", -59_011_545_600),
    ] as [(String, Double)])
  func formsComeBack(text: String, seconds: Double) throws {
    let (times, format, _) = try column([text])
    #expect(times == [seconds])
    #expect(format.text(of: Timestamp(seconds: seconds)) == text)
  }

  /// Forms that are read, and written in another one.
  @Test(arguments: [
    ("2016-07-01T15:00:00+02:00", "2016-07-01T13:00:00Z"), ("2016-07-01 08:30:00-0430", "2016-07-01 13:00:00Z"),
    ("2016-07-01 01:00 PM", "2016-07-01 13:00"), ("7/1/2016 12:05 am", "07/01/2016 00:05"),
    ("Jul 1, 2016", "2016-07-01"), ("1-Jul-2016", "2016-07-01"), ("July 2016", "2016-07"), ("2016-Q3", "2016Q3"),
    ("2016-07-01 24:00:00", "2016-07-02 00:00:00"), (" 2016-7-1 ", "2016-07-01"), ("07/04/16", "07/04/2016"),
  ])
  func otherFormsAreRead(text: String, written: String) throws {
    let (times, format, _) = try column([text])
    #expect(format.text(of: Timestamp(seconds: times[0])) == written)
  }

  @Test(arguments: [
    "", "abc", "2016-13", "12", "2016-07-01x", "2016-07-01 25:00", "2016-07-01 12:61", "2016.5", "1,2", "16-07-01-02",
    "Q5 2016", "2016-07-01T", "2016--07", "-2016-07", "99999999999999999999999999", "00:15",
  ])
  func otherTextIsNoTime(text: String) {
    let bytes = Array(text.utf8)
    #expect(TimestampColumn(first: bytes, bytes.indices, line: 1, allowsNumbers: true, path: "x") == nil)
  }

  @Test func isoTextIsATime() {
    #expect(Timestamp("2018-01-01")?.description == "2018-01-01")
    #expect(Timestamp("2018-01-01 06:00")?.description == "2018-01-01 06:00:00")
    #expect(Timestamp("2018-02-30") == nil)
    #expect(Timestamp("01/02/2018") == nil)
  }

  @Test func orderOfDayAndMonthFollowsFromTheColumn() throws {
    let american = try column(["04/09/2021", "04/16/2021"])
    #expect(american.note == nil && Timestamp(seconds: american.seconds[0]).description == "2021-04-09")
    let european = try column(["09/04/2021", "16/04/2021"])
    #expect(european.note == nil && Timestamp(seconds: european.seconds[0]).description == "2021-04-09")
    // First days of months, whichever is first.
    #expect(
      try Timestamp(seconds: column(["12/01/2020", "01/01/2021", "02/01/2021"]).seconds[2]).description == "2021-02-01")
    #expect(
      try Timestamp(seconds: column(["01/12/2020", "01/01/2021", "01/02/2021"]).seconds[2]).description == "2021-02-01")
    let assumed = try column(["04/05/2021"])
    #expect(
      assumed.note == "x.csv: the month is assumed to be first in dates such as 04/05/2021; if not, add `day-first`.")
    #expect(try Timestamp(seconds: column(["04/05/2021"], isMonthFirst: false).seconds[0]).date.month == 5)
  }

  @Test(arguments: [
    (
      ["2016-07-01", "07/02/2016"], "x.csv, line 3: the time \"07/02/2016\" has another form than in line 2, 2016-07-01"
    ),
    (["04/30/2021", "30/04/2021"], "x.csv, line 3: the day is first here and the month in line 2"),
    (["2016-02-28", "2016-02-30"], "x.csv, line 3: there is no day \"2016-02-30\""),
    (["04/30/2021", "02/30/2021"], "x.csv, line 3: there is no day 2/30/2021"),
    (["2016-07-01", "soon"], "x.csv, line 3: \"soon\" is not a time"),
    (["2016-07-01", ""], "x.csv, line 3: has no time"),
    (["1467378000", "1467378000250"], "x.csv, line 3: the time \"1467378000250\" has another form"),
    (["2016-07-01 00:00", "2016-07-01T00:30"], "x.csv, line 3: the time \"2016-07-01T00:30\" has another form"),
  ])
  func wrongTimes(values: [String], message: String) {
    let error = #expect(throws: RecurrentError.self) { try column(values) }
    #expect(error?.description.hasPrefix(message) == true, "\(String(describing: error))")
    #expect(error?.remedy != nil)
  }

  @Test func midnightMayBeOmitted() throws {
    let (times, format, _) = try column(["2016-07-01", "2016-07-01 01:00:00", "2016-07-01 02:00:00.5"])
    #expect(times == [1_467_331_200, 1_467_334_800, 1_467_338_400.5])
    #expect(format.text(of: Timestamp(seconds: times[2])) == "2016-07-01 02:00:00.5")
    #expect(format.text(of: Timestamp(seconds: 1_467_417_599.96)) == "2016-07-02 00:00:00.0")
  }
}
