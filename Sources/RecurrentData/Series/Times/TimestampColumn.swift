import RecurrentCore

/// The times of a column. All have one form; whether day or month is first in `04/05/2021` follows from all of them.
struct TimestampColumn {
  /// How the column is written.
  private enum Kind {
    /// Dates; the form of the first one.
    case dates(WrittenTime)
    /// Numbers of units since 1970.
    case epoch(TimestampFormat.Style)
  }

  private struct Stamp {
    let time: WrittenTime
    let line: Int
  }

  private let kind: Kind
  private let path: String
  private let first: String
  private let firstLine: Int
  private var seconds: [Double] = []
  /// The stamps whose order of day and month is open.
  private var open: [WrittenTime] = []
  private var lines: [Int32] = []
  private var clock: WrittenTime.Clock?

  /// The column of a first value; nil if it is no time.
  /// - Parameter allowsNumbers: Whether it may be a number: of seconds since 1970, or a year.
  init?(first bytes: [UInt8], _ range: Range<Int>, line: Int, allowsNumbers: Bool, path: String) {
    let written = TimeScanner.time(in: bytes, range)
    if let written, written.form != .year && written.form != .digits || allowsNumbers {
      kind = .dates(written)
    } else if allowsNumbers, case .value(let number) = NumberScanner.double(in: bytes, range),
      let style = Self.epoch(of: number)
    {
      kind = .epoch(style)
    } else {
      return nil
    }
    (self.path, firstLine) = (path, line)
    first = String(decoding: bytes[range], as: UTF8.self)
  }

  /// The unit of a number since 1970, from 1973 to 5138; nil for other numbers.
  private static func epoch(of number: Double) -> TimestampFormat.Style? {
    switch number {
    case 1e8..<1e11: .seconds
    case 1e11..<1e14: .milliseconds
    case 1e14..<1e17: .microseconds
    case 1e17..<1e20: .nanoseconds
    default: nil
    }
  }

  /// Whether a value is a time of the column's form.
  func accepts(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    switch kind {
    case .dates(let form): TimeScanner.time(in: bytes, range).map { Self.fits($0, form) } ?? false
    case .epoch(let style):
      if case .value(let number) = NumberScanner.double(in: bytes, range) {
        Self.epoch(of: number) == style
      } else {
        false
      }
    }
  }

  /// A date without a time of day fits, as R omits midnight.
  private static func fits(_ time: WrittenTime, _ form: WrittenTime) -> Bool {
    time.form == form.form && time.separator == form.separator && time.hasName == form.hasName
      && (time.hasZone == form.hasZone || time.clock == nil || form.clock == nil)
      && (time.clock == nil || form.clock == nil || time.clock?.followsT == form.clock?.followsT)
  }

  /// Adds the next value.
  /// - Throws: `RecurrentError.invalidData` with the line, if it is missing, no time, or of another form.
  mutating func append(_ bytes: [UInt8], _ range: Range<Int>, line: Int) throws {
    switch kind {
    case .dates(let form):
      guard let time = TimeScanner.time(in: bytes, range) else { throw unread(bytes, range, line) }
      guard Self.fits(time, form) else { throw mixed(bytes, range, line) }
      if time.form.isOrdered {
        guard let value = time.seconds(isMonthFirst: false) else { throw noSuchDay(bytes, range, line) }
        seconds.append(value)
      } else {
        open.append(time)
      }
      if let other = time.clock {
        clock = WrittenTime.Clock(
          fields: max(other.fields, clock?.fields ?? 0), fraction: max(other.fraction, clock?.fraction ?? 0),
          followsT: other.followsT)
      }
    case .epoch(let style):
      guard case .value(let number) = NumberScanner.double(in: bytes, range) else { throw unread(bytes, range, line) }
      guard Self.epoch(of: number) == style else { throw mixed(bytes, range, line) }
      seconds.append(number / (style.perSecond ?? 1))
    }
    lines.append(Int32(clamping: line))
  }

