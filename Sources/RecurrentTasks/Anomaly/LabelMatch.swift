import RecurrentCore
import RecurrentData
import RecurrentModel

/// How well anomalies match labels: precision and recall, and NAB's score, beside those of detectors without a network.
struct LabelMatch {
  private let windows: Int
  /// The model, and the baselines with its scoring.
  private let detectors: [DetectorScores]
  private var gaussian = NABScore()

  /// - Parameter labels: The labelled windows of each series.
  init(_ series: [ScoredSeries], _ baselines: [AnomalyBaseline], _ labels: [[Range<Int>]]) {
    windows = labels.reduce(0) { $0 + $1.count }
    detectors =
      [DetectorScores(key: "", name: "this model", phrase: "this model", series, labels)]
      + baselines.map { DetectorScores(key: $0.key, name: $0.name, phrase: $0.phrase, $0.scored, labels) }
    for (one, windows) in zip(series, labels) { gaussian.add(Self.gaussian(one.series), windows: windows) }
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

  var text: String {
    let heading = windows.counted("labelled anomaly", "labelled anomalies")
    guard gaussian.best(.standard) != nil else {
      return heading + ", none of them in the steps that count: after the first 15 % of each series, or 750 steps\n"
    }
    return [
      heading,
      rates("alarms, at the threshold", \.ofAlarms),
      rates("steps of anomalies, at the threshold", \.ofSteps),
      ([["NAB's score, at the threshold", "standard", "low FP", "low FN"]]
        + detectors.map { one in
          [one.name]
            + NABScore.Profile.named.map { (one.nabAtThreshold.value($0.profile, threshold: 1) ?? .nan).cell(2) }
        }).table(numbers: 1),
      ([["NAB's score, at the best threshold", "standard", "at", "low FP", "at", "low FN", "at"]]
        + (detectors.map { ($0.name, $0.nab) } + [("windowed Gaussian", gaussian)]).map { name, score in
          [name] + NABScore.Profile.named.flatMap { Self.cells(score.best($0.profile)) }
        }).table(numbers: 1),
    ].joined(separator: "\n\n") + "\n" + (verdict.map { "\n\($0)\n" } ?? "")
  }

  /// The rates of all detectors, and the best F1 with its threshold.
  private func rates(
    _ name: String, _ part: (DetectorScores) -> (rates: DetectionCounts.Rates, best: DetectionCurve.Best?)
  ) -> String {
    ([[name, "precision", "recall", "F1", "best F1", "at"]]
      + detectors.map { one in
        let (rates, best) = part(one)
        return [one.name, rates.precision.cell(3), rates.recall.cell(3), rates.f1.cell(3)]
          + [(best?.f1 ?? .nan).cell(3), Double(best?.threshold ?? .nan).cell(2)]
      }).table(numbers: 1)
  }

  private static func cells(_ best: NABScore.Result?) -> [String] {
    let threshold = Double(best?.threshold ?? .nan)
    return [(best?.value ?? .nan).cell(2), threshold.isInfinite ? "none" : threshold.cell(2)]
  }

  /// Whether the model is worth using, in a plain sentence; nil without labels that count.
  private var verdict: String? {
    guard let own = detectors[0].nab.best(.standard)?.value else { return nil }
    let others = detectors.dropFirst().map { ($0.phrase, $0.nab) } + [("the windowed Gaussian", gaussian)]
    let best = others.compactMap { phrase, score in score.best(.standard).map { (phrase: phrase, value: $0.value) } }
      .max { $0.value < $1.value }
    guard let best else { return nil }
    let (text, other) = (own.text(1), best.value.text(1))
    let numbers = "\(best.phrase) (NAB's standard score \(text), and \(other))"
    return text == other
      ? "no better than \(numbers): use that"
      : own > best.value ? "better than \(numbers)" : "worse than \(numbers): do not use it"
  }

  func encode(to values: inout KeyedEncodingContainer<NamedKey>) throws {
    try values.encode(windows, forKey: NamedKey("labelled_windows"))
    for one in detectors { try one.encode(to: &values) }
    for (profile, key) in NABScore.Profile.named {
      try values.encode(gaussian.best(profile)?.value, forKey: NamedKey("gaussian_nab_" + key))
    }
    try values.encode(verdict, forKey: NamedKey("verdict"))
  }
}
