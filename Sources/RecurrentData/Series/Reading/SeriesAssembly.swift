import RecurrentCore

/// The series of a table: its rows by identifier and time, on equal steps.
struct SeriesAssembly {
  private let table: SeriesTable
  private let format: SeriesFormat
  private(set) var step: TimeStep?
  private(set) var series: [TimeSeries] = []
  private(set) var notes: [String] = []

  /// - Throws: `RecurrentError.invalidData` with file and line for repeated times, and times that fit no step.
  init(_ table: SeriesTable, _ format: SeriesFormat) throws {
    (self.table, self.format) = (table, format)
    try requireValues()
    let groups = groups()
    var grids = groups.map { SeriesGrid($0.rows) }
    step = format.step
    if let times = table.times {
      for index in grids.indices { try order(&grids[index], groups[index].rows, times) }
      noteOrder(grids)
      step = format.step ?? TimeStep.inferred(from: grids.map { grid in grid.rows.map { times[$0] }.sorted() })
      if let step {
        for index in grids.indices where format.spacing == .times { try grids[index].place(by: step, table, times) }
      }
      noteMoved(grids)
    }
    for (group, grid) in zip(groups, grids) {
      guard let series = try series(group.id, grid) else { continue }
      self.series.append(series)
    }
    notes += SeriesNotes(table.path, step: step, format: table.timeFormat).notes(of: series, table)
  }

  /// The rows of each series, in the order of their first rows.
  private func groups() -> [(id: String, rows: [Int])] {
    guard let ids = table.ids else { return [("", Array(table.lines.indices))] }
    var groups = ids.names.map { (id: $0, rows: [Int]()) }
    for (row, id) in ids.values.enumerated() { groups[Int(id)].rows.append(row) }
    return groups
  }

  private func order(_ grid: inout SeriesGrid, _ rows: [Int], _ times: [Double]) throws {
    switch format.spacing {
    case .rows: grid.keepTimes(times)
    case .times:
      grid = SeriesGrid(sorting: rows, by: times)
      try grid.requireDistinct(table, times)
      grid.keepStart(times)
    }
  }

  /// The values of a series; nil, with a note, if it has no target values.
  private mutating func series(_ id: String, _ grid: SeriesGrid) throws -> TimeSeries? {
    func placed<Value>(_ values: [Value], _ missing: Value) -> [Value] {
      var placed = [Value](repeating: missing, count: grid.count)
      for (row, step) in zip(grid.rows, grid.steps) { placed[step] = values[row] }
      return placed
    }
    var series = TimeSeries(
      id: id, start: grid.start, step: step,
      targets: table.targets.map { placed($0.values, .nan) })
    series.past = table.past.map { placed($0.values, .nan) }
    series.known = table.known.map { placed($0.values, .nan) }
    let steps = format.categories.count
    series.categories = table.categories.prefix(steps).map { texts in
      placed(texts.values, -1).map { $0 < 0 ? "" : texts.names[Int($0)] }
    }
    series.staticCategories = try table.categories.dropFirst(steps).enumerated().map { index, texts in
      try staticCategory(texts, table.categoryNames[steps + index], grid, id)
    }
    series.lines = placed(table.lines, 0)
    series.times = grid.times
    let present = (series.targets + series.past).compactMap { values in values.lastIndex { !$0.isNaN } }.max()
    guard let last = present, series.targets.contains(where: { $0.contains { !$0.isNaN } }) else {
      notes.append("\(table.path): series \(id.shown) has no values and is left out.")
      return nil
    }
    if last + 1 < grid.count {
      if series.known.isEmpty && series.categories.isEmpty {
        let line = series.lines[(last + 1)...].first { $0 > 0 } ?? 0
        notes.append("\(table.path): rows without values at the end, from line \(line), are left out.")
        series.lines.removeLast(grid.count - last - 1)
      }
      for index in series.targets.indices { series.targets[index].removeLast(grid.count - last - 1) }
      for index in series.past.indices { series.past[index].removeLast(grid.count - last - 1) }
    }
    return series
  }

  private func staticCategory(
    _ texts: SeriesTable.Texts, _ name: String, _ grid: SeriesGrid, _ id: String
  ) throws -> String {
    let first = texts.values[grid.rows[0]]
    if let row = grid.rows.first(where: { texts.values[$0] != first }) {
      throw RecurrentError(
        .invalidData,
        "column \(name.shown) is \(texts.names[Int(texts.values[row])].shown), but \(texts.names[Int(first)].shown) in "
          + "line \(table.lines[grid.rows[0]])" + (id.isEmpty ? "" : " of the same series, \(id.shown)"),
        at: "\(table.path), line \(table.lines[row])",
        remedy: "correct it, or give the column as a category that varies")
    }
    return texts.names[Int(first)]
  }

  /// - Throws: `RecurrentError.invalidData` for a column without values.
  private func requireValues() throws {
    for column in table.targets + table.past + table.known where column.values.allSatisfy(\.isNaN) {
      throw RecurrentError(
        .invalidData, "column \(column.name.shown) has no values", at: table.path,
        remedy: "remove it, or name the `target` columns")
    }
  }

  // MARK: Notes

  private mutating func noteOrder(_ grids: [SeriesGrid]) {
    if grids.contains(where: \.isDescending) {
      notes.append("\(table.path): the newest row is first; rows are put into the order of time.")
    } else if let row = grids.lazy.compactMap(\.firstUnsorted).first {
      notes.append(
        "\(table.path): rows are sorted by time; line \(table.lines[row]) is earlier than the row before it.")
    }
  }

  private mutating func noteMoved(_ grids: [SeriesGrid]) {
    let count = grids.reduce(0) { $0 + $1.moved.count }
    guard let step, count > 0, let first = grids.first(where: { $0.moved.count > 0 })?.moved.first else { return }
    notes.append(
      "\(table.path): \(count.counted("time is", "times are")) moved to the nearest step (\(step)), the "
        + "first in line \(table.lines[first]).")
  }
}
