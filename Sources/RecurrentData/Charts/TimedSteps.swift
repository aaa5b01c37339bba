/// Steps of an axis with times: where the boundaries of hours, days, weeks, months and years are.
struct TimedSteps {
  private let steps: ClosedRange<Int>
  private let start: Timestamp
  private let step: TimeStep

  /// Steps whose times are counted from step 0; nil if they are not within a hundred thousand years of 1970.
  init?(_ steps: ClosedRange<Int>, start: Timestamp, step: TimeStep) {
    switch step {
    case .seconds(let seconds): guard seconds > 0, seconds.isFinite else { return nil }
    case .months(let months): guard months > 0 else { return nil }
    case .businessDay: break
    }
    (self.steps, self.start, self.step) = (steps, start, step)
    let extent = Double(max(abs(steps.lowerBound), abs(steps.upperBound))) * stepSeconds
    guard start.seconds.magnitude + extent < 3e12 else { return nil }
  }

  /// The finest of the ticks that meet a condition, not many more than `most`; nil if none does.
  func finest(atMost most: Int, where fits: ([StepAxis.Tick]) -> Bool) -> [StepAxis.Tick]? {
    let extent = Double(steps.count) * stepSeconds
    let alone = [StepAxis.Tick(step: Double(steps.lowerBound), label: name(ofStep: steps.lowerBound))]
    return TickInterval.all.lazy.filter { interval in
      interval.seconds >= stepSeconds * 0.999 && extent / interval.seconds <= Double(most)
    }.map { interval in
      let ticks = self.ticks(every: interval)
      return ticks.isEmpty ? alone : ticks
    }.first(where: fits)
  }

  /// A step's time, to the day, the minute or the second.
  func name(ofStep index: Int) -> String {
    let format: TimestampFormat =
      switch step {
      case .months(let months): months.isMultiple(of: 12) ? .year : .month
      case .businessDay: .date
      case .seconds(let seconds):
        start.secondOfDay == 0 && seconds.truncatingRemainder(dividingBy: Timestamp.day) == 0
          ? .date : .dateTime(hasSeconds: seconds < 60)
      }
    return format.text(of: step.time(after: start, steps: index))
  }

  /// The seconds of a step; of months, their mean.
  private var stepSeconds: Double {
    switch step {
    case .seconds(let seconds): seconds
    case .months(let months): Double(months) * TickInterval.month
    case .businessDay: Timestamp.day
    }
  }

  /// The position of a boundary, in steps; nil where a step has none.
  private func position(_ time: Timestamp, _ interval: TickInterval) -> Double? {
    switch step {
    case .seconds: return step.steps(from: start, to: time)
    case .months(let months):
      guard case .months = interval else { return nil }
      // A year's value belongs to the year, whatever its month.
      guard months.isMultiple(of: 12) else { return step.steps(from: start, to: time) }
      return Double(time.date.year - start.date.year) * 12 / Double(months)
    case .businessDay:
      let steps = step.steps(from: start, to: time)
      guard time.weekday > 4 else { return steps }
      // What begins on a weekend is between Friday and Monday.
      return interval.seconds > Timestamp.day ? steps + 0.5 : nil
    }
  }

  private func ticks(every interval: TickInterval) -> [StepAxis.Tick] {
    let range = step.time(after: start, steps: steps.lowerBound)...step.time(after: start, steps: steps.upperBound)
    return interval.boundaries(around: range).compactMap { time in
      // Fractions of a second are rounded.
      guard let position = position(time, interval), position >= Double(steps.lowerBound) - 1e-3,
        position <= Double(steps.upperBound) + 1e-3
      else { return nil }
      return StepAxis.Tick(step: position, label: interval.label(time), context: interval.context(time))
    }
  }
}

extension TimestampFormat {
  /// `2016-07-01 13:00`, or with seconds.
  fileprivate static func dateTime(hasSeconds: Bool) -> TimestampFormat {
    var format = TimestampFormat.dateTime
    format.clockFields = hasSeconds ? 3 : 2
    return format
  }
}
