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
    let days = (time.seconds / 86_400).rounded(.down)
    seconds = time.seconds - days * 86_400
    weekday = ((Int(days) + 3) % 7 + 7) % 7
    // Years from March, since leap days are at the end of February; 400 years have 146,097 days (Hinnant 2014).
    let shifted = Int(days) + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let ofEra = shifted - era * 146_097
    let years = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * years + years / 4 - years / 100)
    let fromMarch = (5 * ofYear + 2) / 153
    day = ofYear - (153 * fromMarch + 2) / 5 + 1
    month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
    year = years + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// The months since January of year 0.
  var months: Int { year * 12 + month - 1 }

  /// Midnight of the first day of a month, counted from January of year 0.
  static func start(ofMonth months: Int) -> Timestamp {
    let (year, month) = months >= 0 ? (months / 12, months % 12) : ((months - 11) / 12, (months % 12 + 12) % 12)
    let fromMarch = (month + 10) % 12
    let years = month < 2 ? year - 1 : year
    let era = (years >= 0 ? years : years - 399) / 400
    let ofEra = years - era * 400
    let days = ofEra * 365 + ofEra / 4 - ofEra / 100 + (153 * fromMarch + 2) / 5
    return Timestamp(seconds: Double(era * 146_097 + days - 719_468) * 86_400)
  }
}
