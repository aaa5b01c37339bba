extension TimeStep {
  /// Days between the beginnings of months, quarters and years, also where they are given by their last business days.
  private static let calendar: [(days: ClosedRange<Double>, months: Int)] = [
    (26...33, 1), (85...95, 3), (360...370, 12),
  ]

  /// Steps in seconds that data of an uneven step may have.
  private static let common: [Double] = [
    0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 14_400,
    21_600, 43_200, 86_400, 604_800,
  ]

  /// The step of some series: the most frequent difference of their times.
  /// - Parameter series: The times of each, in ascending order, in seconds since 1970.
  /// - Returns: Nil if none has two times.
  static func inferred(from series: [[Double]]) -> TimeStep? {
    let differences = series.flatMap { zip($0.dropFirst(), $0).map(-) }.filter { $0 > 0 }.sorted()
    guard let least = differences.first, let median = differences.dropFirst(differences.count / 2).first else {
      return nil
    }
    let day = Timestamp.day
    if least > 27.5 * day, let months = months(of: series) { return .months(months) }
    let (mode, count) = mostFrequent(differences)
    let isFrequent = Double(count) >= 0.9 * Double(differences.count)
    if !isFrequent, let calendar = calendar.first(where: { $0.days.contains(median / day) }) {
      return .months(calendar.months)
    }
    if mode == day, differences.contains(where: { $0 > 2.5 * day }), isBusiness(series) { return .businessDay }
    let onGrid = differences.count { ($0 / mode - ($0 / mode).rounded()).magnitude < 1e-3 }
    if 2 * count >= differences.count || 10 * onGrid >= 9 * differences.count { return .seconds(mode) }
    // An instrument that is read at about equal times.
    return .seconds(common.first { (median / $0 - 1).magnitude < 0.1 } ?? median)
  }

  /// The most frequent difference in months, if all times are on one day of the month, or all on the last.
  private static func months(of series: [[Double]]) -> Int? {
    let times = series.map { $0.map { Timestamp(seconds: $0) } }
    guard let first = times.lazy.joined().first, times.joined().allSatisfy({ $0.secondOfDay == first.secondOfDay })
    else {
      return nil
    }
    let dates = times.map { $0.map(\.date) }
    let day = first.date.day
    guard dates.joined().allSatisfy({ $0.day == day }) || dates.joined().allSatisfy(\.isEndOfMonth) else { return nil }
    let differences = dates.flatMap { zip($0.dropFirst(), $0).map { Double($0.months - $1.months) } }
    return Int(mostFrequent(differences.sorted()).value)
  }

  /// The most frequent of sorted differences, the smallest of several; equal within a thousandth.
  private static func mostFrequent(_ sorted: [Double]) -> (value: Double, count: Int) {
    var (best, most) = (sorted[0], 0)
    var start = 0
    for place in 1...sorted.count where place == sorted.count || sorted[place] > sorted[start] * 1.001 {
      if place - start > most { (best, most) = (sorted[start], place - start) }
      start = place
    }
    return (best, most)
  }

  /// Whether the times are of ten days or more, none of which is a Saturday or Sunday.
  private static func isBusiness(_ series: [[Double]]) -> Bool {
    series.contains { $0.count >= 10 }
      && series.joined().allSatisfy { Timestamp(seconds: $0).weekday < 5 }
  }
}
