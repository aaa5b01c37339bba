import RecurrentCore

extension TimeChart {
  /// The chart as an SVG image, in light or dark colors as the reader's system has them.
  /// - Parameters:
  ///   - width: Its width in pixels.
  ///   - height: The height of a panel in pixels, without its label and the time axis; nil chooses by the number of panels.
  package func svg(width: Int = 860, height: Int? = nil) -> String {
    SVGChart(self, width: width, height: height ?? (panels.count < 2 ? 300 : panels.count < 4 ? 190 : 120)).markup
  }
}

/// A chart drawn as SVG.
private struct SVGChart {
  private let chart: TimeChart
  private let scale: ChartScale
  private let axes: [ValueAxis]
  private let width: Double
  private let height: Double
  /// The left and the right end of the plots.
  private let (left, right): (Double, Double)
  private let axis: StepAxis
  private let ticks: [StepAxis.Tick]

  init(_ chart: TimeChart, width: Int, height: Int) {
    var chart = chart
    chart.panels = chart.panels.map(\.onAxis)
    self.chart = chart
    (self.width, self.height) = (Double(max(width, 200)), Double(max(height, 40)))
    scale = ChartScale(chart)
    let rows = Int(self.height) - 2 * Int(Self.padding)
    axes = chart.panels.map { ValueAxis(of: $0, rows: rows, spacing: 28) }
    let labels = axes.flatMap(\.ticks).map { SVGStyle.width($0.label) }
    left = 24 + (labels.max() ?? 0)
    right = self.width - 32
    axis = StepAxis(scale.steps, times: chart.times)
    ticks = axis.ticks(width: right - left, gap: 18, size: SVGStyle.width)
  }

  /// The distance of the outer rows of values from the edge of the plot.
  private static let padding = 5.0

  private func x(_ step: Double) -> Double { left + (right - left) * scale.fraction(step) }

  private func y(_ value: Double, _ axis: ValueAxis, top: Double) -> Double { y(row: axis.row(value), axis, top: top) }

  private func y(row: Double, _ axis: ValueAxis, top: Double) -> Double {
    let rows = Double(max(axis.rows - 1, 1))
    return top + Self.padding + (height - 2 * Self.padding) * (1 - row / rows)
  }

  var markup: String {
    var y = 28.0
    let title = Self.text(chart.title, x: 16, y: y, "title")
    var parts = [title]
    for line in legendLines {
      y += 22
      parts += line.map { $0(y) }
    }
    for (panel, axis) in zip(chart.panels, axes) {
      if panel.label != chart.title {
        y += 26
        parts.append(Self.text(panel.label, x: 16, y: y, "label"))
      }
      y += 10
      parts += drawing(of: panel, axis, top: y)
      y += height
    }
    parts += ticks.map { Self.text($0.label, x: x($0.step), y: y + 18, anchor: "middle") }
    let contexts = ticks.filter { !$0.context.isEmpty }
    parts += contexts.map { Self.text($0.context, x: x($0.step), y: y + 34, anchor: "middle") }
    if !axis.hasTimes { parts.append(Self.text(chart.stepLabel, x: right, y: y + 34, anchor: "end")) }
    y += contexts.isEmpty && axis.hasTimes ? 30 : 46
    let size = "\(width.text(0)) \(y.text(0))"
    return """
      <svg xmlns="http://www.w3.org/2000/svg" class="recur-chart" role="img" viewBox="0 0 \(size)" width="\(width.text(0))" height="\(y.text(0))">
      <title>\(chart.title.asMarkup)</title>
      <desc>\(summary.asMarkup)</desc>
      \(SVGStyle.rules)
      <rect class="ground" width="100%" height="100%"/>
      \(parts.joined(separator: "\n"))
      </svg>

      """
  }

  /// What is shown, for readers who do not see it.
  private var summary: String {
    let panels = chart.panels.map { panel in
      panel.label + ": " + panel.lines.map(\.name).joined(separator: ", ")
    }
    return panels.joined(separator: "; ") + "; " + axis.name(ofStep: scale.steps.lowerBound) + " to "
      + axis.name(ofStep: scale.steps.upperBound)
  }

  // MARK: - Panels

  private func drawing(of panel: TimeChart.Panel, _ axis: ValueAxis, top: Double) -> [String] {
    let bottom = top + height
    var parts = windows(.labelled, of: panel, top: top, height: height)
    var (grid, values) = (SVGPath(), [String]())
    for tick in axis.ticks {
      let y = y(row: Double(tick.row), axis, top: top)
      grid.add([(left, y), (right, y)])
      values.append(Self.text(tick.label, x: left - 8, y: y + 4, anchor: "end"))
    }
    for tick in ticks { grid.add([(x(tick.step), top), (x(tick.step), bottom)]) }
    parts += [Self.path(grid, "grid")] + values
    for band in panel.widestFirst { parts.append(area(band, axis, top: top)) }
    var frame = SVGPath()
    frame.add([(left, bottom), (right, bottom)])
    for tick in ticks { frame.add([(x(tick.step), bottom), (x(tick.step), bottom + 5)]) }
    parts.append(Self.path(frame, "axis"))
    if let origin = chart.origin, scale.steps.contains(origin) {
      var line = SVGPath()
      line.add([(x(Double(origin) - 0.5), top), (x(Double(origin) - 0.5), bottom)])
      parts.append(Self.path(line, "origin"))
    }
    for line in panel.lines {
      var path = SVGPath()
      for run in line.runs(over: scale.steps, columns: Int(right - left)) {
        path.add(run.map { (x($0.step), y($0.value, axis, top: top)) })
      }
      parts.append(Self.path(path, SVGStyle.name(line.role)))
    }
    parts += windows(.flagged, of: panel, top: bottom - 4, height: 4)
    var marks = SVGPath()
    for mark in panel.marks where mark.value.isFinite {
      marks.add([(x(Double(mark.step)), y(Double(mark.value), axis, top: top))])
    }
    return parts + (panel.marks.isEmpty ? [] : [Self.path(marks, "mark")])
  }

