import RecurrentCore

/// What is unusual in the values of series: missing steps and values, constant columns, changes of unit.
struct SeriesNotes {
  private let path: String
  private let step: TimeStep?
  private let format: TimestampFormat

  init(_ path: String, step: TimeStep?, format: TimestampFormat) {
    (self.path, self.step, self.format) = (path, step, format)
  }

  /// A sentence for each finding.
  func notes(of series: [TimeSeries], _ table: SeriesTable) -> [String] {
    [gaps(in: series)].compactMap(\.self) + missing(in: series, table) + constant(table)
      + unitChanges(in: series, table.targets.map(\.name))
  }

  // MARK: Missing steps and values

  /// The steps without a row.
  private func gaps(in series: [TimeSeries]) -> String? {
    var (missing, all) = (0, 0)
    var ranges: [String] = []
    for one in series {
      let lines = one.lines.prefix(one.steps)
      all += lines.count
      var place = 0
      while let first = lines[place...].firstIndex(of: 0) {
        let end = lines[first...].firstIndex { $0 != 0 } ?? lines.count
        missing += end - first
        ranges.append(range(first..<end, of: one, isOnly: series.count == 1))
        place = end
      }
    }
    guard missing > 0 else { return nil }
    let unit = step.map { " (\($0))" } ?? ""
    let rest = ranges.count > 5 ? " and \((ranges.count - 5).grouped) more" : ""
    return
      "\(path): \(missing.grouped) of \(all.counted("step"))\(unit) \(missing == 1 ? "has no row and is" : "have no row and are") missing: "
      + ranges.prefix(5).joined(separator: ", ") + rest + "."
  }

  private func range(_ steps: Range<Int>, of series: TimeSeries, isOnly: Bool) -> String {
    let ends = [steps.lowerBound, steps.upperBound - 1].map { series.time(at: $0).map(format.text) ?? "\($0)" }
    return (isOnly ? "" : series.id.shown + " ") + (ends[0] == ends[1] ? ends[0] : "\(ends[0]) to \(ends[1])")
  }

  /// The values that rows lack.
  private func missing(in series: [TimeSeries], _ table: SeriesTable) -> [String] {
    var texts: [String] = []
    var all = 0
    func count(_ name: String, _ values: (TimeSeries) -> [Float]) {
      var (count, line) = (0, Int32.max)
      for one in series {
        for (value, row) in zip(values(one), one.lines) where value.isNaN && row > 0 {
          count += 1
          line = min(line, row)
        }
      }
      guard count > 0 else { return }
      all += count
      texts.append("\(name.shown) \(count.grouped) (first in line \(line))")
    }
    for (index, column) in table.targets.enumerated() { count(column.name) { $0.targets[index] } }
    for (index, column) in table.past.enumerated() { count(column.name) { $0.past[index] } }
    for (index, column) in table.known.enumerated() { count(column.name) { $0.known[index] } }
    return all == 0 ? [] : ["\(path): \(all.counted("value is", "values are")) missing: \(texts.listed)."]
  }

  // MARK: Values

  private func constant(_ table: SeriesTable) -> [String] {
    guard table.lines.count > 1 else { return [] }
    let names = (table.targets + table.past + table.known).compactMap { column -> String? in
      guard let first = column.values.first(where: { !$0.isNaN }) else { return nil }
      return column.values.allSatisfy { $0 == first || $0.isNaN } ? column.name.shown : nil
    }
    guard !names.isEmpty else { return [] }
    return [
      "\(path): \(names.count == 1 ? "column" : "columns") \(names.listed) \(names.count == 1 ? "is" : "are") constant."
    ]
  }

  private func unitChanges(in series: [TimeSeries], _ names: [String]) -> [String] {
    let changes = series.flatMap { one in
      one.targets.enumerated().compactMap { index, values in
        UnitChange(of: values).map { change in
          let line = one.lines.indices.contains(change.step) ? one.lines[change.step] : 0
          return "\(path), line \(line): \(names[index].shown)\(series.count > 1 ? " of \(one.id.shown)" : "") is "
            + "about \(change.factor.roundedToPowerOfTen) times as \(change.factor > 1 ? "large" : "small") from here on: "
            + "has its unit changed?"
        }
      }
    }
    return changes.prefix(3)
      + (changes.count > 3 ? ["\(path): \((changes.count - 3).counted("more such change"))."] : [])
  }
}

extension Double {
  /// The nearest power of ten of a factor or its inverse.
  fileprivate var roundedToPowerOfTen: String {
    var (power, rest) = (1, max(self, 1 / self))
    while rest > 3.1623, power < 1_000_000_000_000 { (power, rest) = (power * 10, rest / 10) }
    return power.grouped
  }
}
