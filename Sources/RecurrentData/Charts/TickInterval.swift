/// A distance between ticks of an axis of times.
enum TickInterval {
  /// Divisors or multiples of a day; multiples of a week begin on Mondays.
  case seconds(Double)
  /// Divisors or multiples of a year.
  case months(Int)

  private static let week = 7 * Timestamp.day
  /// The mean month, in seconds.
  static let month = 2_629_746.0

  /// From a microsecond to five thousand years.
  static let all: [TickInterval] = {
    let fractions = [1e6, 1e5, 1e4, 1e3, 100, 10].flatMap { parts in [1, 2, 5].map { $0 / parts } }
    let clock: [Double] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200]
    let days = [Timestamp.day, 2 * Timestamp.day, week, 2 * week]
    let months = [1, 3] + [12, 120, 1200, 12_000].flatMap { years in [1, 2, 5].map { $0 * years } }
    return (fractions + clock + days).map { .seconds($0) } + months.map { .months($0) }
  }()

  /// The seconds of an interval; of months, their mean.
  var seconds: Double {
    switch self {
    case .seconds(let seconds): seconds
    case .months(let months): Double(months) * Self.month
    }
  }

  /// The times at the boundaries in a range, and perhaps one before it.
  func boundaries(around range: ClosedRange<Timestamp>) -> [Timestamp] {
    switch self {
    case .months(let months):
      let first = range.lowerBound.date.months.floorDivided(by: months) * months
      return stride(from: first, through: range.upperBound.date.months, by: months).map { month in
        let year = month.floorDivided(by: 12)
        return Timestamp(year: year, month: month - year * 12 + 1)
      }
    case .seconds(let length):
      // 1970 began on a Thursday.
      let monday = length >= Self.week ? 4 * Timestamp.day : 0
      let first = ((range.lowerBound.seconds - monday) / length - 1e-6).rounded(.up)
      return stride(from: first, through: (range.upperBound.seconds - monday) / length + 1e-6, by: 1).map {
        Timestamp(seconds: $0 * length + monday)
      }
    }
  }

  /// The part of a time that differs from tick to tick.
  func label(_ time: Timestamp) -> String {
    switch self {
    case .months(let months): return months < 12 ? time.monthName : "\(time.date.year)"
    case .seconds(Self.week...): return "\(time.date.day) \(time.monthName)"
    case .seconds(Timestamp.day...): return "\(time.weekdayName) \(time.date.day)"
    case .seconds(let seconds):
      var format = TimestampFormat.dateTime
      format.clockFields = seconds < 60 ? 3 : 2
      format.fraction =
        (0...6).first { digits in
          (0..<digits).reduce(seconds) { parts, _ in parts * 10 } >= 0.999
        } ?? 6
      return String(format.text(of: time).drop { $0 != " " }.dropFirst())
    }
  }

  /// The part of a time that several ticks share.
  func context(_ time: Timestamp) -> String {
    switch self {
    case .months(12...): ""
    case .months, .seconds(Self.week...): "\(time.date.year)"
    case .seconds(Timestamp.day...): "\(time.monthName) \(time.date.year)"
    case .seconds: "\(time.date.day) \(time.monthName) \(time.date.year)"
    }
  }
}

extension Timestamp {
  fileprivate var monthName: String {
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][date.month - 1]
  }

  fileprivate var weekdayName: String { ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][weekday] }
}
