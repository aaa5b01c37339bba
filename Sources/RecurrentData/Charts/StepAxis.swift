/// An axis of time steps, with ticks at round numbers of steps or at the boundaries of hours, days, weeks, months, years.
struct StepAxis {
  /// A tick of the axis.
  struct Tick: Equatable {
    /// The step; a fraction between two of them.
    var step: Double
    /// The part of the time that differs from tick to tick: the hour, the day, the month.
    var label: String
    /// The part that it belongs to, which is drawn below where it changes: the date, the year.
    var context = ""
  }

  private let steps: ClosedRange<Int>
  private let times: TimedSteps?

  /// An axis of these steps.
  init(_ steps: ClosedRange<Int>, times: (start: Timestamp, step: TimeStep)?) {
    self.steps = steps
    self.times = times.flatMap { TimedSteps(steps, start: $0.start, step: $0.step) }
  }

  /// Whether the ticks are times.
  var hasTimes: Bool { times != nil }

  /// The most ticks whose labels do not touch.
  /// - Parameters:
  ///   - width: The distance from the first step to the last.
  ///   - gap: The least distance between labels.
  ///   - size: The width of a label.
  func ticks(width: Double, gap: Double, size: @escaping (String) -> Double) -> [Tick] {
    let perStep = width / Double(max(steps.count - 1, 1))
    let fits = { (ticks: [Tick]) in
      zip(ticks, ticks.dropFirst()).allSatisfy { a, b in
        (b.step - a.step) * perStep >= (size(a.label) + size(b.label)) / 2 + gap
      }
    }
    // No label is narrower than one character.
    let most = Int(width / (size("0") + gap)) + 2
    let found = times.map { $0.finest(atMost: most, where: fits) } ?? numbers(atMost: most).first(where: fits)
    guard var ticks = found else { return [] }
    // A context at its first tick, as far as it does not touch the next.
    var last: Int?
    for index in ticks.indices {
      let context = ticks[index].context
      let isRepeated = last.map { context == ticks[$0].context } ?? false
      guard !isRepeated else {
        ticks[index].context = ""
        continue
      }
      if let before = last, before == 0 {
        let room = (size(context) + size(ticks[0].context)) / 2 + gap
        if (ticks[index].step - ticks[0].step) * perStep < room { ticks[0].context = "" }
      }
      last = index
    }
    return ticks
  }

  /// What a step is called in a text: its time, or its number.
  func name(ofStep step: Int) -> String { times?.name(ofStep: step) ?? "step \(step)" }

  /// Ticks at 1, 2, 5, 10 … steps.
  private func numbers(atMost most: Int) -> some Sequence<[Tick]> {
    let units = (0...18).lazy.flatMap { exponent in
      [1, 2, 5].map { factor in (0..<exponent).reduce(factor) { unit, _ in unit * 10 } }
    }
    return units.filter { steps.count / $0 <= most }.map { unit in
      let first = Int((Double(steps.lowerBound) / Double(unit)).rounded(.up)) * unit
      return stride(from: first, through: steps.upperBound, by: unit).map { step in
        Tick(step: Double(step), label: abs(step) < 10_000 ? "\(step)" : step.grouped)
      }
    }
  }
}
