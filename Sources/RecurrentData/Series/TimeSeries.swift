/// Series of one kind, which train one model: their variables, and what is known about the time steps.
///
/// S steps, C targets, P past covariates, K covariates known in advance.
public struct SeriesData: Sendable, Hashable {
  /// The names of the targets, which are predicted: C.
  public var targets: [String]
  /// The names of the covariates that are known only up to the present: P.
  public var past: [String]
  /// The names of the covariates that are known in advance, of calendar features also: K.
  public var known: [String]
  /// The names of the categories that are known in advance: of a holiday, a promotion.
  public var categories: [String]
  /// The names of the categories of a whole series: its shop, its region.
  public var staticCategories: [String]
  /// The time from step to step; nil without times.
  public var step: TimeStep?
  /// The series.
  public var series: [TimeSeries]

  /// Series without covariates.
  public init(targets: [String], step: TimeStep? = nil, series: [TimeSeries]) {
    (self.targets, self.step, self.series) = (targets, step, series)
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
  /// The values of each target, `[C][S]`.
  public var targets: [[Float]]
  /// The values of each past covariate, `[P][S]`.
  public var past: [[Float]]
  /// The values of each covariate known in advance, `[K]`, each of S values or more.
  public var known: [[Float]]
  /// The value of each category at each step, of S values or more.
  public var categories: [[String]]
  /// The value of each category of the series.
  public var staticCategories: [String]

  /// A series without covariates.
  public init(id: String = "", start: Timestamp? = nil, targets: [[Float]]) {
    (self.id, self.start, self.targets) = (id, start, targets)
    (past, known, categories, staticCategories) = ([], [], [], [])
  }

  /// The number of steps, S.
  public var steps: Int { targets.first?.count ?? 0 }
}