  /// The times, how they are written, and a note on what was assumed.
  /// - Parameter isMonthFirst: Whether the month is first in dates with slashes; nil to find it.
  /// - Throws: `RecurrentError.invalidData` with the line of a date that does not exist.
  func times(
    isMonthFirst given: Bool?
  ) throws -> (seconds: [Double], format: TimestampFormat, note: String?) {
    guard case .dates(let form) = kind else {
      guard case .epoch(let style) = kind else { return (seconds, .date, nil) }
      return (seconds, TimestampFormat(style), nil)
    }
    var format = format(of: form)
    guard form.form == .dayAndMonth else { return (seconds, format, nil) }
    let (isMonthFirst, note) = try order(given, separator: form.separator)
    format.style = isMonthFirst ? .monthDayYear : .dayMonthYear
    let times = try open.enumerated().map { row, time in
      guard let value = time.seconds(isMonthFirst: isMonthFirst) else {
        throw RecurrentError(
          .invalidData, "there is no day \(time.first)/\(time.second)/\(time.year)", at: "\(path), line \(lines[row])",
          remedy: "correct the date")
      }
      return value
    }
    return (times, format, note)
  }

  private func format(of form: WrittenTime) -> TimestampFormat {
    var format: TimestampFormat =
      switch form.form {
      case .yearMonthDay, .dayAndMonth: .date
      case .yearMonth: .month
      case .year: .year
      case .quarter: TimestampFormat(.quarter)
      case .digits: TimestampFormat(.digits)
      }
    if !form.hasName { format.separator = String(decoding: [form.separator], as: UTF8.self) }
    if format.style == .digits { format.separator = "" }
    // Of a year with two digits all four are written.
    if form.form == .yearMonth && !form.hasName { format.yearDigits = form.yearDigits }
    if let clock {
      (format.clockFields, format.fraction) = (clock.fields, clock.fraction)
      format.join = clock.followsT ? "T" : " "
      format.zone = form.hasZone ? "Z" : ""
    }
    return format
  }

  /// Whether the month is first: by the first value above 12; without one, by which order gives even steps.
  private func order(_ given: Bool?, separator: UInt8) throws -> (isMonthFirst: Bool, note: String?) {
    if let given { return (given, nil) }
    let (day, month) = (open.firstIndex { $0.first > 12 }, open.firstIndex { $0.second > 12 })
    if let day, let month {
      throw RecurrentError(
        .invalidData, "the day is first here and the month in line \(lines[min(day, month)])",
        at: "\(path), line \(lines[max(day, month)])", remedy: "write all dates in one form, such as 2021-04-30")
    }
    if day != nil || month != nil { return (month != nil, nil) }
    let unevenness = [true, false].map { isMonthFirst in
      let times = open.compactMap { $0.seconds(isMonthFirst: isMonthFirst) }.sorted()
      let months = Set(
        zip(times.dropFirst(), times).map { Timestamp(seconds: $0).date.months - Timestamp(seconds: $1).date.months })
      return min(Set(zip(times.dropFirst(), times).map(-)).count, months.contains(0) ? .max : months.count)
    }
    // Dots are German, Slavic and Turkish, with the day first.
    let isMonthFirst = unevenness[0] == unevenness[1] ? separator == UInt8(ascii: "/") : unevenness[0] < unevenness[1]
    return (
      isMonthFirst,
      "\(path): the \(isMonthFirst ? "month" : "day") is assumed to be first in dates such as \(first); "
        + "if not, add `\(isMonthFirst ? "" : "no-")day-first`."
    )
  }

  // MARK: Errors

  private func shown(_ bytes: [UInt8], _ range: Range<Int>) -> String {
    "\"" + String(decoding: bytes[range], as: UTF8.self).shown + "\""
  }

  private func unread(_ bytes: [UInt8], _ range: Range<Int>, _ line: Int) -> RecurrentError {
    if range.isEmpty {
      return RecurrentError(
        .invalidData, "has no time", at: "\(path), line \(line)", remedy: "add it, or remove the row")
    }
    return RecurrentError(
      .invalidData, "\(shown(bytes, range)) is not a time", at: "\(path), line \(line)",
      remedy: "write it as in line \(firstLine), \(first.shown)")
  }

  private func mixed(_ bytes: [UInt8], _ range: Range<Int>, _ line: Int) -> RecurrentError {
    RecurrentError(
      .invalidData, "the time \(shown(bytes, range)) has another form than in line \(firstLine), \(first.shown)",
      at: "\(path), line \(line)", remedy: "write all times in one form")
  }

  private func noSuchDay(_ bytes: [UInt8], _ range: Range<Int>, _ line: Int) -> RecurrentError {
    RecurrentError(
      .invalidData, "there is no day \(shown(bytes, range))", at: "\(path), line \(line)", remedy: "correct the date")
  }
}
