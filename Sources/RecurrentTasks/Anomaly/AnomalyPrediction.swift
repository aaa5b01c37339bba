import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// `recur predict` for detectors.
package struct AnomalyPrediction: TaskPrediction {
  @Flag(
    help: "Print a row for each anomaly in place of each step: its start, its end, and its step with the highest score."
  )
  package var windows = false

  @Option(help: "Series to score, by their identifiers; with --stream, the one whose scaling is used. (default: all)")
  package var series: ColumnList?

  @OptionGroup package var picture: ChartOptions

  @Flag(help: "Read rows from standard input and print the score of each at once.")
  package var stream = false

  package init() {}

  package var isStream: Bool { stream }

  private var ids: [String]? { series?.columns.map(\.description) }

  package func predict(
    _ model: AnomalyDetector, for source: PredictionSource, batch: Int, makeTape: () throws -> Tape,
    to sink: PredictionSink
  ) throws {
    guard case .data(let path) = source else {
      throw RecurrentError(.invalidArgument, "an anomaly detector reads series", at: "--text", remedy: "use --data")
    }
    try picture.check()
    let reading = try AnomalyReading(model, path, ids: ids, say: sink.say)
    let scored = try reading.scored(model, batch: batch, on: makeTape())
    let table = try AnomalyTable(reading.data, model)
    try sink.put(PredictionLine(text: windows ? table.headingOfWindows : table.heading, json: nil))
    for one in scored {
      for line in windows ? table.windows(of: one) : table.lines(of: one) { try sink.put(line) }
    }
    try draw(scored, of: reading.data, reconstructs: model.forecaster.shape.reconstructs, to: sink)
  }

  /// Draws the series with the highest score.
  private func draw(_ scored: [ScoredSeries], of data: SeriesData, reconstructs: Bool, to sink: PredictionSink) throws {
    guard picture.isWanted(by: sink) else { return }
    let most = scored.max {
      ($0.steps.map(\.score).filter(\.isFinite).max() ?? 0) < ($1.steps.map(\.score).filter(\.isFinite).max() ?? 0)
    }
    guard let most else { return }
    try picture.show(most.chart(of: data, reconstructs: reconstructs), on: sink)
    if scored.count > 1 {
      sink.say(
        "The chart has \(most.series.id.shown), with the highest score of \(scored.count.grouped) series; another with --series."
      )
    }
  }

  package func predict(
    _ model: AnomalyDetector, after history: String?, nextLine: () -> String?, makeTape: () throws -> Tape,
    to sink: PredictionSink
  ) throws {
    for (option, isGiven) in [("--windows", windows)] + picture.given {
      try requireUse(!isGiven, option, "--stream prints the score of each row", remedy: "leave it out")
    }
    try requireUse(ids?.count ?? 1 == 1, "--series", "--stream reads one series", remedy: "name one")
    let description = try model.forecaster.description()
    var past = try history.map { try SeriesData.read($0, description.format, say: sink.say).data }
    if let ids, past?.series.count ?? 1 > 1 { try past?.select(ids) }
    let device = try Device(makeTape().backend)
    let stream = try AnomalyStream(model, after: past, id: ids?.first, device: device)
    var rows = SeriesLines(targets: description.targets, from: "standard input")
    let table = try AnomalyTable(SeriesData(targets: description.targets, series: []), model)
    try sink.put(PredictionLine(text: table.heading, json: nil))
    while let line = nextLine() {
      guard let values = try rows.values(of: line) else { continue }
      let step = try stream.append(values)
      try sink.put(table.line(step, time: "\(stream.steps)", values: values, id: ""))
    }
  }
}
