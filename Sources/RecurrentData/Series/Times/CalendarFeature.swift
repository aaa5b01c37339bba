/// A feature of a time, as a number from −0.5 to 0.5; as in GluonTS (Alexandrov et al. 2020).
public enum CalendarFeature: String, Sendable, Hashable, Codable, CaseIterable {
  /// The time of day, with minutes and seconds.
  case hourOfDay = "hour_of_day"
  /// From Monday to Sunday.
  case dayOfWeek = "day_of_week"
  /// The day of the month.
  case dayOfMonth = "day_of_month"
  /// The day of the year.
  case dayOfYear = "day_of_year"
  /// From January to December.
  case month

  /// The features that vary from step to step, and not only with a longer period that another one has.
  public static func varying(with step: TimeStep) -> [CalendarFeature] {
    switch step {
    case .months(let months): months.isMultiple(of: 12) ? [] : [.month]
    case .businessDay: [.dayOfWeek, .dayOfMonth, .dayOfYear]
    case .seconds(let seconds):
      if seconds.truncatingRemainder(dividingBy: 7 * Timestamp.day) == 0 {
        [.dayOfMonth, .dayOfYear]
      } else if seconds.truncatingRemainder(dividingBy: Timestamp.day) == 0 {
        [.dayOfWeek, .dayOfMonth, .dayOfYear]
      } else {
        [.hourOfDay, .dayOfWeek, .dayOfMonth, .dayOfYear]
      }
    }
  }

  /// The value at a time.
  public func value(at time: Timestamp) -> Float {
    let date = time.date
    let fraction: Double =
      switch self {
      case .hourOfDay: time.secondOfDay / Timestamp.day
      case .dayOfWeek: Double(time.weekday) / 6
      case .dayOfMonth: Double(date.day - 1) / 30
      case .dayOfYear: Double(date.days - CivilDate(year: date.year, month: 1, day: 1).days) / 365
      case .month: Double(date.month - 1) / 11
      }
    return Float(fraction - 0.5)
  }
}
