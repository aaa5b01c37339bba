/// Series of one kind, which train one model: their variables, and what is known about the time steps.
///
/// S steps, C targets, P past covariates, K covariates known in advance.
public struct SeriesData: Sendable, Hashable {
  /// The names of the targets, which are predicted: C.
  public var targets: [String]
  /// The names of the covariates that are known only up to the present: P.
  public var past: [String]
  /// The names of the covariates that are known in advance: K.
  public var known: [String]
  /// The names of the categories that are known in advance: of a holiday, a promotion.
  public var categories: [String]
  /// The names of the categories of a whole series: its shop, its region.
  public var staticCategories: [String]
  /// The time from step to step; nil if it is unknown, and if the series differ.
  public var step: TimeStep?
  /// How times are written in the data.
  public var timeFormat: TimestampFormat
  /// The series.
  public var series: [TimeSeries]

  /// Series without covariates.
  public init(
    targets: [String], step: TimeStep? = nil, timeFormat: TimestampFormat = .dateTime, series: [TimeSeries]
  ) {
    (self.targets, self.step, self.timeFormat, self.series) = (targets, step, timeFormat, series)
    (past, known, categories, staticCategories) = ([], [], [], [])
  }
}

/// The values of variables at equal time steps. A missing value is NaN.
///
/// All targets and past covariates have S values; what is known in advance may have more.
public struct TimeSeries: Sendable, Hashable {
  /// Its identifier in the data: the value of an id column, or the name of a file; empty if the data is one series.
  public var id: String
  /// The time of the first step; nil without times.
  public var start: Timestamp?
  /// The time from step to step; nil if it is unknown.
  public var step: TimeStep?
  /// The time of each step, if rows were read as steps whatever their times; nil if the times follow from `start`.
  public var times: [Timestamp]?
  /// The line of each step in the file, 0 for a step that is missing there; empty for a series that was not read from
  /// lines.
  public var lines: [Int32]
  /// The values of each target, `[C][S]`.
  public var targets: [[Float]]
  /// The values of each past covariate, `[P][S]`.
  public var past: [[Float]]
  /// The values of each covariate known in advance, `[K]`, each of S values or more.
  public var known: [[Float]]
  /// The value of each category at each step, of S values or more; empty where it is missing.
  public var categories: [[String]]
  /// The value of each category of the series.
  public var staticCategories: [String]

  /// A series without covariates.
  public init(id: String = "", start: Timestamp? = nil, step: TimeStep? = nil, targets: [[Float]]) {
    (self.id, self.start, self.step, self.targets) = (id, start, step, targets)
    (times, lines, past, known, categories, staticCategories) = (nil, [], [], [], [], [])
  }

  /// The number of steps, S.
  public var steps: Int { targets.first?.count ?? 0 }

  /// The time of a step, also beyond the last; nil without times.
  /// - Parameter index: The step, from 0.
  public func time(at index: Int) -> Timestamp? {
    if let times, let last = times.last {
      if times.indices.contains(index) { return times[index] }
      guard let step, index >= 0 else { return nil }
      return step.time(after: last, steps: index - times.count + 1)
    }
    guard let start, let step else { return index == 0 ? start : nil }
    return step.time(after: start, steps: index)
  }
}
