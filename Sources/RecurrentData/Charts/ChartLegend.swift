/// The samples of a chart's lines, bands, marks and windows, with their names.
struct ChartLegend {
  /// What a sample looks like.
  enum Sample: Hashable {
    case line(TimeChart.Role)
    /// A band within this many wider ones.
    case band(depth: Int)
    case mark
    case window(TimeChart.Window.Kind)
    case origin
  }

  private var entries: [(sample: Sample, name: String)] = []

  init(_ chart: TimeChart, _ scale: ChartScale) {
    for panel in chart.panels {
      // The label names the only line of its kind.
      for line in panel.lines where line.name != panel.label { add(.line(line.role), line.name) }
    }
    for panel in chart.panels {
      for (depth, band) in panel.widestFirst.enumerated().reversed() { add(.band(depth: depth), "\(band.level) %") }
    }
    for panel in chart.panels { for mark in panel.marks { add(.mark, mark.name) } }
    let kinds = Set(chart.panels.flatMap(\.windows).map(\.kind))
    for kind in TimeChart.Window.Kind.allCases where kinds.contains(kind) { add(.window(kind), kind.rawValue) }
    if let origin = chart.origin, scale.steps.contains(origin) {
      add(.origin, "from " + StepAxis(scale.steps, times: chart.times).name(ofStep: origin))
    }
  }

  private mutating func add(_ sample: Sample, _ name: String) {
    if !entries.contains(where: { $0.sample == sample && $0.name == name }) { entries.append((sample, name)) }
  }

  /// The entries as a drawing shows them: one for what looks the same; none if history is all there is.
  func entries<Look: Equatable>(_ look: (Sample) -> Look) -> [(look: Look, name: String)] {
    guard entries.count > 1 || entries.first?.sample != .line(.history) else { return [] }
    var shown: [(look: Look, name: String)] = []
    for (sample, name) in entries {
      let look = look(sample)
      if let index = shown.firstIndex(where: { $0.look == look }) {
        shown[index].name += ", " + name
      } else {
        shown.append((look, name))
      }
    }
    return shown
  }
}

extension TimeChart.Panel {
  /// What lines there are, in the order of drawing: what matters most comes last.
  var roles: [TimeChart.Role] {
    let known: [TimeChart.Role] = [.threshold, .score, .history, .truth, .forecast]
    return lines.map(\.role).reduce(into: known) { roles, role in if !roles.contains(role) { roles.append(role) } }
  }

  /// The bands in the order of drawing.
  var widestFirst: [TimeChart.Band] { bands.sorted { $0.level > $1.level } }
}
