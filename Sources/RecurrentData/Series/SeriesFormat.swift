/// The columns of series in a table, and the table's layout.
public struct SeriesFormat: Sendable, Hashable, Codable {
  /// A column of a table.
  public typealias Column = TableFormat.Column

  /// What a row of the table is.
  public enum Shape: String, Sendable, Hashable, Codable, CaseIterable {
    /// A time step, with a column for each variable.
    case steps
    /// A series: its identifier, and its values in order, as in the M4 competition.
    case series
  }

  /// The place of rows in time.
  public enum Spacing: String, Sendable, Hashable, Codable, CaseIterable {
    /// Rows are placed by their times on a grid of equal steps; steps without a row are missing.
    case times
    /// Each row is the step after the row before it, whatever its time.
    case rows
  }

  /// The column of times; nil to find it.
  public var time: Column?
  /// The column of the series' identifiers; nil if the table is one series.
  public var id: Column?
  /// The columns to predict; empty for all columns of numbers that are not named.
  public var targets: [Column] = []
  /// The columns of covariates that are known only up to the present.
  public var past: [Column] = []
  /// The columns of covariates that are known in advance.
  public var known: [Column] = []
  /// The columns of categories that are known in advance.
  public var categories: [Column] = []
  /// The columns of categories that are the same at all steps of a series.
  public var staticCategories: [Column] = []
  /// What a row is; nil to find it.
  public var shape: Shape?
  /// The place of rows in time.
  public var spacing = Spacing.times
  /// The time from step to step; nil for the most frequent difference of times.
  public var step: TimeStep?
  /// Whether the day is before the month in dates such as `04/05/2021`; nil to find it.
  public var isDayFirst: Bool?
  /// The delimiter, and whether there is a header.
  public var layout = TableLayout()

  /// A format in which everything is found.
  public init() {}
}
