/// Steps of an axis with times: where the boundaries of hours, days, weeks, months and years are.
struct TimedSteps {
  private let steps: ClosedRange<Int>
  private let start: Timestamp
  private let step: TimeStep
  private let first: CivilTime

  /// Steps whose times are counted from step 0; nil if the times are out of the calendar's range.
  init?(_ steps: ClosedRange<Int>, start: Timestamp, step: TimeStep) {
    switch step {
    case .seconds(let seconds): guard seconds > 0, seconds.isFinite else { return nil }
    case .months(let months): guard months > 0, months < 1_000_000 else { return nil }
    case .businessDay: break
    }
    guard let first = CivilTime(start), abs(steps.lowerBound) < 1 << 40, abs(steps.upperBound) < 1 << 40 else {
      return nil
    }
    (self.steps, self.start, self.step, self.first) = (steps, start, step, first)
    guard CivilTime(time(steps.lowerBound)) != nil, CivilTime(time(steps.upperBound)) != nil else { return nil }
  }

  /// The finest of the ticks that meet a condition, not many more than `most`; nil if none does.
  func finest(atMost most: Int, where fits: ([StepAxis.Tick]) -> Bool) -> [StepAxis.Tick]? {
    let extent = time(steps.upperBound).seconds - time(steps.lowerBound).seconds
    let alone = [StepAxis.Tick(step: Double(steps.lowerBound), label: name(ofStep: steps.lowerBound))]
    return Interval.all.lazy.filter { interval in
      interval.seconds >= stepSeconds * 0.999 && extent / interval.seconds <= Double(most)
    }.map { interval in
      let ticks = self.ticks(every: interval)
      return ticks.isEmpty ? alone : ticks
    }.first(where: fits)
  }

  /// A step's time, to the day, the minute or the second.
  func name(ofStep index: Int) -> String {
    guard let time = CivilTime(time(index)) else { return "step \(index)" }
    let month = "\(time.year)-" + time.month.twoDigits
    switch step {
    case .months(let months): return months % 12 == 0 ? "\(time.year)" : month
    case .businessDay: return month + "-" + time.day.twoDigits
    case .seconds(let seconds):
      let day = month + "-" + time.day.twoDigits
      if first.seconds == 0, seconds.truncatingRemainder(dividingBy: 86_400) == 0 { return day }
      return day + " " + time.clock(hasSeconds: seconds < 60)
    }
  }

  private var stepSeconds: Double {
    switch step {
    case .seconds(let seconds): seconds
    case .months(let months): Double(months) * Interval.month
    case .businessDay: Interval.week / 5
    }
  }

  /// The time of a step: for months, midnight of the first.
  private func time(_ index: Int) -> Timestamp {
    switch step {
    case .seconds, .businessDay: step.time(after: start, steps: index)
    case .months(let months): CivilTime.start(ofMonth: first.months + index * months)
    }
  }

  /// The step of a time at the start of a month.
  private func position(ofMonth month: Int) -> Double {
    switch step {
    case .seconds, .businessDay: step.steps(from: start, to: CivilTime.start(ofMonth: month))
    // A year's value belongs to the year, whatever its month.
    case .months(let months) where months % 12 == 0: Double(month / 12 - first.year) * 12 / Double(months)
    case .months(let months): Double(month - first.months) / Double(months)
    }
  }

  private func ticks(every interval: Interval) -> [StepAxis.Tick] {
    let (lower, upper) = (time(steps.lowerBound), time(steps.upperBound))
    var found: [(step: Double, time: Timestamp)] = []
    switch interval.length {
    case .businessDay: return []
    case .months(let months):
      guard let from = CivilTime(lower)?.months, let to = CivilTime(upper)?.months else { return [] }
      let start = Int((Double(from) / Double(months)).rounded(.down)) * months
      found = stride(from: start, through: to, by: months).map { (position(ofMonth: $0), CivilTime.start(ofMonth: $0)) }
    case .seconds(let length):
      if case .months = step { return [] }
      // Weeks start on Mondays; 1970 started on a Thursday.
      let offset = length >= Interval.week ? 4 * Interval.day : 0
      let count = ((lower.seconds - offset) / length - 1e-6).rounded(.up)
      found = stride(from: count, through: (upper.seconds - offset) / length + 1e-6, by: 1).map {
        let time = Timestamp(seconds: $0 * length + offset)
        return (step.steps(from: start, to: time), time)
      }
    }
    // Fractions of a second are rounded.
    let range = Double(steps.lowerBound) - 1e-3...Double(steps.upperBound) + 1e-3
    let inside = found.filter { range.contains($0.step) }
    return inside.compactMap { step, time in
      CivilTime(time).map { StepAxis.Tick(step: step, label: interval.label($0), context: interval.context($0)) }
    }
  }
}

/// A distance between ticks.
private struct Interval {
  let length: TimeStep

  static let (day, week, month) = (86_400.0, 604_800.0, 2_629_746.0)

  /// From a microsecond to five thousand years.
  static let all: [Interval] = {
    let fractions = [1e6, 1e5, 1e4, 1e3, 100, 10].flatMap { parts in [1, 2, 5].map { $0 / parts } }
    let clock: [Double] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200]
    let months = [1, 3] + [12, 120, 1200, 12_000].flatMap { years in [1, 2, 5].map { $0 * years } }
    let seconds = fractions + clock + [day, 2 * day, week, 2 * week]
    return seconds.map { Interval(length: .seconds($0)) } + months.map { Interval(length: .months($0)) }
  }()

  var seconds: Double {
    switch length {
    case .seconds(let seconds): seconds
    case .months(let months): Double(months) * Self.month
    case .businessDay: Self.day
    }
  }

  func label(_ time: CivilTime) -> String {
    switch length {
    case .months(let months): months < 12 ? time.monthName : "\(time.year)"
    case .businessDay: "\(time.weekdayName) \(time.day)"
    case .seconds(let seconds):
      if seconds >= Self.week {
        "\(time.day) \(time.monthName)"
      } else if seconds >= Self.day {
        "\(time.weekdayName) \(time.day)"
      } else {
        time.clock(hasSeconds: seconds < 60, digits: (0...6).first { seconds * pow10($0) >= 0.999 } ?? 6)
      }
    }
  }

  func context(_ time: CivilTime) -> String {
    switch length {
    case .months(let months): months < 12 ? "\(time.year)" : ""
    case .businessDay: "\(time.monthName) \(time.year)"
    case .seconds(let seconds):
      if seconds >= Self.week {
        "\(time.year)"
      } else if seconds >= Self.day {
        "\(time.monthName) \(time.year)"
      } else {
        "\(time.day) \(time.monthName) \(time.year)"
      }
    }
  }
}

extension CivilTime {
  fileprivate var monthName: String {
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month - 1]
  }

  fileprivate var weekdayName: String { ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][weekday] }

  /// The hour and minute, and the second with digits after the point.
  fileprivate func clock(hasSeconds: Bool, digits: Int = 0) -> String {
    let unit = pow10(digits)
    let parts = min((seconds * unit).rounded(), 86_400 * unit - 1)
    let minutes = Int(parts / unit / 60)
    let text = (minutes / 60).twoDigits + ":" + (minutes % 60).twoDigits
    guard hasSeconds else { return text }
    let second = (parts - Double(minutes) * 60 * unit) / unit
    return text + ":" + (second < 10 ? "0" : "") + second.text(digits)
  }
}

private func pow10(_ digits: Int) -> Double { (0..<digits).reduce(1) { unit, _ in unit * 10 } }

extension Int {
  fileprivate var twoDigits: String { self < 10 ? "0\(self)" : "\(self)" }
}
