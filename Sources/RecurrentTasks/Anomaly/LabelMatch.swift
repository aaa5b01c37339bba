import RecurrentCore
import RecurrentData

/// How well anomalies match labels: precision and recall, and NAB's score beside that of the windowed Gaussian.
///
/// The first 15 % of a series, at most 750 steps, do not count, as in NAB.
struct LabelMatch {
  private let windows: Int
  private var counts = DetectionCounts()
  private var scores = NABScore()
  /// The scores of alarms at the detector's threshold: 1, others 0.
  private var alarms = NABScore()
  private var gaussian = NABScore()

  /// - Parameter labels: The labelled windows of each series.
  init(_ series: [ScoredSeries], _ labels: [[Range<Int>]]) {
    windows = labels.reduce(0) { $0 + $1.count }
    for (one, windows) in zip(series, labels) {
      let probation = NABScore.probation(of: one.steps.count)
      counts.add(
        one.steps.dropFirst(probation).map(\.isAnomaly),
        windows: windows.filter { $0.upperBound > probation }.map {
          max($0.lowerBound, probation) - probation..<$0.upperBound - probation
        })
      scores.add(one.steps.map { $0.score.isNaN ? .nan : $0.alarmScore }, windows: windows)
      alarms.add(one.steps.map { $0.score.isNaN ? .nan : $0.isAlarm ? 1 : 0 }, windows: windows)
      gaussian.add(Self.gaussian(one.series), windows: windows)
    }
  }

  /// The scores of the windowed Gaussian: of several targets, the highest.
  private static func gaussian(_ series: TimeSeries) -> [Float] {
    var detectors = series.targets.map { _ in MovingGaussian() }
    return (0..<series.steps).map { step in
      series.targets.indices.reduce(Float.nan) { highest, channel in
        let score = detectors[channel](series.targets[channel][step])
        return highest.isNaN ? score : score.isNaN ? highest : max(highest, score)
      }
    }
  }

  private static let profiles: [(profile: NABScore.Profile, key: String)] = [
    (.standard, "standard"), (.lowFalsePositives, "low_fp"), (.lowFalseNegatives, "low_fn"),
  ]

  var text: String {
    let rates = [("steps", counts.steps), ("anomalies", counts.windows)].map { name, rates in
      [name, rates.precision.text(3), rates.recall.text(3), rates.f1.text(3)]
    }
    let rows: [(String, (NABScore.Profile) -> Double?)] = [
      ("this model, at its threshold", { alarms.value($0, threshold: 1) }),
      ("this model, at the best threshold", { scores.best($0)?.value }),
      ("windowed Gaussian, at the best threshold", { gaussian.best($0)?.value }),
    ]
    let nab = rows.map { name, value in [name] + Self.profiles.map { value($0.profile)?.text(2) ?? "–" } }
    return "\(windows.grouped) labelled anomalies\n\n"
      + ([["", "precision", "recall", "F1"]] + rates).table(numbers: 1) + "\n\n"
      + ([["NAB's score", "standard", "low FP", "low FN"]] + nab).table(numbers: 1) + "\n"
      + (verdict.map { "\n\($0)\n" } ?? "")
  }

  /// Whether the model is worth using, in a plain sentence; nil without labels that count.
  private var verdict: String? {
    guard let own = scores.best(.standard)?.value, let other = gaussian.best(.standard)?.value else { return nil }
    let numbers = "NAB's standard score \(own.text(1)), the windowed Gaussian's \(other.text(1))"
    return own > other
      ? "better than the windowed Gaussian (\(numbers))" : "no better than the windowed Gaussian (\(numbers)): use that"
  }

  func encode(to values: inout KeyedEncodingContainer<NamedKey>) throws {
    try values.encode(windows, forKey: NamedKey("labelled_windows"))
    for (prefix, rates) in [("", counts.steps), ("window_", counts.windows)] {
      try values.encode(rates.precision, forKey: NamedKey(prefix + "precision"))
      try values.encode(rates.recall, forKey: NamedKey(prefix + "recall"))
      try values.encode(rates.f1, forKey: NamedKey(prefix + "f1"))
    }
    for (profile, key) in Self.profiles {
      try values.encodeIfPresent(scores.best(profile)?.value, forKey: NamedKey("nab_" + key))
      try values.encodeIfPresent(alarms.value(profile, threshold: 1), forKey: NamedKey("nab_\(key)_at_threshold"))
      try values.encodeIfPresent(gaussian.best(profile)?.value, forKey: NamedKey("gaussian_nab_" + key))
    }
    try values.encodeIfPresent(scores.best(.standard)?.threshold, forKey: NamedKey("best_threshold"))
    try values.encodeIfPresent(verdict, forKey: NamedKey("verdict"))
  }
}
