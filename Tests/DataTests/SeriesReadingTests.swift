import Foundation
import RecurrentCore
import Testing

@testable import RecurrentData

struct SeriesReadingTests {
  private static let nan = Float.nan

  @Test func columnsOfNumbersAreTargets() throws {
    let found = try contents("date,a,note,b\n2016-07-01 00:00:00,1.5,x,-2e-3\n2016-07-01 01:00:00,2,y,4\n")
    #expect(found.data.targets == ["a", "b"])
    #expect(found.data.series[0].targets == [[1.5, 2], [-0.002, 4]])
    #expect(found.data.step == .hour && found.data.series[0].start == Timestamp("2016-07-01"))
    #expect(found.notes == ["x.csv: column note has texts and is ignored."])
    #expect(found.format.targets == [.name("a"), .name("b")] && found.format.time == .name("date"))
    #expect(found.data.series[0].lines == [2, 3])
    // The format that was found reads the same.
    let again = try SeriesData.table(
      Array("date,a,note,b\n2016-07-01 00:00:00,1.5,x,-2e-3\n2016-07-01 01:00:00,2,y,4\n".utf8), from: "x.csv",
      found.format)
    #expect(again.data == found.data)
  }

  @Test func tablesWithoutTimesOrHeader() throws {
    let one = try contents("\"Y\"\r\n22262\r\n21756")
    #expect(one.data.targets == ["Y"] && one.data.series[0].targets == [[22262, 21756]])
    #expect(one.data.step == nil && one.data.series[0].start == nil && one.notes.isEmpty)
    let bare = try contents("1949-01\t112\n1949-02\t118\n", name: "x.tsv")
    #expect(bare.data.targets == ["2"] && bare.data.step == .month)
    #expect(bare.notes == ["x.tsv: line 1 is read as data; if it is a header, add `header` yes."])
    #expect(try contents("5\n6\n7\n").data.series[0].targets == [[5, 6, 7]])
    // Columns that count the rows are no variables.
    let counted = try contents(",value\n0,5\n1,7\n2,6\n")
    #expect(counted.data.targets == ["value"])
    #expect(counted.notes == ["x.csv: column 1 counts the rows and is ignored."])
    #expect(try contents("time,value\n0,5\n1,7\n").data.targets == ["value"])
    // An hour of the day is no time, and neither is a year that recurs.
    #expect(try contents("year,hour,value\n2010,0,5\n2010,1,7\n").data.targets == ["year", "hour", "value"])
    #expect(try contents("year,value\n2010,5\n2011,7\n").data.step == .months(12))
    // A time of day in a column of its own belongs to the date.
    let parts = try contents("Date;Time;power\n31/12/2006;23:59:00;4.2\n1/1/2007;00:00:00;?\n1/1/2007;00:01:00;5\n")
    #expect(parts.data.targets == ["power"] && parts.data.step == .seconds(60))
    #expect(parts.data.series[0].time(at: 2).map(parts.data.timeFormat.text) == "01/01/2007 00:01:00")
  }

