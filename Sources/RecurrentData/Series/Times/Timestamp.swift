/// A time of the proleptic Gregorian calendar, without a time zone: local time, or UTC where the data has offsets.
public struct Timestamp: Sendable, Hashable, Comparable, Codable {
  /// The seconds since 1970-01-01 00:00:00.
  public var seconds: Double

  /// A time.
  public init(seconds: Double) { self.seconds = seconds }

  /// The beginning of a day, or a time of it.
  /// - Parameters:
  ///   - year: The year.
  ///   - month: The month, from 1.
  ///   - day: The day of the month, from 1.
  ///   - seconds: The seconds since midnight.
  public init(year: Int, month: Int = 1, day: Int = 1, seconds: Double = 0) {
    self.init(seconds: Double(CivilDate(year: year, month: month, day: day).days) * Self.day + seconds)
  }

  /// A time as text, in an ISO form: `2016-07-01 13:00:00`, `2016-07-01T13:00Z`, `2016-07-01`, `2016-07`, `2016`.
  /// - Returns: Nil for other text, and for dates that do not exist.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard let written = TimeScanner.time(in: bytes, bytes.indices), written.form.isOrdered,
      let seconds = written.seconds(isMonthFirst: false)
    else { return nil }
    self.init(seconds: seconds)
  }

  /// Whether a time is before another.
  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.seconds < b.seconds }

  /// The seconds of a day.
  static let day = 86_400.0

  /// The date.
  var date: CivilDate { CivilDate(days: Int((seconds / Self.day).rounded(.down))) }
  /// The seconds since midnight.
  var secondOfDay: Double { seconds - (seconds / Self.day).rounded(.down) * Self.day }
  /// The day of the week, from 0 for Monday.
  var weekday: Int { Self.weekday(ofDay: Int((seconds / Self.day).rounded(.down))) }

  /// The day of the week, from 0 for Monday, of a day since 1970-01-01, a Thursday.
  static func weekday(ofDay day: Int) -> Int { day + 3 - (day + 3).floorDivided(by: 7) * 7 }
}

extension Timestamp: CustomStringConvertible {
  /// The date, with the time of day unless it is midnight: `2016-07-01 13:00:00`.
  public var description: String { (secondOfDay == 0 ? TimestampFormat.date : .dateTime).text(of: self) }
}
