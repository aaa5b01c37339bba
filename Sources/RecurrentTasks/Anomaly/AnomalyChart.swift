import RecurrentCore
import RecurrentData

extension ScoredSeries {
  /// The number of targets that are drawn.
  private static let mostTargets = 6
  /// From this multiple of the threshold on, scores have powers of ten on their axis.
  private static let logarithmicScale: Float = 20

  /// A chart: the values of each target with the expected ones and the anomalies, and the score below them.
  func chart(of data: SeriesData, reconstructs: Bool) -> TimeChart {
    let flagged = windows.map { TimeChart.Window(.flagged, steps: $0) }
    var panels = data.targets.enumerated().prefix(Self.mostTargets).map { channel, target in
      TimeChart.Panel(
        label: target,
        lines: [
          TimeChart.Line(.history, name: "value", values: series.targets[channel]),
          TimeChart.Line(
            .forecast, name: reconstructs ? "reconstruction" : nil, values: steps.map { $0.expected[channel] }),
        ],
        windows: flagged)
    }
    let scores = steps.map(\.score)
    let thresholds = steps.map(\.threshold)
    var panel = TimeChart.Panel(
      label: "score",
      lines: [TimeChart.Line(.score, values: scores), TimeChart.Line(.threshold, values: thresholds)], windows: flagged)
    let (highest, level) = (scores.filter(\.isFinite).max() ?? 0, thresholds.filter(\.isFinite).min() ?? .infinity)
    panel.isLogarithmic = highest > Self.logarithmicScale * level
    panels.append(panel)
    return TimeChart(
      title: "Anomalies" + (series.id.isEmpty ? "" : ", \(series.id)"), times: times(data), panels: panels)
  }

  /// The time of the first step, and the time from step to step; nil if rows that are read as steps have other times.
  private func times(_ data: SeriesData) -> (start: Timestamp, step: TimeStep)? {
    guard let start = series.time(at: 0), let last = series.time(at: series.steps - 1),
      let step = series.step ?? data.step
    else { return nil }
    let distance = (step.time(after: start, steps: series.steps - 1).seconds - last.seconds).magnitude
    return distance <= (last.seconds - start.seconds) / 100 ? (start, step) : nil
  }
}
