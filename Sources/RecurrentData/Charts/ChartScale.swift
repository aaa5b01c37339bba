#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What both drawings of a chart share: the steps and the values that its axes cover.
struct ChartScale {
  /// The first and the last step.
  let steps: ClosedRange<Int>

  /// The steps of everything in a chart except windows.
  init(_ chart: TimeChart) {
    var ranges: [Range<Int>] = []
    for panel in chart.panels {
      ranges += panel.lines.map { $0.start..<$0.start + $0.values.count }
      ranges += panel.bands.map { $0.start..<$0.start + $0.lower.count }
      ranges += panel.marks.map { $0.step..<$0.step + 1 }
    }
    ranges.removeAll(where: \.isEmpty)
    let first = ranges.map(\.lowerBound).min() ?? 0
    let end = ranges.map(\.upperBound).max() ?? first + 1
    steps = first...end - 1
  }

  /// The steps, as a range.
  var range: Range<Int> { steps.lowerBound..<steps.upperBound + 1 }

  /// The position of a step, from 0 for the first to 1 for the last; 0.5 if there is one step only.
  func fraction(_ step: Double) -> Double {
    guard steps.count > 1 else { return 0.5 + step - Double(steps.lowerBound) }
    return (step - Double(steps.lowerBound)) / Double(steps.count - 1)
  }

  /// The step at a position.
  func step(_ fraction: Double) -> Double {
    let first = Double(steps.lowerBound)
    return steps.count > 1 ? first + fraction * Double(steps.count - 1) : first + fraction - 0.5
  }

  /// The smallest and the largest finite value of a panel; nil if it has none.
  static func values(of panel: TimeChart.Panel) -> ClosedRange<Double>? {
    var (low, high) = (Float.infinity, -Float.infinity)
    for values in panel.lines.map(\.values) + panel.bands.flatMap({ [$0.lower, $0.upper] }) + [panel.marks.map(\.value)]
    {
      for value in values where value.isFinite { (low, high) = (min(low, value), max(high, value)) }
    }
    return low <= high ? Double(low)...Double(high) : nil
  }
}

extension TimeChart.Panel {
  /// The panel with the values' positions on its axis: their decimal logarithms, if it is logarithmic.
  var onAxis: Self {
    guard isLogarithmic else { return self }
    let largest = ChartScale.values(of: self)?.upperBound ?? 0
    let position = { (value: Float) in
      value > 0 && Double(value) >= largest * 1e-12 ? Float(log10(Double(value))) : .nan
    }
    var panel = self
    panel.lines = lines.map { TimeChart.Line($0.role, name: $0.name, start: $0.start, values: $0.values.map(position)) }
    panel.bands = bands.map { band in
      TimeChart.Band(
        level: band.level, start: band.start, lower: band.lower.map(position), upper: band.upper.map(position))
    }
    panel.marks = marks.map { TimeChart.Mark(name: $0.name, step: $0.step, value: position($0.value)) }
    return panel
  }
}

/// A point of a drawn line.
struct ChartPoint: Equatable {
  /// The step; a fraction where a column of the drawing has several.
  let step: Double
  /// The value.
  let value: Double
}

extension TimeChart.Line {
  /// The line as the points that a drawing of this many columns shows, in runs without gaps.
  ///
  /// A column with more than two steps keeps its first, least, greatest and last value: the drawing is the same as of
  /// all points (M4; Jugel and others 2014). A gap narrower than a column is not visible.
  func runs(over steps: ClosedRange<Int>, columns: Int) -> [[ChartPoint]] {
    let perColumn = Double(steps.count) / Double(max(columns, 1))
    let isReduced = perColumn > 2
    var runs: [[ChartPoint]] = []
    var run: [ChartPoint] = []
    var column = ColumnExtremes()
    var (place, previous) = (Int.min, Int.min)
    for (index, value) in values.enumerated() where value.isFinite && steps.contains(start + index) {
      let step = start + index
      let next = isReduced ? Int(Double(step - steps.lowerBound) / perColumn) : step
      let isAfterGap = previous != Int.min && Double(step - previous - 1) >= max(perColumn, 1)
      if next != place || isAfterGap {
        run += column.points
        let middle = Double(steps.lowerBound) + (Double(next) + 0.5) * perColumn - 0.5
        column = ColumnExtremes(step: isReduced ? middle : Double(step))
        place = next
      }
      if isAfterGap {
        runs.append(run)
        run = []
      }
      column.add(Double(value))
      previous = step
    }
    run += column.points
    return (runs + [run]).filter { !$0.isEmpty }
  }
}

extension TimeChart.Band {
  /// The interval at a step or between two; nil beyond the first and the last, and in gaps.
  func ends(at step: Double) -> (lower: Double, upper: Double)? {
    let count = min(lower.count, upper.count)
    let place = step - Double(start)
    guard place >= -0.5, place <= Double(count) - 0.5 else { return nil }
    let (nearest, other) = (
      Int(place.rounded()), Int(place > place.rounded() ? place.rounded(.up) : place.rounded(.down))
    )
    let isFinite = { (index: Int) in lower.indices.contains(index) && lower[index].isFinite && upper[index].isFinite }
    guard isFinite(nearest) else { return nil }
    let share = isFinite(other) ? abs(place - Double(nearest)) : 0
    let between = { (values: [Float]) in
      Double(values[nearest]) + (share > 0 ? share * (Double(values[other]) - Double(values[nearest])) : 0)
    }
    let (a, b) = (between(lower), between(upper))
    return (min(a, b), max(a, b))
  }
}

/// The first, least, greatest and last of the values in a column.
private struct ColumnExtremes {
  var step = 0.0
  private var count = 0
  private var (first, last) = (0.0, 0.0)
  private var least = (value: Double.infinity, index: 0)
  private var greatest = (value: -Double.infinity, index: 0)

  init(step: Double = 0) { self.step = step }

  mutating func add(_ value: Double) {
    if count == 0 { first = value }
    last = value
    if value < least.value { least = (value, count) }
    if value > greatest.value { greatest = (value, count) }
    count += 1
  }

  /// The points in the order of the values.
  var points: [ChartPoint] {
    guard count > 0 else { return [] }
    let between = [least, greatest].sorted { $0.index < $1.index }.filter { $0.index > 0 && $0.index < count - 1 }
    let values = [first] + between.map(\.value) + (count > 1 ? [last] : [])
    return values.map { ChartPoint(step: step, value: $0) }
  }
}
