import RecurrentCore

extension TimeChart {
  /// The chart for a terminal.
  /// - Parameters:
  ///   - width: The columns of the terminal.
  ///   - height: The most lines of a panel, without its label and the time axis; nil chooses by the number of panels.
  ///   - style: What the terminal shows.
  /// - Returns: Lines without a line break at the end.
  package func text(width: Int = 80, height: Int? = nil, style: ChartTextStyle = ChartTextStyle()) -> String {
    TextChart(self, width: width, height: height ?? (panels.count < 2 ? 16 : panels.count < 4 ? 10 : 7), style: style)
      .text
  }
}

/// A chart drawn with characters.
private struct TextChart {
  private typealias Cell = CellGrid.Cell
  private let chart: TimeChart
  private let style: ChartTextStyle
  private let symbols: ChartSymbols
  private let scale: ChartScale
  private let axes: [ValueAxis]
  private let axis: StepAxis
  private let ticks: [StepAxis.Tick]
  /// The columns left of the plots, for the labels and the axis.
  private let margin: Int
  private let columns: Int
  private let width: Int

  init(_ chart: TimeChart, width: Int, height: Int, style: ChartTextStyle) {
    var chart = chart
    chart.panels = chart.panels.map(\.onAxis)
    (self.chart, self.style) = (chart, style)
    symbols = ChartSymbols(isUnicode: style.isUnicode)
    scale = ChartScale(chart)
    axes = chart.panels.map { ValueAxis(of: $0, rows: max(height, 3), spacing: 2) }
    margin = (axes.flatMap(\.ticks).map(\.label.count).max() ?? 0) + 2
    columns = max(width - margin, 8)
    self.width = margin + columns
    axis = StepAxis(scale.steps, times: chart.times)
    ticks = axis.ticks(width: Double(columns), gap: 2) { Double($0.count) }
  }

  var text: String {
    let panels = zip(chart.panels, axes).flatMap { panel, axis in lines(of: panel, axis) }
    return ([chart.title.shown] + legend + panels + timeAxis).joined(separator: "\n")
  }

  private func column(_ step: Double) -> Int {
    min(max(Int((scale.fraction(step) * Double(2 * columns - 1)).rounded()) / 2, 0), columns - 1)
  }

  // MARK: - Panels

  private func lines(of panel: TimeChart.Panel, _ axis: ValueAxis) -> [String] {
    var grid = CellGrid(columns: columns, rows: axis.rows)
    draw(panel.windows.filter { $0.kind == .labelled }, &grid, rows: axis.rows)
    for (depth, band) in panel.widestFirst.enumerated() {
      draw(band, depth, &grid, axis)
    }
    if let origin = chart.origin, scale.steps.contains(origin) {
      let column = column(Double(origin) - 0.5)
      for row in 0..<axis.rows { grid[row, column] = Cell(character: symbols.origin, color: ChartSymbols.axisColor) }
    }
    for role in panel.roles { draw(panel.lines.filter { $0.role == role }, role, &grid, axis) }
    for mark in panel.marks where mark.value.isFinite {
      grid[row(Double(mark.value), axis), column(Double(mark.step))] = Cell(
        character: symbols.mark, color: ChartSymbols.color(.mark))
    }
    let rows = (0..<axis.rows).map { row in
      let tick = axis.ticks.first { $0.row == axis.rows - 1 - row }
      let side = tick.map { $0.label + " " + String(symbols.sideTick) } ?? String(symbols.side)
      return (cells(side.leading(to: margin)) + grid[row]).text(isColored: style.isColored)
    }
    return (panel.label == chart.title ? [] : [panel.label.shown]) + rows + [bottom(of: panel)]
  }

  private func row(_ value: Double, _ axis: ValueAxis) -> Int {
    min(max(axis.rows - 1 - Int(axis.row(value).rounded()), 0), axis.rows - 1)
  }

