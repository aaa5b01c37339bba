import RecurrentCore

/// The time from one step of a series to the next.
public enum TimeStep: Sendable, Hashable {
  /// A number of seconds: 3,600 for hours, 604,800 for weeks.
  case seconds(Double)
  /// A number of months: 3 for quarters, 12 for years.
  case months(Int)
  /// A day from Monday to Friday.
  case businessDay

  /// An hour.
  public static let hour = TimeStep.seconds(3600)
  /// A day.
  public static let day = TimeStep.seconds(Timestamp.day)
  /// Seven days.
  public static let week = TimeStep.seconds(7 * Timestamp.day)
  /// A month.
  public static let month = TimeStep.months(1)

  /// The time some steps later. Months keep the day of the month, or the last day of a shorter month; from the last day
  /// of a month they lead to the last day.
  /// - Parameters:
  ///   - time: The time of a step.
  ///   - steps: The number of steps; negative for earlier times.
  public func time(after time: Timestamp, steps: Int) -> Timestamp {
    switch self {
    case .seconds(let seconds): Timestamp(seconds: time.seconds + Double(steps) * seconds)
    case .months(let months):
      Timestamp(
        seconds: Double(time.date.adding(months: steps * months).days) * Timestamp.day + time.secondOfDay)
    case .businessDay:
      Timestamp(
        seconds: Double(BusinessDays.day(Self.businessIndex(of: time) + steps)) * Timestamp.day + time.secondOfDay)
    }
  }

  /// The number of steps from one time to another, and a fraction of a step; months by the calendar, without a fraction.
  func steps(from start: Timestamp, to time: Timestamp) -> Double {
    switch self {
    case .seconds(let seconds): (time.seconds - start.seconds) / seconds
    case .months(let months): Double(time.date.months - start.date.months) / Double(months)
    case .businessDay: Double(Self.businessIndex(of: time) - Self.businessIndex(of: start))
    }
  }

  private static func businessIndex(of time: Timestamp) -> Int {
    BusinessDays.index(ofDay: Int((time.seconds / Timestamp.day).rounded(.down)))
  }

  /// The natural seasonal periods, in steps, the shortest first; none if the step divides no period.
  public var seasons: [Int] {
    switch self {
    case .businessDay: [5]
    case .months(let months): 12.isMultiple(of: months) && months < 12 ? [12 / months] : []
    case .seconds(let seconds):
      if seconds == 7 * Timestamp.day {
        [52]
      } else if seconds == Timestamp.day {
        [7, 365]
      } else {
        Self.periods(seconds: seconds).compactMap { period in
          let steps = period / seconds
          return steps.rounded() == steps && steps >= 2 ? Int(steps) : nil
        }
      }
    }
  }

  /// The number of steps of a day, up to 1,440; nil if they do not divide it, or the step is longer than half a day.
  package var stepsPerDay: Int? {
    guard case .seconds(let seconds) = self, case let steps = Timestamp.day / seconds, steps.rounded() == steps else {
      return nil
    }
    return (2...1440).contains(steps) ? Int(steps) : nil
  }

  /// The natural periods above a step of less than a day, in seconds.
  private static func periods(seconds: Double) -> [Double] {
    seconds < 60 ? [60, 3600, Timestamp.day] : [Timestamp.day, 7 * Timestamp.day]
  }
}

/// The days from Monday to Friday, numbered without gaps.
enum BusinessDays {
  /// The number of a day; Saturday and Sunday have that of the Friday before.
  static func index(ofDay day: Int) -> Int {
    // Day 0 is a Thursday: weeks begin on the Monday before.
    let week = (day + 3).floorDivided(by: 7)
    return week * 5 + min(Timestamp.weekday(ofDay: day), 4)
  }

  /// The day of a number.
  static func day(_ index: Int) -> Int {
    let week = index.floorDivided(by: 5)
    return week * 7 - 3 + (index - week * 5)
  }
}

// MARK: Names

extension TimeStep: LosslessStringConvertible {
  private static let units: [(name: String, short: [String], step: TimeStep)] = [
    ("year", ["years", "yearly", "y"], .months(12)), ("quarter", ["quarters", "quarterly", "q"], .months(3)),
    ("month", ["months", "monthly"], .months(1)), ("week", ["weeks", "weekly", "w"], .week),
    ("business day", ["business days", "b"], .businessDay), ("day", ["days", "daily", "d"], .day),
    ("hour", ["hours", "hourly", "h"], .hour), ("minute", ["minutes", "min"], .seconds(60)),
    ("second", ["seconds", "s"], .seconds(1)), ("millisecond", ["milliseconds", "ms"], .seconds(0.001)),
  ]

  /// A plain name: `hour`, `15 minutes`, `week`, `business day`.
  public var description: String {
    for (name, _, step) in Self.units {
      switch (self, step) {
      case (.businessDay, .businessDay): return name
      case (.months(let months), .months(let unit)) where months.isMultiple(of: unit):
        return Self.counted(months / unit, name)
      case (.seconds(let seconds), .seconds(let unit))
      where seconds < 1e12 && (seconds / unit).rounded() == seconds / unit:
        return Self.counted(Int(seconds / unit), name)
      default: continue
      }
    }
    if case .seconds(let seconds) = self { return "\(seconds) seconds" }
    return "month"
  }

  private static func counted(_ count: Int, _ name: String) -> String { count == 1 ? name : count.counted(name) }

  /// As in "steps of 1 hour": `1 hour`, `15 minutes`.
  package var duration: String { description.first?.isNumber == true ? description : "1 \(description)" }

  /// The step of a name: `hour`, `15 minutes`, `15min`, `daily`, `business day`.
  /// - Returns: Nil for another text, or a count below 1.
  public init?(_ text: String) {
    let text = text.lowercased()
    let digits = text.prefix { $0 == "." || $0.isASCII && $0.isNumber }
    let unit = String(text.dropFirst(digits.count).drop { $0 == " " })
    guard let count = digits.isEmpty ? 1 : Double(String(digits)), count > 0, count <= 1e9,
      let step = Self.units.first(where: { $0.name == unit || $0.short.contains(unit) })?.step
    else { return nil }
    switch step {
    case .seconds(let seconds): self = .seconds(count * seconds)
    case .months(let months):
      guard count.rounded() == count, count <= 12_000 else { return nil }
      self = .months(Int(count) * months)
    case .businessDay:
      guard count == 1 else { return nil }
      self = step
    }
  }
}

extension TimeStep: Codable {
  /// Reads a name.
  /// - Throws: `DecodingError` if it is none.
  public init(from decoder: any Decoder) throws {
    self = try decoder.text(of: "a time step")
  }

  /// Writes the name.
  /// - Throws: Errors of the encoder.
  public func encode(to encoder: any Encoder) throws {
    try encoder.put(textOf: self)
  }
}
