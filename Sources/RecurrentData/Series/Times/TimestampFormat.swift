import RecurrentCore

/// How a time is written: as in the file that a series is from.
public struct TimestampFormat: Sendable, Hashable, Codable {
  /// The order of the fields of a date, or a number.
  package enum Style: String, Sendable, Hashable, Codable {
    case yearMonthDay, yearMonth, year, quarter, monthDayYear, dayMonthYear, digits
    case seconds, milliseconds, microseconds, nanoseconds

    /// The number of units of an epoch per second; nil for dates.
    var perSecond: Double? {
      switch self {
      case .seconds: 1
      case .milliseconds: 1e3
      case .microseconds: 1e6
      case .nanoseconds: 1e9
      default: nil
      }
    }
  }

  /// The order of the fields.
  package var style: Style
  /// What separates the fields of a date.
  package var separator = "-"
  /// The digits of the year, at least.
  package var yearDigits = 4
  /// The fields of the time of day: 0 for none, 1 for hours, 2 with minutes, 3 with seconds.
  package var clockFields = 0
  /// The digits after the seconds.
  package var fraction = 0
  /// What separates date and time of day.
  package var join = " "
  /// What follows the time of day: `Z` for UTC.
  package var zone = ""

  /// A format.
  package init(_ style: Style) { self.style = style }

  /// `2016-07-01`.
  public static let date = TimestampFormat(.yearMonthDay)
  /// `2016-07-01 13:00:00`.
  public static let dateTime = {
    var format = TimestampFormat(.yearMonthDay)
    format.clockFields = 3
    return format
  }()
  /// `2016-07`.
  public static let month = TimestampFormat(.yearMonth)
  /// `2016`.
  public static let year = TimestampFormat(.year)

  /// A time as text.
  public func text(of time: Timestamp) -> String {
    if let units = style.perSecond {
      let value = time.seconds * units
      return value.rounded() == value ? Int(exactly: value).map(String.init) ?? "\(value)" : value.text(3)
    }
    // Rounded first, so that 23:59:59.9996 with three digits is the next day.
    let scale = (0..<fraction).reduce(1.0) { scale, _ in scale * 10 }
    let time = Timestamp(seconds: (time.seconds * scale).rounded() / scale)
    let date = time.date
    let year = String(date.year).zeroed(to: yearDigits)
    let (month, day) = (String(date.month).zeroed(to: 2), String(date.day).zeroed(to: 2))
    let fields =
      switch style {
      case .yearMonthDay: [year, month, day]
      case .yearMonth: [year, month]
      case .quarter: ["\(year)Q\((date.month + 2) / 3)"]
      case .monthDayYear: [month, day, year]
      case .dayMonthYear: [day, month, year]
      case .digits: [year + month + day]
      default: [year]
      }
    return fields.joined(separator: separator) + (clockFields > 0 ? join + clock(time.secondOfDay) + zone : "")
  }

  private func clock(_ second: Double) -> String {
    let whole = Int(second)
    var fields = [whole / 3600, whole / 60 % 60, whole % 60].prefix(clockFields).map { String($0).zeroed(to: 2) }
    if fraction > 0, clockFields == 3 {
      fields[2] = (Double(whole % 60) + second - Double(whole)).text(fraction).zeroed(to: 3 + fraction)
    }
    return fields.joined(separator: ":")
  }
}

extension String {
  /// The text padded with zeros on the left.
  fileprivate func zeroed(to width: Int) -> String { String(repeating: "0", count: max(0, width - count)) + self }
}
