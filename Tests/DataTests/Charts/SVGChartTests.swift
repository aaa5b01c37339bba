import Testing

@testable import RecurrentData

@Suite struct SVGChartTests {
  private func chart(_ lines: [TimeChart.Line], label: String = "x") -> TimeChart {
    TimeChart(title: "t", panels: [.init(label: label, lines: lines)])
  }

  /// The data of the paths of a class.
  private func paths(_ name: String, in svg: String) -> [Substring] {
    svg.matches(of: /<path class="([a-z]+)" d="([^"]*)"\/>/).filter { $0.1 == name }.map(\.2)
  }

  /// Whether each element is closed in order, with quoted attributes and no text that would need to be escaped.
  private func isWellFormed(_ svg: String) -> Bool {
    var open: [Substring] = []
    var rest = svg[...]
    while let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") {
      let tag = rest[rest.index(after: start)..<end]
      if tag.hasPrefix("/") {
        guard open.popLast() == tag.dropFirst() else { return false }
      } else {
        guard tag.wholeMatch(of: /[a-z]+( [A-Za-z-]+="[^"<]*")*\/?/) != nil else { return false }
        if !tag.hasSuffix("/") { open.append(tag.prefix { $0 != " " }) }
      }
      rest = rest[rest.index(after: end)...]
    }
    return open.isEmpty && rest == "\n" && !svg.contains(/&(?!(amp|lt|gt|quot);)/) && !svg.contains("nan")
  }

  @Test func namesAreEscaped() {
    let svg = TimeChart(
      title: "a < b & \"c\"", panels: [.init(label: "<x>\u{1B}", lines: [.init(.history, name: "&", values: [1, 2])])]
    ).svg()
    #expect(isWellFormed(svg))
    #expect(svg.contains("<title>a &lt; b &amp; &quot;c&quot;</title>") && svg.contains(">&lt;x&gt;\u{FFFD}</text>"))
  }

  @Test func allPartsAreDrawn() {
    var panel = TimeChart.Panel(
      label: "load (MW)",
      lines: [
        .init(.history, values: [1, 2, 3]), .init(.truth, start: 3, values: [2, 1]),
        .init(.forecast, start: 3, values: [2, 2]),
      ])
    panel.bands = [
      .init(level: 80, start: 3, lower: [1, 1], upper: [3, 3]),
      .init(level: 95, start: 3, lower: [0, 0], upper: [4, 4]),
    ]
    panel.marks = [.init(name: "flagged value", step: 1, value: 2)]
    panel.windows = [.init(.labelled, steps: 0..<2), .init(.flagged, steps: 1..<2)]
    var chart = TimeChart(
      title: "t", times: (Timestamp(seconds: 0), .months(1)), panels: [panel, panel])
    chart.origin = 3
    let svg = chart.svg()
    #expect(isWellFormed(svg))
    for name in ["history", "truth", "forecast", "mark", "labelled", "flagged", "origin"] {
      #expect(paths(name, in: svg).count == 3, "\(name): in the legend and in two panels")
    }
    // The legend of the inner band has both.
    #expect(paths("band", in: svg).count == 7 && svg.contains(">80 %<") && svg.contains(">95 %<"))
    #expect(svg.contains(">from 1970-04<") && svg.contains(">1970</text>") && svg.contains("prefers-color-scheme:dark"))
    #expect(
      svg.contains(
        "<desc>load (MW): history, truth, forecast; load (MW): history, truth, forecast; 1970-01 to 1970-05</desc>"))
  }

  @Test func pathsAreRelativeAndCompact() {
    var path = SVGPath()
    path.add([(10, 10), (12.5, 10), (12.5, 8), (12.54, 8), (13, 9.25)])
    path.add([(1, 1)])
    #expect(path.data == "M10 10h2.5v-2l.5 1.3M1 1h0")
  }

  @Test func gapsPartALineAndABand() {
    let gapped: [Float] = [1, 2, .nan, 2, 1]
    var panel = TimeChart.Panel(label: "x", lines: [.init(.history, values: gapped)])
    panel.bands = [.init(level: 80, start: 0, lower: gapped, upper: [3, 3, 3, 3, .infinity])]
    let svg = TimeChart(title: "t", panels: [panel]).svg()
    #expect(isWellFormed(svg))
    #expect(paths("history", in: svg).last?.filter { $0 == "M" }.count == 2)
    #expect(paths("band", in: svg).last?.filter { $0 == "z" }.count == 2)
  }

  @Test(
    arguments: [
      [], [5], [5, 5, 5], [.nan, .nan], [1e9, 2e9], [1e-20, -1e-20], [-3, -1], [.greatestFiniteMagnitude, 0],
      [.infinity, 1],
    ] as [[Float]])
  func anyValuesGiveWellFormedCharts(values: [Float]) {
    let svg = chart([.init(.history, values: values)]).svg()
    #expect(isWellFormed(svg))
    #expect(svg.contains("class=\"axis\""))
  }

  @Test func aLongSeriesHasNoMoreThanItsPixels() {
    let values = (0..<100_000).map { Float($0 % 7) }
    let windows = (0..<50_000).map { TimeChart.Window(.flagged, steps: 2 * $0..<2 * $0 + 1) }
    let svg = TimeChart(
      title: "t", panels: [.init(label: "x", lines: [.init(.history, values: values)], windows: windows)]
    ).svg()
    #expect(svg.utf8.count < 40_000)
    #expect(paths("flagged", in: svg).last?.filter { $0 == "z" }.count == 1)
  }
}
