import RecurrentCore

/// The rows of one series in the order of time, and the step of each.
struct SeriesGrid {
  /// Rows of the table in order.
  private(set) var rows: [Int]
  /// The step of each of them, ascending from 0.
  private(set) var steps: [Int]
  /// The time of step 0; nil without times.
  private(set) var start: Timestamp?
  /// The time of each step; nil if it follows from the start.
  private(set) var times: [Timestamp]?
  /// The first row whose time is before that of the row above it; nil if there is none.
  private(set) var firstUnsorted: Int?
  /// Whether the rows have the newest time first.
  private(set) var isDescending = false
  /// How many times were moved to the nearest step, and the first such row.
  private(set) var moved = (count: 0, first: 0)

  /// The number of steps.
  var count: Int { (steps.last ?? -1) + 1 }

  /// Rows in their order, each a step.
  init(_ rows: [Int]) { (self.rows, steps) = (rows, Array(rows.indices)) }

  /// Rows in the order of time.
  init(sorting rows: [Int], by times: [Double]) {
    self.init(rows)
    firstUnsorted = zip(rows, rows.dropFirst()).first { times[$0] > times[$1] }?.1
    guard firstUnsorted != nil else { return }
    isDescending = !zip(rows, rows.dropFirst()).contains { times[$0] < times[$1] }
    // Stable, so that rows of equal times stay in order.
    self.rows.sort { (times[$0], $0) < (times[$1], $1) }
  }

  /// Places the sorted rows on a grid of equal steps.
  /// - Throws: `RecurrentError.invalidData` with the line of a row on the step of another, and of a very long gap.
  mutating func place(by step: TimeStep, _ table: SeriesTable, _ times: [Double]) throws {
    guard let first = rows.first else { return }
    let origin = Timestamp(seconds: origin(of: step, times) ?? times[first])
    let exact = rows.map { step.steps(from: origin, to: Timestamp(seconds: times[$0])) }
    let most = Double(30 * rows.count + 1000)
    guard let last = exact.last, last - exact[0] < most else { throw tooLong(exact, step, table, times) }
    let shift = Int(exact[0].rounded())
    for (place, (row, position)) in zip(rows, exact).enumerated() {
      steps[place] = Int(position.rounded()) - shift
      if (position - position.rounded()).magnitude > 1e-3 {
        moved = (moved.count + 1, moved.count == 0 ? row : moved.first)
      }
      if place > 0, steps[place] <= steps[place - 1] { throw collision(place, step, table, times) }
    }
    start = shift == 0 ? origin : step.time(after: origin, steps: shift)
  }

  /// Takes the time of the first row as the start.
  mutating func keepStart(_ times: [Double]) { start = rows.first.map { Timestamp(seconds: times[$0]) } }

  /// Keeps the rows as steps, with their times.
  mutating func keepTimes(_ times: [Double]) {
    // Newest first is the only order that is known to be wrong.
    if let first = rows.first, let last = rows.last, times[first] > times[last] {
      rows.reverse()
      isDescending = true
    }
    self.times = rows.map { Timestamp(seconds: times[$0]) }
    start = self.times?.first
  }

  /// The first time of the grid on which most of the times are, to a thousandth of a step; nil for calendar steps.
  private func origin(of step: TimeStep, _ times: [Double]) -> Double? {
    guard case .seconds(let seconds) = step, let first = rows.first else { return nil }
    var counts: [Int: (count: Int, row: Int)] = [:]
    for row in rows {
      let position = (times[row] - times[first]) / seconds
      counts[Int(((position - position.rounded(.down)) * 1000).rounded()) % 1000, default: (0, row)].count += 1
    }
    guard let row = counts.values.max(by: { ($0.count, $1.row) < ($1.count, $0.row) })?.row else { return nil }
    return times[row] - ((times[row] - times[first]) / seconds).rounded(.down) * seconds
  }

  // MARK: Errors

  private func text(_ time: Double, _ table: SeriesTable) -> String {
    table.timeFormat.text(of: Timestamp(seconds: time))
  }

  /// - Throws: `RecurrentError.invalidData` if two rows have the same time.
  func requireDistinct(_ table: SeriesTable, _ times: [Double]) throws {
    guard let twice = zip(rows, rows.dropFirst()).first(where: { times[$0] == times[$1] }) else { return }
    throw RecurrentError(
      .invalidData, "the time \(text(times[twice.1], table)) is repeated, it is also in line \(table.lines[twice.0])",
      at: "\(table.path), line \(table.lines[twice.1])",
      remedy: "remove one of the rows; if rows are of several series, name their `id` column; "
        + "if clocks were set back, use `spacing` rows")
  }

  private func collision(_ place: Int, _ step: TimeStep, _ table: SeriesTable, _ times: [Double]) -> RecurrentError {
    let (before, row) = (rows[place - 1], rows[place])
    return RecurrentError(
      .invalidData,
      "the time \(text(times[row], table)) and that of line \(table.lines[before]), \(text(times[before], table)), "
        + "are on the same step (\(step))",
      at: "\(table.path), line \(table.lines[row])",
      remedy: "correct it, give a shorter `step`, or use `spacing` rows")
  }

  private func tooLong(_ exact: [Double], _ step: TimeStep, _ table: SeriesTable, _ times: [Double]) -> RecurrentError {
    let gaps = zip(exact.dropFirst(), exact).map(-)
    let place = (gaps.indices.max { gaps[$0] < gaps[$1] } ?? 0) + 1
    let row = rows[min(place, rows.count - 1)]
    return RecurrentError(
      .invalidData,
      "the time \(text(times[row], table)) is \(gaps[place - 1].roundedDown.counted("step")) (\(step)) after that of line "
        + "\(table.lines[rows[place - 1]])", at: "\(table.path), line \(table.lines[row])",
      remedy: "correct it, give a longer `step`, or use `spacing` rows")
  }
}
