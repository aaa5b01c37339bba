/// A time of the proleptic Gregorian calendar, without a time zone: local time, or UTC where the data has offsets.
public struct Timestamp: Sendable, Hashable, Comparable, Codable {
  /// The seconds since 1970-01-01 00:00:00.
  public var seconds: Double

  /// A time.
  public init(seconds: Double) { self.seconds = seconds }

  /// Whether a time is before another.
  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.seconds < b.seconds }
}

/// The time from one step of a series to the next.
public enum TimeStep: Sendable, Hashable, Codable {
  /// A number of seconds: 3,600 for hours, 604,800 for weeks.
  case seconds(Double)
  /// A number of months: 3 for quarters, 12 for years.
  case months(Int)
}
