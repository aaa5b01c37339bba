import RecurrentCore
import RecurrentData

/// Scores of steps as CSV and JSON: a row for each step, or for each anomaly.
struct AnomalyTable {
  private let data: SeriesData
  private let hasIDs: Bool
  private let idColumn: String
  private let timeColumn: String
  /// The columns of expected values.
  private let expected: [String]

  init(_ data: SeriesData, _ model: AnomalyDetector) throws {
    let format = try model.forecaster.description().format
    self.data = data
    hasIDs = data.series.contains { !$0.id.isEmpty }
    idColumn = format.id.map(\.description) ?? "series"
    timeColumn = format.time.map(\.description) ?? (data.series.contains { $0.start != nil } ? "time" : "step")
    expected = data.targets.map { $0 + (model.forecaster.shape.reconstructs ? "_reconstruction" : "_forecast") }
  }

  /// The names of the columns of steps, in CSV.
  var heading: String {
    (ids(idColumn) + [timeColumn, "score", "anomaly"] + zip(data.targets, expected).flatMap { [$0, $1] }).csv
  }

  /// The rows of the steps of a series.
  func lines(of scored: ScoredSeries) -> [PredictionLine] {
    scored.steps.enumerated().map { index, step in
      line(
        step, time: data.time(of: index, in: scored.series), values: scored.series.targets.map { $0[index] },
        id: scored.series.id)
    }
  }

  /// The row of a step.
  func line(_ step: AnomalyStep, time: String, values: [Float], id: String) -> PredictionLine {
    let numbers = zip(values, step.expected).flatMap { [$0, $1] }
    let cells = ids(id) + [time, step.score.cell, step.isAnomaly ? "1" : "0"] + numbers.map(\.cell)
    let all = zip(data.targets + expected, values + step.expected)
    return PredictionLine(
      text: cells.csv,
      json: Row(series: hasIDs ? id : nil, time: time, step: step, values: all.map { (name: $0, value: $1) }))
  }

  /// The names of the columns of anomalies, in CSV.
  var headingOfWindows: String { (ids(idColumn) + ["start", "end", "steps", "peak", "score"]).csv }

  /// The rows of the anomalies of a series.
  func windows(of scored: ScoredSeries) -> [PredictionLine] {
    scored.windows.map { window in
      let peak = scored.peak(of: window)
      let row = WindowRow(
        series: hasIDs ? scored.series.id : nil, start: data.time(of: window.lowerBound, in: scored.series),
        end: data.time(of: window.upperBound - 1, in: scored.series), steps: window.count,
        peak: data.time(of: peak, in: scored.series), score: scored.steps[peak].score)
      let cells = ids(scored.series.id) + [row.start, row.end, "\(row.steps)", row.peak, row.score.cell]
      return PredictionLine(text: cells.csv, json: row)
    }
  }

  private func ids(_ id: String) -> [String] { hasIDs ? [id] : [] }

  /// An anomaly as JSON.
  private struct WindowRow: Encodable {
    let series: String?
    let start: String
    let end: String
    let steps: Int
    let peak: String
    let score: Float
  }

  /// A step as JSON; what is missing is null.
  private struct Row: Encodable {
    let series: String?
    let time: String
    let step: AnomalyStep
    let values: [(name: String, value: Float)]

    func encode(to encoder: any Encoder) throws {
      var row = encoder.container(keyedBy: NamedKey.self)
      try row.encodeIfPresent(series, forKey: NamedKey("series"))
      try row.encode(time, forKey: NamedKey("time"))
      try row.encode(step.score.number, forKey: NamedKey("score"))
      try row.encode(step.threshold.number, forKey: NamedKey("threshold"))
      try row.encode(step.isAnomaly, forKey: NamedKey("anomaly"))
      try row.encode(step.isAlarm, forKey: NamedKey("alarm"))
      var targets = row.nestedContainer(keyedBy: NamedKey.self, forKey: NamedKey("values"))
      for (name, value) in values { try targets.encode(value.number, forKey: NamedKey(name)) }
    }
  }
}

extension Float {
  /// The number in a table; empty if it is missing.
  fileprivate var cell: String { isFinite ? "\(self)" : "" }
  /// The number in JSON; nil if it is missing.
  var number: Float? { isFinite ? self : nil }
}

extension SeriesData {
  /// The time of a step of a series as text; its number, from 1, without times.
  func time(of step: Int, in one: TimeSeries) -> String {
    one.time(at: step).map(timeFormat.text(of:)) ?? "\(step + 1)"
  }
}
