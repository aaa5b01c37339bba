import Testing

@testable import RecurrentData

@Suite struct ChartPointsTests {
  @Test func gapsPartALine() {
    let line = TimeChart.Line(.history, start: 2, values: [1, .nan, 2, 3, .infinity])
    #expect(
      line.runs(over: 0...9, columns: 100) == [
        [ChartPoint(step: 2, value: 1)], [ChartPoint(step: 4, value: 2), ChartPoint(step: 5, value: 3)],
      ])
    #expect(TimeChart.Line(.history, values: [.nan, .nan]).runs(over: 0...1, columns: 10).isEmpty)
    #expect(TimeChart.Line(.history, values: []).runs(over: 0...1, columns: 10).isEmpty)
  }

  @Test func aColumnKeepsFirstLeastGreatestAndLast() {
    // Two columns of five steps.
    let line = TimeChart.Line(.history, values: [3, 9, 5, 1, 4, 4, 4, 4, 4, 4])
    let runs = line.runs(over: 0...9, columns: 2)
    #expect(runs.count == 1 && runs[0].map(\.value) == [3, 9, 1, 4, 4, 4])
    #expect(runs[0].map(\.step) == [2, 2, 2, 2, 7, 7])
  }

  @Test func aGapNarrowerThanAColumnIsNotVisible() {
    var values = [Float](repeating: 1, count: 100)
    values[48] = .nan
    #expect(TimeChart.Line(.history, values: values).runs(over: 0...99, columns: 10).count == 1)
    for index in 40..<55 { values[index] = .nan }
    #expect(TimeChart.Line(.history, values: values).runs(over: 0...99, columns: 10).count == 2)
  }

  @Test func aMillionPointsBecomeAFewPerColumn() {
    let values = (0..<1_000_000).map { Float($0 % 1000) }
    let chart = TimeChart(title: "many", panels: [.init(label: "x", lines: [.init(.history, values: values)])])
    #expect(chart.svg().utf8.count < 40_000)
    #expect(chart.text(height: 5).contains("⣿⣿⣿"))
  }
}