  /// The windows of a kind; those without a pixel between them are one.
  private func windows(
    _ kind: TimeChart.Window.Kind, of panel: TimeChart.Panel, top: Double, height: Double
  ) -> [String] {
    var parts: [(from: Double, to: Double)] = []
    let windows = panel.windows.filter { $0.kind == kind && $0.steps.overlaps(scale.range) }
    for window in windows.sorted(by: { $0.steps.lowerBound < $1.steps.lowerBound }) {
      let from = max(x(Double(window.steps.lowerBound) - 0.5), left)
      // A window of few steps is still visible.
      let to = min(max(x(Double(window.steps.upperBound) - 0.5), from + 2), right)
      if let last = parts.last, from < last.to + 1 {
        parts[parts.count - 1].to = max(last.to, to)
      } else {
        parts.append((from, to))
      }
    }
    var path = SVGPath()
    for (from, to) in parts {
      path.add([(from, top), (to, top), (to, top + height), (from, top + height)], isClosed: true)
    }
    return parts.isEmpty ? [] : [Self.path(path, kind.rawValue)]
  }

  /// A band's upper ends, and back along its lower ends; a part per run without gaps.
  private func area(_ band: TimeChart.Band, _ axis: ValueAxis, top: Double) -> String {
    var path = SVGPath()
    let whole = zip(band.lower, band.upper).map { $0.isFinite && $1.isFinite }
    let ends = { (values: [Float]) in
      TimeChart.Line(.forecast, start: band.start, values: zip(values, whole).map { $1 ? $0 : .nan })
        .runs(over: scale.steps, columns: Int(right - left))
    }
    for (upper, lower) in zip(ends(band.upper), ends(band.lower)) {
      let points = (upper + lower.reversed()).map { (x($0.step), y($0.value, axis, top: top)) }
      path.add(points, isClosed: true)
    }
    return Self.path(path, "band")
  }

  // MARK: - The legend

  /// The entries, on as many lines as they need.
  private var legendLines: [[(Double) -> String]] {
    var (lines, x) = ([[(Double) -> String]()], 16.0)
    let entries = ChartLegend(chart, scale).entries { $0 }
    for (sample, name) in entries {
      let extent = 30 + SVGStyle.width(name) + 22
      if x + extent > width && x > 16 {
        lines.append([])
        x = 16
      }
      let start = x
      lines[lines.count - 1].append { y in
        Self.markup(sample, x: start, y: y) + Self.text(name, x: start + 30, y: y)
      }
      x += extent
    }
    return entries.isEmpty ? [] : lines
  }

  /// A sample of the legend, 24 pixels wide, beside a text with this baseline.
  private static func markup(_ sample: ChartLegend.Sample, x: Double, y: Double) -> String {
    func path(_ name: String, _ points: [(x: Double, y: Double)], isClosed: Bool = false) -> String {
      var path = SVGPath()
      path.add(points.map { (x + $0.x, y + $0.y) }, isClosed: isClosed)
      return Self.path(path, name)
    }
    func box(_ name: String, height: Double = 12) -> String {
      path(name, [(0, 1), (24, 1), (24, 1 - height), (0, 1 - height)], isClosed: true)
    }
    return switch sample {
    case .line(let role): path(SVGStyle.name(role), [(0, -4), (24, -4)])
    // Inner bands are drawn over the wider ones.
    case .band(let depth): String(repeating: box("band"), count: depth + 1)
    case .mark: path("mark", [(12, -4)])
    case .window(.labelled): box("labelled")
    case .window(.flagged): box("flagged", height: 4)
    case .origin: path("origin", [(12, -11), (12, 3)])
    }
  }

  // MARK: - Elements

  private static func path(_ path: SVGPath, _ name: String) -> String { "<path class=\"\(name)\" d=\"\(path.data)\"/>" }

  private static func text(_ text: String, x: Double, y: Double, _ name: String? = nil, anchor: String? = nil) -> String
  {
    let name = name.map { " class=\"\($0)\"" } ?? ""
    let anchor = anchor.map { " text-anchor=\"\($0)\"" } ?? ""
    return "<text\(name) x=\"\(x.text(1))\" y=\"\(y.text(1))\"\(anchor)>\(text.asMarkup)</text>"
  }
}
