import RecurrentData

/// How well the anomalies of one detector match labels.
///
/// The first 15 % of a series, at most 750 steps, do not count, as in NAB.
struct DetectorScores {
  /// Its name in keys: empty for the model, else `seasonal_naive`.
  let key: String
  /// Its name in tables: `this model`.
  let name: String
  /// Its name in a sentence: `the seasonal naive`.
  let phrase: String
  /// The counts of the steps of anomalies, and of alarms, at its threshold.
  private var (steps, alarms) = (DetectionCounts(), DetectionCounts())
  /// Their F1 at other thresholds.
  private var (stepCurve, alarmCurve) = (DetectionCurve(), DetectionCurve())
  /// Its scores.
  private(set) var nab = NABScore()
  /// The scores of alarms at its threshold: 1, others 0.
  private(set) var nabAtThreshold = NABScore()

  /// - Parameter labels: The labelled windows of each series.
  init(key: String, name: String, phrase: String, _ series: [ScoredSeries], _ labels: [[Range<Int>]]) {
    (self.key, self.name, self.phrase) = (key, name, phrase)
    for (one, windows) in zip(series, labels) {
      let probation = NABScore.probation(of: one.steps.count)
      let counted = windows.filter { $0.upperBound > probation }.map {
        max($0.lowerBound, probation) - probation..<$0.upperBound - probation
      }
      let counts = one.steps.dropFirst(probation)
      steps.add(counts.map(\.isAnomaly), windows: counted)
      stepCurve.add(Array(one.levels.dropFirst(probation)), windows: counted)
      alarms.add(counts.map(\.isAlarm), windows: counted)
      alarmCurve.add(counts.map { $0.score.isNaN ? 0 : $0.alarmScore }, windows: counted)
      nab.add(one.steps.map { $0.score.isNaN ? .nan : $0.alarmScore }, windows: windows)
      nabAtThreshold.add(one.steps.map { $0.score.isNaN ? .nan : $0.isAlarm ? 1 : 0 }, windows: windows)
    }
  }

  /// The rates of alarms and of labelled windows, and the best F1.
  var ofAlarms: (rates: DetectionCounts.Rates, best: DetectionCurve.Best?) { (alarms.windows, alarmCurve.windows) }
  /// The rates of the steps of anomalies, and the best F1.
  var ofSteps: (rates: DetectionCounts.Rates, best: DetectionCurve.Best?) { (steps.steps, stepCurve.steps) }

  func encode(to values: inout KeyedEncodingContainer<NamedKey>) throws {
    let prefix = key.isEmpty ? "" : key + "_"
    for (kind, part) in [("", ofSteps), ("window_", ofAlarms)] {
      let (rates, best) = part
      try values.encode(rates.precision.defined, forKey: NamedKey(prefix + kind + "precision"))
      try values.encode(rates.recall.defined, forKey: NamedKey(prefix + kind + "recall"))
      try values.encode(rates.f1.defined, forKey: NamedKey(prefix + kind + "f1"))
      try values.encode(best?.f1, forKey: NamedKey(prefix + "best_\(kind)f1"))
      try values.encode(best?.threshold, forKey: NamedKey(prefix + "best_\(kind)f1_threshold"))
    }
    for (profile, name) in NABScore.Profile.named {
      let best = nab.best(profile)
      try values.encode(best?.value, forKey: NamedKey(prefix + "nab_\(name)"))
      try values.encode(best?.threshold, forKey: NamedKey(prefix + "nab_\(name)_best_threshold"))
      try values.encode(
        nabAtThreshold.value(profile, threshold: 1), forKey: NamedKey(prefix + "nab_\(name)_at_threshold"))
    }
  }
}

extension NABScore.Profile {
  /// The profiles with their names in keys.
  static let named: [(profile: NABScore.Profile, key: String)] = [
    (.standard, "standard"), (.lowFalsePositives, "low_fp"), (.lowFalseNegatives, "low_fn"),
  ]
}

extension Double {
  /// The number; nil for NaN.
  fileprivate var defined: Double? { isNaN ? nil : self }
}
