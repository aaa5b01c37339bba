import RecurrentCore
import RecurrentData

/// The anomalies that a detector finds in series, and how well they match labels.
struct AnomalyReport {
  private let series: [ScoredSeries]
  private let targets: [String]
  private let threshold: String
  private let match: LabelMatch?

  init(_ series: [ScoredSeries], targets: [String], threshold: String, match: LabelMatch?) {
    (self.series, self.targets, self.threshold, self.match) = (series, targets, threshold, match)
  }

  /// The report as text and JSON.
  func report() -> EvaluationReport {
    let counts = series.map(Counts.init)
    let all = Counts(counts)
    var text =
      "\(series.count.counted("series", "series")), \(all.steps.counted("step")), threshold \(threshold): "
      + "\(all.alarms.counted("alarm")), \(all.anomalies.counted("anomaly", "anomalies")) with \(all.flagged.counted("step"))\n\n"
    let heading = [
      ["series", "steps", "alarms", "anomalies", "their steps", "highest score"] + targets.map { "MAE \($0.shown)" }
    ]
    text +=
      (heading
      + zip(series, counts).prefix(50).map { one, counts in
        [
          one.series.id.isEmpty ? "data" : one.series.id.shown, counts.steps.grouped, "\(counts.alarms)",
          "\(counts.anomalies)", counts.flagged.grouped, Double(counts.highest).text(1),
        ] + counts.errors.map { $0.cell(4) }
      }).table(numbers: 1) + "\n"
    if let match { text += "\n" + match.text }
    return EvaluationReport(
      text: text, json: Output(counts: all, series: zip(series, counts).map { ($0.series.id, $1) }, report: self))
  }

  /// What was found in a series.
  private struct Counts {
    var steps = 0
    var alarms = 0
    var anomalies = 0
    var flagged = 0
    var highest: Float = 0
    /// The mean absolute error of each target, in its units; NaN without one.
    var errors: [Double] = []

    init(_ one: ScoredSeries) {
      let windows = one.windows
      (steps, alarms, anomalies) = (one.steps.count, one.alarms, windows.count)
      flagged = windows.reduce(0) { $0 + $1.count }
      highest = one.steps.map(\.score).filter(\.isFinite).max() ?? 0
      errors = one.series.targets.enumerated().map { channel, values in
        let errors = zip(values, one.steps).map { Double(($0 - $1.expected[channel]).magnitude) }.filter(\.isFinite)
        return errors.reduce(0, +) / Double(errors.count)
      }
    }

    init(_ all: [Counts]) {
      steps = all.reduce(0) { $0 + $1.steps }
      alarms = all.reduce(0) { $0 + $1.alarms }
      anomalies = all.reduce(0) { $0 + $1.anomalies }
      flagged = all.reduce(0) { $0 + $1.flagged }
      highest = all.map(\.highest).max() ?? 0
    }

    func encode(to values: inout KeyedEncodingContainer<NamedKey>) throws {
      try values.encode(steps, forKey: NamedKey("steps"))
      try values.encode(alarms, forKey: NamedKey("alarms"))
      try values.encode(anomalies, forKey: NamedKey("anomalies"))
      try values.encode(flagged, forKey: NamedKey("anomalous_steps"))
      try values.encode(highest, forKey: NamedKey("highest_score"))
    }
  }

  /// The report as JSON.
  private struct Output: Encodable {
    let counts: Counts
    let series: [(id: String, counts: Counts)]
    let report: AnomalyReport

    func encode(to encoder: any Encoder) throws {
      var values = encoder.container(keyedBy: NamedKey.self)
      try counts.encode(to: &values)
      try values.encode(report.threshold, forKey: NamedKey("threshold"))
      try report.match?.encode(to: &values)
      var list = values.nestedUnkeyedContainer(forKey: NamedKey("series"))
      for (id, counts) in series {
        var one = list.nestedContainer(keyedBy: NamedKey.self)
        try one.encode(id, forKey: NamedKey("name"))
        try counts.encode(to: &one)
        var errors = one.nestedContainer(keyedBy: NamedKey.self, forKey: NamedKey("mae"))
        for (target, error) in zip(report.targets, counts.errors) {
          try errors.encode(error.isNaN ? nil : error, forKey: NamedKey(target))
        }
      }
    }
  }
}
