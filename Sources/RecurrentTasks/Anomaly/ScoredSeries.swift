import RecurrentCore
import RecurrentData
import RecurrentModel

/// A series with the anomaly score of each step.
struct ScoredSeries {
  /// The series as it was read.
  let series: TimeSeries
  /// Its steps.
  let steps: [AnomalyStep]
  /// The detection after its last step.
  let state: AnomalyState

  /// The runs of steps that belong to anomalies.
  var windows: [Range<Int>] {
    var windows: [Range<Int>] = []
    for (index, step) in steps.enumerated() where step.isAnomaly {
      if let last = windows.last, last.upperBound == index {
        windows[windows.count - 1] = last.lowerBound..<index + 1
      } else {
        windows.append(index..<index + 1)
      }
    }
    return windows
  }

  /// The step of a window with the highest score.
  func peak(of window: Range<Int>) -> Int {
    window.max { steps[$0].score < steps[$1].score } ?? window.lowerBound
  }

  /// The number of alarms.
  var alarms: Int { steps.count { $0.isAlarm } }

  /// The highest threshold at which each step would belong to an anomaly.
  var levels: [Float] {
    var level: Float = 0
    return steps.map { step in
      level = step.score.isNaN ? 0 : max(step.alarmScore, min(step.score, level))
      return level
    }
  }
}

extension PreparedSeries {
  /// The scores of a series.
  /// - Parameters:
  ///   - expected: The expected values of each channel.
  ///   - state: The detection before its first step.
  func scored(_ index: Int, _ expected: [[Float]], from state: AnomalyState) -> ScoredSeries {
    let (one, channels) = (data.series[index], expected.indices)
    let units = channels.map { channel in
      description.scaling.inverted(expected[channel][..<one.steps], one.id, channel: channel)
    }
    var state = state
    let steps = (0..<one.steps).map { step in
      var scored = state(
        values: channels.map { value(index, $0, step) }, expected: channels.map { expected[$0][step] })
      scored.expected = units.map { $0[step] }
      return scored
    }
    return ScoredSeries(series: one, steps: steps, state: state)
  }
}

/// The series of a file or a folder, for a detector.
struct AnomalyReading {
  let series: PreparedSeries

  var data: SeriesData { series.data }

  /// - Parameters:
  ///   - ids: The identifiers of the series; nil for all.
  ///   - say: Gets notes about the data.
  /// - Throws: `RecurrentError.invalidData` if the data does not fit the model, `.invalidArgument` for an unknown series.
  init(_ model: AnomalyDetector, _ path: String, ids: [String]?, say: (String) -> Void) throws {
    var description = try model.forecaster.description()
    var (data, _) = try SeriesData.read(path, description.format, say: say)
    if let ids { try data.select(ids) }
    let unknown = data.series.filter { description.scaling.series[$0.id] == nil }
    for one in unknown { description.scaling.fit(one, training: description.start(of: one)) }
    if description.scaling.isScaled, !unknown.isEmpty {
      say("\(path): \(unknown.areUnknown); \(unknown.count == 1 ? "it" : "each") is scaled by its first part.")
    }
    try description.check(data, at: path, say: say)
    series = try PreparedSeries(data, description, padding: data.series.map { _ in 0 })
  }

  /// The scores of all series.
  func scored(_ model: AnomalyDetector, batch: Int, on tape: Tape) throws -> [ScoredSeries] {
    let expected = try model.forecaster.expectedValues(series, batch: batch, on: tape).values
    return try data.series.indices.map { try series.scored($0, expected[$0], from: model.start()) }
  }
}

extension SeriesDescription {
  /// The first part of a series that was not in the training: as much of it as of those; all if it is shorter than that.
  func start(of one: TimeSeries) -> Range<Int> {
    (try? split.parts(of: one))?.training ?? 0..<one.steps
  }
}

extension [TimeSeries] {
  /// That series were not in the training, for notes.
  var areUnknown: String {
    let name = first.map { $0.id.isEmpty ? "the series" : "series \($0.id.shown)" } ?? ""
    return (count == 1 ? "\(name) was" : "\(count.grouped) series were") + " not in the training"
  }
}

extension SeriesData {
  /// Removes all series but some.
  /// - Throws: `RecurrentError.invalidArgument` if one is missing.
  mutating func select(_ ids: [String]) throws {
    if let missing = ids.first(where: { id in !series.contains { $0.id == id } }) {
      throw RecurrentError(
        .invalidArgument, "\(missing.shown) is no series of the data", at: "--series",
        remedy: "use one of \(series.prefix(10).map(\.id.shown).listed)")
    }
    series.removeAll { !ids.contains($0.id) }
  }
}
