/// A date of the proleptic Gregorian calendar, and its number of days; the arithmetic of Hinnant (2013), "chrono-
/// compatible low-level date algorithms".
package struct CivilDate: Sendable, Hashable {
  /// The year.
  package var year: Int
  /// The month, from 1.
  package var month: Int
  /// The day of the month, from 1.
  package var day: Int

  init(year: Int, month: Int, day: Int) { (self.year, self.month, self.day) = (year, month, day) }

  /// The date a number of days after 1970-01-01.
  package init(days: Int) {
    // Years begin in March, so that the leap day is the last.
    let shifted = days + 719_468
    let era = shifted.floorDivided(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// The days since 1970-01-01.
  var days: Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted.floorDivided(by: 400)
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The months since the beginning of year 0.
  var months: Int { year * 12 + month - 1 }

  /// Whether the day is the last of its month.
  var isEndOfMonth: Bool { day == Self.days(inMonth: month, of: year) }

  /// The number of days of a month.
  static func days(inMonth month: Int, of year: Int) -> Int {
    let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  /// The date some months later: on the same day, or the last of a shorter month. The last day of a month becomes the
  /// last day.
  func adding(months count: Int) -> CivilDate {
    let months = months + count
    let year = months.floorDivided(by: 12)
    let month = months - year * 12 + 1
    let last = Self.days(inMonth: month, of: year)
    return CivilDate(year: year, month: month, day: isEndOfMonth ? last : min(day, last))
  }
}

extension Int {
  /// The quotient, rounded down.
  func floorDivided(by divisor: Int) -> Int { (self - (self % divisor + divisor) % divisor) / divisor }
}
