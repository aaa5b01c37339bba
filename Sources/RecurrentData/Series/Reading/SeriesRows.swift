import RecurrentCore

/// A table with a series in each row: its identifier, and its values in order. Rows have any number of values; what is
/// missing at their end is no step. A header may have the times of the columns.
struct SeriesRows {
  private(set) var series: [TimeSeries] = []
  private(set) var format: SeriesFormat
  private(set) var step: TimeStep?
  private(set) var timeFormat = TimestampFormat.dateTime
  private(set) var notes: [String] = []

  /// Whether the first rows look so: different texts in the first column, numbers in the others, and a header of
  /// consecutive numbers or of times, or none.
  static func matches(_ sample: SeriesColumns.Sample, _ format: SeriesFormat) -> Bool {
    guard !format.hasNames, format.time == nil, format.targets.isEmpty, sample.rows.count > 1,
      sample.rows[0].count >= 3, !sample.rows.dropFirst().contains(where: \.isEmpty)
    else { return false }
    let body = sample.rows.dropFirst()
    let ids = body.map { sample.bytes[$0[0].range] }
    guard Set(ids).count == ids.count,
      !body.contains(where: {
        sample.isNumber($0[0].range) || sample.isMissing($0[0].range) || sample.isTime($0[0].range)
      }),
      body.allSatisfy({ $0.dropFirst().allSatisfy { sample.isNumber($0.range) || sample.isMissing($0.range) } })
    else { return false }
    let first = sample.rows[0]
    if first.dropFirst().allSatisfy({ sample.isNumber($0.range) || sample.isMissing($0.range) }) {
      // A series, unless the header has numbers.
      return format.layout.header == nil && first.count >= 8 && !sample.isMissing(first[0].range)
        || isEnumerated(first, sample)
    }
    return isEnumerated(first, sample)
  }

  /// Whether the names after the first are consecutive numbers, perhaps after the same letters, or times.
  private static func isEnumerated(_ header: [TableRows.Field], _ sample: SeriesColumns.Sample) -> Bool {
    let names = header.dropFirst().map { String(decoding: sample.bytes[$0.range], as: UTF8.self) }
    let times = header.dropFirst().compactMap { TimeScanner.time(in: sample.bytes, $0.range)?.form }
    if times.count == names.count, Set(times).count == 1 { return true }
    let parts = names.map { name in
      let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
      return (prefix: name.dropLast(digits), number: Int(name.suffix(digits)))
    }
    return zip(parts, parts.dropFirst()).allSatisfy { one, next in
      guard let number = one.number, let following = next.number else { return false }
      return one.prefix == next.prefix && following == number + 1
    }
  }

  /// - Throws: `RecurrentError.invalidData` with the line of a repeated identifier, of a row without values and of text
  ///   among the numbers.
  init(_ table: TableRows, _ sample: SeriesColumns.Sample, _ format: SeriesFormat, path: String) throws {
    (self.format, step) = (format, format.step)
    var (table, fields) = (table, [TableRows.Field]())
    let names = sample.rows[0].map { String(example: sample.bytes[$0.range]) }
    let isHeader =
      format.layout.header
      ?? !sample.rows[0].dropFirst().allSatisfy { sample.isNumber($0.range) || sample.isMissing($0.range) }
    let id = try format.id?.index(among: names, at: "\(path), line \(sample.lines[0])") ?? 0
    var start: Timestamp?
    if isHeader {
      _ = try table.next(into: &fields)
      start = readTimes(sample, path)
    }
    var lines: [String: Int] = [:]
    while let line = try table.next(into: &fields) {
      let location = "\(path), line \(line)"
      guard fields.indices.contains(id) else {
        throw TableRows.ragged(fields.count, names.count, sample.lines[0], at: location)
      }
      let name = table.text(of: fields[id])
      if let other = lines.updateValue(line, forKey: name) {
        throw RecurrentError(
          .invalidData, "series \(name.shown) is repeated, it is also in line \(other)", at: location,
          remedy: "give each series another identifier, or add `rows` steps if rows are time steps")
      }
      var values = try fields.indices.filter { $0 != id }.map { column in
        let range = fields[column].range
        var name: String { isHeader && column < names.count ? names[column].shown : "\(column + 1)" }
        switch NumberScanner.float(in: table.bytes, range) {
        case .value(let value): return value
        case .missing: return Float.nan
        case .infinite: throw SeriesTable.infinite(table.bytes[range], in: name, at: location)
        case .text: throw SeriesTable.text(table.bytes[range], in: name, at: location)
        }
      }
      values.removeLast(values.count - ((values.lastIndex { !$0.isNaN } ?? -1) + 1))
      guard !values.isEmpty else {
        throw RecurrentError(
          .invalidData, "series \(name.shown) has no values", at: location, remedy: "remove the row")
      }
      series.append(TimeSeries(id: name, start: start, step: step, targets: [values]))
    }
    guard !series.isEmpty else {
      throw RecurrentError(.invalidData, "has a header but no rows", at: path, remedy: "add rows")
    }
    self.format.shape = .series
    self.format.layout = TableLayout(delimiter: Character(Unicode.Scalar(table.delimiter)), header: isHeader)
    if format.shape == nil {
      notes.insert("\(path): each row is read as a series; if rows are time steps, add `rows` steps.", at: 0)
    }
    noteValues(path)
  }

  /// The time of the first column of values, if the header has times on equal steps.
  private mutating func readTimes(_ sample: SeriesColumns.Sample, _ path: String) -> Timestamp? {
    let fields = sample.rows[0].dropFirst()
    guard let first = fields.first,
      var column = TimestampColumn(
        first: sample.bytes, first.range, line: sample.lines[0], allowsNumbers: false, path: path)
    else { return nil }
    guard (try? fields.forEach { try column.append(sample.bytes, $0.range, line: sample.lines[0]) }) != nil,
      let times = try? column.times(isMonthFirst: format.isDayFirst.map { !$0 }),
      let step = format.step ?? TimeStep.inferred(from: [times.seconds.sorted()])
    else { return nil }
    let start = Timestamp(seconds: times.seconds[0])
    guard times.seconds.enumerated().allSatisfy({ step.steps(from: start, to: Timestamp(seconds: $1)) == Double($0) })
    else {
      notes.append("\(path): the times in the header are not at equal steps and are not used.")
      return nil
    }
    notes += [times.note].compactMap(\.self)
    (self.step, timeFormat) = (step, times.format)
    return start
  }

  private mutating func noteValues(_ path: String) {
    let missing = series.map { $0.targets[0].count(where: \.isNaN) }
    let count = missing.reduce(0, +)
    if count > 0, let first = missing.firstIndex(where: { $0 > 0 }) {
      notes.append(
        "\(path): \(count.counted("value is", "values are")) missing, the first in series "
          + "\(series[first].id.shown).")
    }
    let constant = series.filter { Set($0.targets[0].filter { !$0.isNaN }).count == 1 && $0.steps > 1 }.map(\.id.shown)
    if !constant.isEmpty {
      notes.append("\(path): series \(constant.listed) \(constant.count == 1 ? "is" : "are") constant.")
    }
  }
}