  private func draw(_ lines: [TimeChart.Line], _ role: TimeChart.Role, _ grid: inout CellGrid, _ axis: ValueAxis) {
    let stroke = symbols.stroke(role)
    var raster = DotRaster(columns: columns, rows: axis.rows, cell: stroke.cell)
    for run in lines.flatMap({ $0.runs(over: scale.steps, columns: columns * stroke.cell.size.across) }) {
      raster.draw(run.map { (scale.fraction($0.step), axis.row($0.value)) })
    }
    for row in 0..<axis.rows {
      for column in 0..<columns where raster.dots[row * columns + column] != 0 {
        let character = stroke.letter ?? raster.character(raster.dots[row * columns + column])
        grid[row, column] = Cell(character: character, color: ChartSymbols.color(.line(role)))
      }
    }
  }

  private func draw(_ band: TimeChart.Band, _ depth: Int, _ grid: inout CellGrid, _ axis: ValueAxis) {
    for column in 0..<columns {
      let middle = (2 * Double(column) + 0.5) / Double(2 * columns - 1)
      guard let ends = band.ends(at: scale.step(middle)) else { continue }
      for row in row(ends.upper, axis)...row(ends.lower, axis) {
        grid[row, column] = Cell(character: symbols.shade(depth), color: ChartSymbols.color(.band(depth: depth)))
      }
    }
  }

  private func draw(_ windows: [TimeChart.Window], _ grid: inout CellGrid, rows: Int) {
    for window in windows where window.steps.overlaps(scale.range) {
      for column in column(Double(window.steps.lowerBound))...column(Double(window.steps.upperBound - 1)) {
        for row in 0..<rows {
          grid[row, column] = Cell(character: symbols.window, color: ChartSymbols.color(.window(.labelled)))
        }
      }
    }
  }

  private func cells(_ text: String) -> [Cell] { text.map { Cell(character: $0, color: ChartSymbols.axisColor) } }

  // MARK: - The time axis

  /// The axis below a panel, with its flagged windows.
  private func bottom(of panel: TimeChart.Panel) -> String {
    var grid = CellGrid(columns: columns, rows: 1)
    for column in 0..<columns { grid[0, column] = Cell(character: symbols.bottom, color: ChartSymbols.axisColor) }
    for tick in ticks { grid[0, column(tick.step)].character = symbols.bottomTick }
    for window in panel.windows where window.kind == .flagged {
      guard window.steps.overlaps(scale.range) else { continue }
      for column in column(Double(window.steps.lowerBound))...column(Double(window.steps.upperBound - 1)) {
        grid[0, column] = Cell(character: symbols.flag, color: ChartSymbols.color(.window(.flagged)))
      }
    }
    return (cells(String(symbols.corner).leading(to: margin)) + grid[0]).text(isColored: style.isColored)
  }

  /// The ticks' labels, and their contexts or what the steps are below.
  private var timeAxis: [String] {
    guard !chart.panels.isEmpty else { return [] }
    let contexts = ticks.filter { !$0.context.isEmpty }.map { ($0.context, column($0.step)) }
    let below = axis.hasTimes ? contexts : [(chart.stepLabel.shown, columns)]
    return [ticks.map { ($0.label, column($0.step)) }, below].filter { !$0.isEmpty }.map { texts in
      var line = CellGrid(columns: width, rows: 1)
      for (text, column) in texts {
        let start = min(max(margin + column - text.count / 2, 0), max(width - text.count, 0))
        for (offset, cell) in cells(text).prefix(width).enumerated() { line[0, start + offset] = cell }
      }
      return line[0].text(isColored: style.isColored)
    }
  }

  // MARK: - The legend

  private var legend: [String] {
    let entries = ChartLegend(chart, scale).entries { sample in
      let color = style.isColored ? ChartSymbols.color(sample) : nil
      return symbols.sample(sample).map { Cell(character: $0, color: color) }
    }
    // As many entries on a line as fit.
    var lines: [[Cell]] = []
    for (sample, name) in entries {
      let entry = sample + (" " + name.shown).map { Cell(character: $0) }
      if let line = lines.last, line.count + 3 + entry.count <= width {
        lines[lines.count - 1] += (0..<3).map { _ in Cell() } + entry
      } else {
        lines.append(entry)
      }
    }
    return lines.map { $0.text(isColored: style.isColored) }
  }
}
