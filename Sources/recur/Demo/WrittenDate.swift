import Recurrent
import RecurrentData

/// A date in the ways in which people write it.
struct WrittenDate {
  private let date: CivilDate
  private let month: String
  /// Days since a Thursday.
  private let days: Int

  /// The date a number of days after 1970-01-01.
  init(days: Int) {
    (self.days, date) = (days, CivilDate(days: days))
    month = Self.months[date.month - 1]
  }

  /// A random date in a random form, and the same as year, month and day.
  static func pair(_ random: inout RandomSource) -> TextPair {
    let date = WrittenDate(days: first + random.integer(below: count))
    return TextPair(source: forms[random.integer(below: forms.count)](date), target: date.standard)
  }

  /// The ways: `march 3, 2019` and others.
  static let forms: [@Sendable (WrittenDate) -> String] = [
    { "\($0.month) \($0.date.day), \($0.date.year)" },
    { "\($0.date.day) \($0.month) \($0.date.year)" },
    { "\($0.abbreviation) \($0.date.day), \($0.date.year)" },
    { "\($0.date.day)-\($0.abbreviation)-\($0.date.year)" },
    { "\($0.weekday), \($0.month) \($0.ordinal), \($0.date.year)" },
    { "the \($0.ordinal) of \($0.month) \($0.date.year)" },
    { "\($0.date.month)/\($0.date.day)/\($0.date.year)" },
    { "\($0.date.day).\($0.date.month).\($0.date.year)" },
    { "\($0.abbreviation) \($0.date.day) '\(two($0.date.year % 100))" },
  ]

  /// `2019-03-03`
  private var standard: String { "\(date.year)-\(two(date.month))-\(two(date.day))" }
  private var abbreviation: Substring { month.prefix(3) }
  private var weekday: String { Self.weekdays[(days % 7 + 7) % 7] }

  private var ordinal: String {
    let suffixes = [1: "st", 2: "nd", 3: "rd"]
    return "\(date.day)" + (date.day / 10 == 1 ? "th" : suffixes[date.day % 10] ?? "th")
  }

  // 1950-01-01 to 2049-12-31.
  private static let first = -7305
  private static let count = 36_525

  private static let months = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
  ]
  // 1970-01-01 was a Thursday.
  private static let weekdays = ["thursday", "friday", "saturday", "sunday", "monday", "tuesday", "wednesday"]
}

/// Two digits.
private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
