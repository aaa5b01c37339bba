import Testing

@testable import RecurrentData

@Suite struct TextChartTests {
  private let times = (start: Timestamp(seconds: 1_467_331_200), step: TimeStep.seconds(86_400))

  private func chart(_ values: [Float], label: String = "x") -> TimeChart {
    TimeChart(title: "t", panels: [.init(label: label, lines: [.init(.history, values: values)])])
  }

  private var forecast: TimeChart {
    var panel = TimeChart.Panel(
      label: "load (MW)",
      lines: [
        .init(.history, values: [1, 2, 3, 2, 1, 2, 3, 2]), .init(.truth, start: 8, values: [1, 2, 3, 2]),
        .init(.forecast, start: 8, values: [1.5, 2.5, 3.5, 3.5]),
      ])
    panel.bands = [
      .init(level: 80, start: 8, lower: [1, 2, 3, 2.5], upper: [2, 3, 4, 4.5]),
      .init(level: 95, start: 8, lower: [0.5, 1, 2, 1.5], upper: [2.5, 4, 5, 5]),
    ]
    var chart = TimeChart(title: "A forecast", times: times, panels: [panel])
    chart.origin = 8
    return chart
  }

  @Test func aForecastHasHistoryTruthAndIntervals() {
    #expect(
      forecast.text(width: 44, height: 9) == """
        A forecast
        ⠤⠤⠤ history, truth   ▄▄▄ forecast   ▒▒▒ 80 %
        ░░░ 95 %   ┊ from 2016-07-09
        load (MW)
          │                           ┊         ░░░░
          │                           ┊       ░░░░░▒
        4 ┤                           ┊     ░░░▒▒▒▒▒
          │       ⢀              ⡀    ┊   ░░▒▒▄▞▀▀▀▀
          │     ⡠⠔⠁⠑⢄          ⡠⠊⠈⠢⣀  ┊░░░▒▗▄▀⠤⠊⠈⠢⡀▒
        2 ┤   ⡠⠊     ⠑⢄     ⢀⡠⠊     ⠑⠄┊▒▒▗▞▘⠔⠁░░░░⠈⠢
          │⢀⠔⠊         ⠑⠢⡀⡠⠔⠁         ┊▒▝▘⠒⠁░░░    ░
          │⠁             ⠈            ┊░⠈░░░
          └───────────┬─────────────────────────┬───
                    4 Jul                    11 Jul
                    2016
        """)
  }

  @Test func withoutUnicodeAllLinesDiffer() {
    #expect(
      forecast.text(width: 44, height: 9, style: .init(isUnicode: false)) == """
        A forecast
        ... history   ooo truth   *** forecast
        === 80 %   ::: 95 %   | from 2016-07-09
        load (MW)
          |                           |         ::::
          |                           |       :::::=
        4 +                           |     :::=====
          |       .             ..    |   ::==******
          |     .. ..         ..  ..  |:::=***o=oo==
        2 +   ..     ..      .      . |==**oo=::::oo
          | ..         ..  ..         |=*oo::::    :
          |.             ..           |:o:::
          +-----------+-------------------------+---
                    4 Jul                    11 Jul
                    2016
        """)
  }

  @Test func aScoreHasAThresholdAndWindows() {
    let windows: [TimeChart.Window] = [.init(.labelled, steps: 4..<8), .init(.flagged, steps: 5..<7)]
    let chart = TimeChart(
      title: "Anomalies",
      panels: [
        .init(
          label: "value", lines: [.init(.history, name: "value", values: [1, 2, 1, 2, 1, 5, 5, 1, 2, 1, 2])],
          marks: [.init(name: "flagged value", step: 5, value: 5)], windows: windows),
        .init(
          label: "score",
          lines: [
            .init(.score, values: [0, 0, 0, 0, 0, 4, 4, 0, 0, 0, 0]),
            .init(.threshold, values: [Float](repeating: 2, count: 11)),
          ], windows: windows),
      ])
    #expect(
      chart.text(width: 40, height: 5) == """
        Anomalies
        ╌╌╌ threshold   ● flagged value
        ░░░ labelled   ▀▀▀ flagged
        value
          │              ░░░░●⠤⠤⠤⡄░░░
        4 ┤              ░░░⢠⠃░░░⠘⡄░░
          │              ░░⢠⠃░░░░░⠘⡄░
        2 ┤  ⢀⡠⣀     ⣀⢄⡀ ░⢠⠃░░░░░░░⠱⡀  ⣀⢄⡀    ⢀⡠
          │⠔⠊⠁  ⠉⠒⠤⠒⠉  ⠈⠑⠢⠃░░░░░░░░░⠱⠒⠉  ⠈⠑⠢⠔⠊⠁
          └┬──┬───┬───┬──┬───▀▀▀▀▀──┬───┬───┬──┬
        score
        4 ┤              ░░░░⢠⠤⠤⠤⡄░░░
          │              ░░░⢠⠃░░░⠘⡄░░
        2 ┤╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌⢠⠃╌╌╌╌╌⠘⡄╌╌╌╌╌╌╌╌╌╌╌╌
          │              ░⢠⠃░░░░░░░⠱⡀
        0 ┤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠃░░░░░░░░░⠱⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤
          └┬──┬───┬───┬──┬───▀▀▀▀▀──┬───┬───┬──┬
           0  1   2   3  4   5   6  7   8   9 10
                                            step
        """)
  }

  @Test func colorsAreOfAllTerminals() {
    let text = forecast.text(width: 44, height: 9, style: .init(isColored: true))
    #expect(text.contains("history   \u{1B}[38;5;166m⠤⠤⠤ \u{1B}[0mtruth   \u{1B}[38;5;32m▄▄▄ \u{1B}[0mforecast"))
    let plain = text.replacing(/\u{1B}\[[0-9;]*m/, with: "").split(separator: "\n")
    #expect(plain.suffix(12) == forecast.text(width: 44, height: 9).split(separator: "\n").suffix(12))
    // No line leaves its color to the next.
    #expect(text.split(separator: "\n").allSatisfy { !$0.contains("\u{1B}") || !$0.contains(/38;5;\d+m[^\u{1B}]*$/) })
  }

  @Test func gapsAreBlank() {
    #expect(
      chart([1, 1, .nan, .nan, 1, 1]).text(width: 16, height: 3) == """
        t
        x
            │
        1.0 ┤⠤⠤⠄     ⠠⠤⠤
            │
            └┬───┬───┬──
             0   2   4
                    step
        """)
  }

  @Test func oneValueConstantValuesAndNoneAreDrawn() {
    #expect(
      chart([5]).text(width: 16, height: 3) == """
        t
        x
          │
        5 ┤      ⠠
          │
          └──────┬──────
                 0
                    step
        """)
    #expect(
      chart([-2, -2, -2]).text(width: 16, height: 3) == """
        t
        x
             │
        -2.0 ┤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤
             │
             └┬────┬───┬
              0    1   2
                    step
        """)
    #expect(
      chart([.nan, .nan]).text(width: 16, height: 3) == """
        t
        x
        1 ┤
          │
        0 ┤
          └┬───────────┬
           0           1
                    step
        """)
    #expect(
      chart([]).text(width: 16, height: 3) == """
        t
        x
        1 ┤
          │
        0 ┤
          └──────┬──────
                 0
                    step
        """)
    #expect(
      TimeChart(title: "nothing", panels: []).text(width: 16) == """
        nothing
        """)
  }

  @Test func hugeAndTinyValuesHaveShortLabels() {
    #expect(
      chart([0, 1e9, 4e9]).text(width: 30, height: 5) == """
        t
        x
        4e9 ┤                       ⣀⠤
            │                   ⣀⠤⠒⠉
        2e9 ┤               ⣀⠤⠒⠉
            │        ⣀⣀⣀⠤⠤⠒⠉
          0 ┤⠤⠤⠒⠒⠒⠉⠉⠉
            └┬───────────┬───────────┬
             0           1           2
                                  step
        """)
    #expect(
      chart([-1e-20, 1e-20]).text(width: 30, height: 5) == """
        t
        x
         1e-20 ┤                   ⢀⣀⠤
               │              ⣀⡠⠔⠒⠉⠁
             0 ┤        ⣀⡠⠤⠒⠊⠉
               │  ⢀⣀⠤⠔⠊⠉
        -1e-20 ┤⠒⠉⠁
               └┬────────────────────┬
                0                    1
                                  step
        """)
  }

  @Test func aLogarithmicAxisHasPowersOfTen() {
    var panel = TimeChart.Panel(
      label: "norm",
      lines: [
        .init(.series(0), name: "lstm", start: -4, values: [1e-4, 1e-3, 1e-2, 1e-1, 1]),
        .init(.series(1), name: "rnn", start: -4, values: [0, 1e-13, 1e-6, 1e-3, 1]),
      ])
    panel.isLogarithmic = true
    var chart = TimeChart(title: "Gradient", panels: [panel])
    chart.stepLabel = "steps relative to the last"
    #expect(
      chart.text(width: 40, height: 7) == """
        Gradient
        ⠤⠤⠤ lstm   ▄▄▄ rnn
        norm
         1e0 ┤                              ⢀⣀⡠▄
             │                      ⣀⣀⠤⠤⠔⠒⠊⠉▄▞▀
        1e-2 ┤              ⣀⣀⠤⠤⠒⠒⠉⠉     ▗▄▀
             │     ⢀⣀⡠⠤⠤⠒⠒⠉⠉          ▗▄▀▘
        1e-4 ┤⠤⠔⠒⠊⠉⠁                ▄▀▘
             │                   ▄▞▀
        1e-6 ┤                 ▄▀
             └┬───────┬────────┬───────┬───────┬
             -4      -3       -2      -1       0
                      steps relative to the last
        """)
    chart.panels[0].lines = [.init(.series(0), values: [0, -1])]
    #expect(chart.text(width: 40, height: 3).contains("1e1 ┤\n"))
  }

  @Test func noLineIsWiderThanTheTerminal() {
    for width in [20, 44, 80, 200] {
      let lines = forecast.text(width: width).split(separator: "\n").dropFirst(2)
      #expect(lines.allSatisfy { $0.count <= width })
    }
  }

  @Test func aLabelDoesNotRepeatTheTitle() {
    #expect(chart([1, 2], label: "t").text().split(separator: "\n").filter { $0 == "t" }.count == 1)
    #expect(chart([1, 2], label: "t").svg().matches(of: />t</).count == 2, "the title, visible and for screen readers")
  }

  @Test func namesCannotControlTheTerminal() {
    #expect(!chart([1, 2], label: "\u{1B}[2Jx").text().contains("\u{1B}"))
  }
}
