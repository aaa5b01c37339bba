/// A time in years, months, days, hours, minutes and seconds.
struct CivilTime {
  let year: Int
  /// 1 for January.
  let month: Int
  let day: Int
  /// 0 for Monday.
  let weekday: Int
  /// The seconds since midnight.
  let seconds: Double

  /// The parts of a time; nil if it is not within a hundred thousand years.
  init?(_ time: Timestamp) {
    guard time.seconds.magnitude < 3e12 else { return nil }
    let date = time.date
    (year, month, day, weekday, seconds) = (date.year, date.month, date.day, time.weekday, time.secondOfDay)
  }

  /// The months since January of year 0.
  var months: Int { year * 12 + month - 1 }

  /// Midnight of the first day of a month, counted from January of year 0.
  static func start(ofMonth months: Int) -> Timestamp {
    let year = months.floorDivided(by: 12)
    return Timestamp(year: year, month: months - year * 12 + 1)
  }
}