  @Test func columnsByName() throws {
    let text = """
      when;shop;sales;price;holiday;kind;open
      2021-05-03;a;1;10;;big;1
      2021-05-03;b;5;20;;small;1
      2021-05-04;a;2;11;may;big;0
      2021-05-05;a;;12;;big;1
      2021-05-04;b;6;;;small;1
      """
    let found = try contents(text) {
      $0.id = .name("Shop")
      ($0.targets, $0.past, $0.known) = ([.name("sales")], [.name("price")], [.name("open")])
      ($0.categories, $0.staticCategories) = ([.name("holiday")], [.name("kind")])
    }
    let data = found.data
    #expect(data.series.map(\.id) == ["a", "b"] && data.step == .day)
    #expect(same(data.series[0].targets[0], [1, 2, .nan]) && same(data.series[0].past[0], [10, 11, 12]))
    #expect(data.series[1].targets == [[5, 6]] && same(data.series[1].past[0], [20, .nan]))
    #expect(data.series[0].known == [[1, 0, 1]] && data.series[0].categories == [["", "may", ""]])
    #expect(data.series.map(\.staticCategories) == [["big"], ["small"]])
    #expect(data.series.map(\.lines) == [[2, 4, 5], [3, 6]])
    #expect(
      found.notes == [
        "x.csv: the delimiter is a semicolon, not a comma.",
        "x.csv: 2 values are missing: sales 1 (first in line 5), price 1 (first in line 6).",
      ])
  }

  @Test func knownCovariatesReachBeyondTheTargets() throws {
    let text = "date,y,promotion\n2021-05-03,1,0\n2021-05-04,2,1\n2021-05-05,,1\n2021-05-06,,0\n"
    let known = try contents(text) { ($0.targets, $0.known) = ([.name("y")], [.name("promotion")]) }
    #expect(known.data.series[0].targets == [[1, 2]] && known.data.series[0].known == [[0, 1, 1, 0]])
    #expect(known.notes.isEmpty)
    let unknown = try contents(text) { $0.targets = [.name("y")] }
    #expect(unknown.data.series[0].targets == [[1, 2]] && unknown.data.series[0].lines == [2, 3])
    #expect(unknown.notes == ["x.csv: rows without values at the end, from line 4, are left out."])
  }

  @Test func rowsAsSeries() throws {
    let found = try contents("\"V1\",\"V2\",\"V3\",\"V4\"\n\"H1\",\"1\",\"2\",\"3\"\n\"H2\",\"4\",,\n\"H3\",,5,6\n")
    #expect(found.data.series.map(\.id) == ["H1", "H2", "H3"] && found.data.targets == ["value"])
    #expect(found.data.series[0].targets == [[1, 2, 3]] && found.data.series[1].targets == [[4]])
    #expect(same(found.data.series[2].targets[0], [.nan, 5, 6]))
    #expect(
      found.notes == [
        "x.csv: each row is read as a series; if rows are time steps, add `rows` steps.",
        "x.csv: 1 value is missing, the first in series H3.",
      ])
    let dated = try contents("page,2015-07-01,2015-07-02,2015-07-03\nhome,4,5,6\n") { $0.shape = .series }
    #expect(dated.data.step == .day && dated.data.series[0].time(at: 3) == Timestamp("2015-07-04"))
    // Rows of any length, without a header.
    let ragged = try contents("a,1,2,3\nb,4\n") { $0.shape = .series }
    #expect(ragged.data.series.map(\.targets) == [[[1, 2, 3]], [[4]]])
    // A table with names is no list of series.
    #expect(try contents("name,height,weight\nx,1,2\ny,3,4\n").data.targets == ["height", "weight"])
  }

  @Test func rowsAreSortedByTime() throws {
    let descending = try contents("Week,v\n04/30/2021,3\n04/23/2021,2\n04/16/2021,1\n")
    #expect(descending.data.series[0].targets == [[1, 2, 3]] && descending.data.step == .week)
    #expect(descending.data.series[0].lines == [4, 3, 2])
    #expect(descending.notes == ["x.csv: the newest row is first; rows are put into the order of time."])
    let mixed = try contents("d,v\n2021-05-03,3\n2021-05-01,1\n2021-05-02,2\n")
    #expect(mixed.data.series[0].targets == [[1, 2, 3]])
    #expect(mixed.notes == ["x.csv: rows are sorted by time; line 3 is earlier than the row before it."])
  }

  @Test func missingStepsAndTimesOffTheGrid() throws {
    let gaps = try contents("Month,v\n1964-01,1\n1964-02,2\n1964-04,4\n1964-07,7\n1964-08,8\n")
    #expect(same(gaps.data.series[0].targets[0], [1, 2, .nan, 4, .nan, .nan, 7, 8]))
    #expect(gaps.data.series[0].lines == [2, 3, 0, 4, 0, 0, 5, 6])
    #expect(gaps.notes == ["x.csv: 3 of 8 steps (month) have no row and are missing: 1964-03, 1964-05 to 1964-06."])
    let moved = try contents("t,v\n2021-05-03 00:01,0\n2021-05-03 01:00,1\n2021-05-03 02:00,2\n2021-05-03 03:00,3\n")
    #expect(moved.data.series[0].start == Timestamp("2021-05-03") && moved.data.series[0].targets == [[0, 1, 2, 3]])
    #expect(moved.notes == ["x.csv: 1 time is moved to the nearest step (hour), the first in line 2."])
  }

  @Test func businessDays() throws {
    let days = ["03", "04", "05", "06", "07", "10", "12", "13", "14", "17", "18"]
    let text = "date,close\n" + days.enumerated().map { "2021-05-\($1),\($0)\n" }.joined()
    let found = try contents(text)
    #expect(found.data.step == .businessDay)
    #expect(same(found.data.series[0].targets[0], [0, 1, 2, 3, 4, 5, .nan, 6, 7, 8, 9, 10]))
    #expect(found.notes == ["x.csv: 1 of 12 steps (business day) has no row and is missing: 2021-05-11."])
    let rows = try contents(text) { $0.spacing = .rows }
    #expect(rows.data.series[0].steps == 11 && rows.data.series[0].time(at: 6) == Timestamp("2021-05-12"))
    #expect(rows.data.series[0].time(at: 11) == Timestamp("2021-05-19") && rows.notes.isEmpty)
  }

  @Test func constantColumnsAndChangesOfUnit() throws {
    let rows = (0..<40).map { "\($0 < 25 ? 5 + $0 % 3 : 5000 + 1000 * ($0 % 3)),7" }
    let found = try contents("grams,c\n" + rows.joined(separator: "\n"))
    #expect(
      found.notes == [
        "x.csv: column c is constant.",
        "x.csv, line 27: grams is about 1,000 times as large from here on: has its unit changed?",
      ])
    #expect(UnitChange(of: (0..<100).map { exp2(Float($0) / 4) }) == nil)
    #expect(UnitChange(of: (0..<100).map { $0 % 10 == 9 ? 5000 : 1 }) == nil)
    #expect(UnitChange(of: (0..<100).map { $0 < 50 ? 5000 : 1 })?.step == 50)
  }

  @Test func numbers() {
    for (text, value) in [
      ("5.827000141143799", 5.827000141143799), ("-0.30000001192092896", -0.30000001192092896), (" 12 ", 12),
      ("1e3", 1000), ("+.5", 0.5), ("5.", 5), ("1E-30", 1e-30),
      ("123456789012345678901234567890", 1.2345678901234568e29),
      ("0.00000000000000000000000000000000000001", 1e-38), ("0e99", 0),
    ] as [(String, Float)] {
      let bytes = Array(text.utf8)
      guard case .value(let read) = NumberScanner.float(in: bytes, bytes.indices) else {
        Issue.record("\(text) is not read")
        continue
      }
      #expect(read == value, "\(text)")
    }
    for text in ["", " ", "NA", "nan", "null", "-", "?", "None", "#N/A"] {
      let bytes = Array(text.utf8)
      guard case .missing = NumberScanner.float(in: bytes, bytes.indices) else {
        Issue.record("\(text) is not missing")
        continue
      }
    }
  }
}
