import Foundation
import RecurrentCore
import Testing

@testable import RecurrentData

private let folder = ProcessInfo.processInfo.environment["RECUR_DATA_DIR"]

/// Public series as they are fetched. `make test` sets RECUR_DATA_DIR; where it has no such file, that test is skipped.
struct SeriesFilesTests {
  private static func has(_ name: String) -> Bool {
    folder.map { FileManager.default.fileExists(atPath: $0 + "/" + name) } ?? false
  }

  private func read(_ name: String, _ change: (inout SeriesFormat) -> Void = { _ in }) throws -> SeriesData.Contents {
    var format = SeriesFormat()
    change(&format)
    return try SeriesData.contents(of: #require(folder) + "/" + name, format: format)
  }

  /// The step, the number of steps, the first and last times as they are written, and the number of missing values.
  private func summary(_ name: String, _ change: (inout SeriesFormat) -> Void = { _ in }) throws -> [String] {
    let data = try read(name, change).data
    return data.series.map { one in
      let ends = [0, one.steps - 1].compactMap { one.time(at: $0).map(data.timeFormat.text) }
      let missing = one.targets.joined().count { $0.isNaN }
      return ([one.step?.description ?? "–", "\(one.steps)"] + ends + ["\(missing)"]).joined(separator: " ")
    }
  }

  @Test(.enabled(if: has("ett/ETTh1.csv"), "RECUR_DATA_DIR names no folder with ett/ETTh1.csv"))
  func transformers() throws {
    let found = try read("ett/ETTh1.csv")
    let series = found.data.series[0]
    #expect(found.data.targets == ["HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT"] && found.notes.isEmpty)
    #expect(try summary("ett/ETTh1.csv") == ["hour 17420 2016-07-01 00:00:00 2018-06-26 19:00:00 0"])
    #expect(series.targets[0][0] == 5.827000141143799 && series.targets[6][17_419] == 9.56700038909912)
    let parts = try #require(SeriesSplit("8640,2880,2880")).parts(of: series)
    #expect(Season.detect(series.targets[0][parts.training], step: found.data.step) == 24)
  }

  @Test(.enabled(if: has("series/taylor.csv"), "RECUR_DATA_DIR names no folder with series/taylor.csv"))
  func seriesAsPeopleHaveThem() throws {
    #expect(try summary("series/ausbeer.csv") == ["quarter 211 1956-01-01 2008-07-01 0"])
    #expect(try summary("series/heart_rate.csv") == ["– 1800 0"])
    #expect(try summary("series/monthly-milk.csv") == ["month 168 1962-01 1975-12 0"])
    #expect(try summary("series/us_gasoline.csv") == ["week 1578 02/08/1991 04/30/2021 0"])
    #expect(try summary("series/taylor.csv") == ["– 4032 0"])
    #expect(try Season.detect(read("series/taylor.csv").data.series[0].targets[0]) == 336)
    let milk = try read("series/monthly-milk-incomplete.csv")
    #expect(milk.data.series[0].targets[0].count { $0.isNaN } == 168 - 155)
    #expect(milk.notes.count == 1 && milk.notes[0].contains(": 13 of 168 steps (month) have no row and are missing: "))
  }

  @Test(.enabled(if: has("timeseries/shampoo.csv"), "RECUR_DATA_DIR names no folder with timeseries"))
  func textbookSeries() throws {
    #expect(try summary("timeseries/airline-passengers.csv") == ["month 144 1949-01 1960-12 0"])
    #expect(try summary("timeseries/daily-min-temperatures.csv") == ["day 3652 1981-01-01 1990-12-31 2"])
    #expect(try summary("timeseries/daily-max-temperatures.csv") == ["day 3652 1981-01-01 1990-12-31 2"])
    #expect(try summary("timeseries/daily-total-female-births.csv") == ["day 365 1959-01-01 1959-12-31 0"])
    #expect(try summary("timeseries/monthly-sunspots.csv") == ["month 2820 1749-01 1983-12 0"])
    #expect(try summary("timeseries/shampoo.csv") == ["month 36 1-01 3-12 0"])
  }

  @Test(.enabled(if: has("stocks/stocks.csv"), "RECUR_DATA_DIR names no folder with stocks/stocks.csv"))
  func stocks() throws {
    let prices = try read("stocks/stocks.csv") { ($0.id, $0.targets) = (.name("Ticker"), [.name("Adj Close")]) }
    #expect(prices.data.series.map(\.id) == ["AAPL", "FB", "GOOG", "IBM", "MSFT"] && prices.data.step == .businessDay)
    #expect(prices.data.series.map { $0.targets[0].count { !$0.isNaN } } == [3270, 196, 2148, 3270, 3270])
    #expect(prices.data.series[0].steps == 3393 && prices.data.series[0].time(at: 3392) == Timestamp("2013-03-01"))
  }

  @Test(.enabled(if: has("m4/Hourly-train.csv.gz"), "RECUR_DATA_DIR names no folder with m4"))
  func competition() throws {
    let train = try read("m4/Hourly-train.csv.gz")
    #expect(train.data.series.count == 414 && Set(train.data.series.map(\.steps)) == [700, 960])
    #expect(train.data.series[0].id == "H1" && train.data.series[0].targets[0][0] == 605)
    #expect(try Set(read("m4/Hourly-test.csv").data.series.map(\.steps)) == [48])
  }

  @Test(.enabled(if: has("nab/realKnownCause/nyc_taxi.csv"), "RECUR_DATA_DIR names no folder with nab"))
  func anomalies() throws {
    let artificial = try read("nab/artificialWithAnomaly")
    #expect(artificial.data.series.count == 6 && artificial.data.step == .seconds(300))
    #expect(artificial.data.series.allSatisfy { $0.steps == 4032 && $0.targets.count == 1 })
    #expect(
      try summary("nab/realKnownCause/nyc_taxi.csv") == ["30 minutes 10320 2014-07-01 00:00:00 2015-01-31 23:30:00 0"])
    // Clocks were changed.
    let error = #expect(throws: RecurrentError.self) { try read("nab/realKnownCause") }
    #expect(error?.description.contains("is repeated") == true)
    let rows = try read("nab/realKnownCause") { $0.spacing = .rows }
    #expect(rows.data.series.map(\.steps) == [7267, 18_050, 4032, 22_695, 10_320, 1882, 5315])
  }
}
