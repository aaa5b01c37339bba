import Foundation
import RecurrentCore
import Testing

@testable import RecurrentData

/// Each wrong table is one clear line with file and row.
struct SeriesBadInputTests {
  @Test(arguments: [
    (
      "date,v\n2021-05-03,1\n2021-05-04,2\n2021-05-03,3\n",
      "x.csv, line 4: the time 2021-05-03 is repeated, it is also in line 2"
    ),
    ("date,v\n2021-05-03,1\n05/04/2021,2\n", "x.csv, line 3: the time \"05/04/2021\" has another form than in line 2"),
    ("date,v\n2021-05-03,1\n2021-05-04,x1\n", "x.csv, line 3: \"x1\" in column v is not a number"),
    (
      "a,v\n1,1\n2,\"1,234\"\n",
      "x.csv, line 3: \"1,234\" in column v is not a number; write numbers with a decimal point"
    ),
    // Columns of which all values are like this are not taken for texts.
    ("d;v\n1;3,14\n2;1.000,5\n", "x.csv, line 2: \"3,14\" in column v is not a number; write numbers with a decimal"),
    ("d;v\n1;\n2;1 234\n", "x.csv, line 3: \"1 234\" in column v is not a number; write numbers with a decimal"),
    ("v\n1\n-inf\n", "x.csv, line 3: \"-inf\" in column v is infinite"),
    ("v\n1\n1e39\n", "x.csv, line 3: \"1e39\" in column v is infinite"),
    ("v,w\n1,\n2,NA\n", "x.csv: column w has no values"),
    ("v,w\n1,2\n2\n", "x.csv, line 3: has 1 column, line 1 has 2"),
    ("v,w\n", "x.csv: has a header but no rows"), ("", "x.csv: is empty"),
    ("name,kind\na,b\nc,d\n", "x.csv: has no column of numbers"),
    ("date,v\n2021-05-03,1\n,2\n", "x.csv, line 3: has no time"),
    (
      "date,v\n2021-05-03,1\n2021-05-04,1\n3021-05-05,1\n",
      "x.csv, line 4: the time 3021-05-05 is 365,243 steps (day) after that of line 3"
    ),
    (
      "t,v\n2021-05-03 00:00,1\n2021-05-03 01:00,1\n2021-05-03 01:10,1\n2021-05-03 02:00,1\n2021-05-03 03:00,1\n2021-05-03 04:00,1\n2021-05-03 05:00,1\n2021-05-03 06:00,1\n",
      "x.csv, line 4: the time 2021-05-03 01:10 and that of line 3, 2021-05-03 01:00, are on the same step (hour)"
    ),
  ])
  func wrongTables(text: String, message: String) {
    let error = #expect(throws: RecurrentError.self) { try contents(text) }
    #expect(error?.description.hasPrefix(message) == true, "\(String(describing: error))")
    #expect(error?.remedy != nil)
  }

  @Test func wrongColumns() {
    let text = "date,shop,v\n2021-05-03,a,1\n2021-05-04,a,2\n"
    func message(_ change: (inout SeriesFormat) -> Void) -> String? {
      #expect(throws: RecurrentError.self) { try contents(text, change) }?.description
    }
    #expect(
      message { $0.targets = [.name("w")] }
        == "x.csv, line 1: has no column w; use one of date, shop, v, or give columns by number if there is no header")
    #expect(
      message {
        $0.targets = [.name("v")]; $0.known = [.name("V")]
      } == "x.csv: column v is a target and a known covariate; name each column once")
    #expect(
      message { $0.targets = [.name("shop")] }?.hasPrefix("x.csv, line 2: \"a\" in column shop is not a number") == true
    )
    #expect(
      message { $0.known = [.name("shop")] }?.hasSuffix("or give its column as a `category`") == true)
    #expect(message { $0.time = .name("shop") }?.hasPrefix("x.csv, line 2: \"a\" in column shop is not a time") == true)
    #expect(
      message {
        $0.targets = [.name("v")]; $0.layout.header = false
      }?.hasPrefix("x.csv: has no header, so column v is unknown") == true)
    #expect(
      message { $0.staticCategories = [.name("date")] }?.hasPrefix(
        "x.csv, line 3: column date is 2021-05-04, but 2021-05-03 in line 2") == true)
  }

  @Test func wrongRowsOfSeries() {
    let start = "V1,V2,V3\nH1,1,2\n"
    for (text, message) in [
      (start + "H1,3,4\n", "x.csv, line 3: series H1 is repeated, it is also in line 2"),
      (start + "H2,,\n", "x.csv, line 3: series H2 has no values"),
      (start + "H2,1,x\n", "x.csv, line 3: \"x\" in column V3 is not a number"),
    ] {
      let error = #expect(throws: RecurrentError.self) { try contents(text) { $0.shape = .series } }
      #expect(error?.description.hasPrefix(message) == true, "\(String(describing: error))")
    }
  }

  @Test func foldersOfTables() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "series-\(UInt64.random(in: 0 ... .max))")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder.appendingPathComponent("b"), withIntermediateDirectories: true)
    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }
    try write("a.csv", "t,v\n2021-05-03,1\n2021-05-04,2\n")
    try write("b/c.csv", "t,v\n2021-05-03 00:00,1\n2021-05-03 01:00,2\n")
    try write("README.txt", "text")
    let found = try SeriesData.contents(of: folder.path)
    #expect(found.data.series.map(\.id) == ["a.csv", "b/c.csv"] && found.skipped == ["README.txt"])
    #expect(found.data.step == nil && found.data.series.map(\.step) == [.day, .hour])
    #expect(found.notes == ["\(folder.path): the series have different steps: day, hour."])
    for name in ["a.csv", "b/c.csv", "d.csv"] { try write(name, "t,v,shop\n2021-05-03,1,x\n2021-05-04,2,y\n") }
    #expect(
      try SeriesData.contents(of: folder.path).notes
        == ["\(folder.path)/a.csv and 2 more files: column shop has texts and is ignored."])
    try write("b/c.csv", "t,w\n2021-05-03,1\n")
    let error = #expect(throws: RecurrentError.self) { try SeriesData(contentsOf: folder.path) }
    #expect(
      error?.description.hasPrefix("\(folder.path)/b/c.csv: has columns w, but \(folder.path)/a.csv has v") == true)
  }
}
