import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// `recur evaluate` for detectors.
package struct AnomalyEvaluation: TaskEvaluation {
  @Option(
    help: .file(
      """
      Labelled anomalies: JSON as NAB's combined_windows.json, or a table with the columns start, end and, for several series, series.
      """))
  package var labels: String?

  package init() {}

  package func evaluate(
    _ model: AnomalyDetector, on path: String, batch: Int, makeTape: () throws -> Tape, say: (String) -> Void
  ) throws -> EvaluationReport {
    let reading = try AnomalyReading(model, path, ids: nil, say: say)
    let labels = try labels.map { try AnomalyLabels(contentsOf: $0) }
    // Wrong labels are an error before the work.
    let windows = try labels.map { labels in
      try reading.data.series.map { try labels.windows(of: $0, name: $0.id.isEmpty ? path : $0.id) }
    }
    if let windows, let file = self.labels {
      let missing = zip(reading.data.series, windows).filter { $1 == nil }.map(\.0.id.shown)
      guard missing.count < windows.count else {
        throw RecurrentError(
          .invalidData, "has no series of the data", at: file,
          remedy:
            "use the names of its series, such as \((reading.data.series.first.map { $0.id.isEmpty ? path : $0.id } ?? path).shown)"
        )
      }
      if !missing.isEmpty { say("\(file): no labels for \(missing.listed): no step of it counts as an anomaly.") }
    }
    let scored = try reading.scored(model, batch: batch, on: makeTape())
    let match = try windows.map { windows in
      let baselines = try AnomalyBaseline.all(reading.series, model.description())
      return LabelMatch(scored, baselines, windows.map { $0 ?? [] })
    }
    return AnomalyReport(
      scored, targets: reading.data.targets, threshold: try model.start().thresholdText, match: match
    ).report()
  }
}
