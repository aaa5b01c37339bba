import RecurrentCore
import RecurrentData
import RecurrentModel

/// The errors of a forecaster beside those of the baselines on the same windows.
struct ForecastReport {
  private let model: Forecaster
  private let name: String
  private let windows: Int
  private let backtest: Backtest
  private let baselines: Baselines
  private let intervals: IntervalErrors

  /// Predicts all windows.
  /// - Parameters:
  ///   - name: The name of the part of the data.
  ///   - scales: The scales of MASE of each channel and series.
  init(
    _ model: Forecaster, _ series: PreparedSeries, _ windows: ForecastWindows, _ scales: [[Double]], of name: String,
    stride: Int, batch: Int, on tape: Tape
  ) throws {
    var backtest = Backtest(series, model.shape, model.output, scales: scales)
    var baselines = Baselines(series, windows, model.shape, scales: scales)
    var intervals = try IntervalErrors(model, stride: stride)
    tape.mode = .evaluation
    // The origins before a part calibrate its intervals.
    let counted = Set(windows.all)
    for part in windows.afterPreceding(series, model.shape, stride: stride).batches(of: batch) {
      tape.reset()
      let predictions = try model.predictions(of: part, in: series, on: tape).values()
      intervals.add(part, predictions, in: series, isCounted: counted.contains)
      let (kept, values) = model.kept(part, predictions, where: counted.contains)
      guard !kept.isEmpty else { continue }
      backtest.add(kept, centers: values)
      baselines.add(kept)
    }
    (self.model, self.name, self.windows) = (model, name, windows.all.count)
    (self.backtest, self.baselines, self.intervals) = (backtest, baselines, intervals)
  }

  /// The report as text and JSON.
  func report() -> EvaluationReport {
    let shape = model.shape
    let channels = shape.channels == 1 ? "" : ", \(shape.channels) targets"
    var text = "\(windows.counted("origin")) in the \(name), \(shape.horizon.counted("step")) ahead\(channels)\n\n"
    let rows = [("this model", backtest)] + baselines.all.map { ($0.name, $0.backtest) }
    text += Self.table(
      ["scaled series", "MSE", "MAE"], rows.map { [$0, $1.scaled.meanSquared.cell(4), $1.scaled.meanAbsolute.cell(4)] })
    for (channel, target) in (model.series?.targets ?? []).enumerated().prefix(20) {
      text +=
        "\n"
        + Self.table(
          [target.shown, "RMSE", "MAE", "MASE", "sMAPE %"],
          rows.map { name, backtest in
            let errors = backtest.channels[channel]
            return [
              name, errors.rootMeanSquared.significant, errors.meanAbsolute.significant,
              errors.meanAbsoluteScaled.cell(3),
              errors.symmetricPercentage.cell(2),
            ]
          })
    }
    if let owa { text += "\nOWA \(owa.text(4))\n" }
    text += intervals.text
    if let verdict { text += "\n\(verdict)\n" }
    return EvaluationReport(text: text, json: Output(self))
  }

  /// OWA, of all targets; nil without the benchmark.
  private var owa: Double? {
    guard let naive2 = baselines.naive2 else { return nil }
    let values = zip(backtest.channels, naive2.channels).map { $0.overallWeightedAverage(against: $1) }
    let mean = values.reduce(0, +) / Double(max(values.count, 1))
    return mean.isFinite ? mean : nil
  }

  /// The comparison with the best baseline, in the error that the model was trained to minimize.
  private var verdict: Verdict? {
    let usesSquares = model.output == .point(.mse) || model.output == .gaussian
    let error = { (backtest: Backtest) in usesSquares ? backtest.scaled.meanSquared : backtest.scaled.meanAbsolute }
    return Verdict(
      metric: usesSquares ? "MSE" : "MAE", error: error(backtest),
      baselines: baselines.all.map { ($0.phrase, error($0.backtest)) })
  }

  private static func table(_ heading: [String], _ rows: [[String]]) -> String {
    ([heading] + rows).table(numbers: 1) + "\n"
  }

  /// The report as JSON.
  private struct Output: Encodable {
    let report: ForecastReport

    init(_ report: ForecastReport) { self.report = report }

    func encode(to encoder: any Encoder) throws {
      var values = encoder.container(keyedBy: NamedKey.self)
      try values.encode(report.windows, forKey: NamedKey("origins"))
      try values.encode(report.model.shape.horizon, forKey: NamedKey("horizon"))
      let rows = [("", report.backtest)] + report.baselines.all.map { ($0.key + "_", $0.backtest) }
      for (prefix, backtest) in rows {
        try values.encode(backtest.scaled.meanSquared, forKey: NamedKey(prefix + "mse"))
        try values.encode(backtest.scaled.meanAbsolute, forKey: NamedKey(prefix + "mae"))
        try values.encode(backtest.scaled.rootMeanSquared, forKey: NamedKey(prefix + "rmse"))
        try values.encode(Self.mean(backtest.channels.map(\.symmetricPercentage)), forKey: NamedKey(prefix + "smape"))
        try values.encode(Self.mean(backtest.channels.map(\.meanAbsoluteScaled)), forKey: NamedKey(prefix + "mase"))
      }
      try values.encodeIfPresent(report.owa, forKey: NamedKey("owa"))
      try report.intervals.encode(to: &values)
      let targets = (report.model.series?.targets ?? []).enumerated().map { channel, name in
        Target(name, rows.map { ($0.0, $0.1.channels[channel]) })
      }
      try values.encode(targets, forKey: NamedKey("targets"))
      try values.encodeIfPresent(report.verdict.map { "\($0)" }, forKey: NamedKey("verdict"))
      try values.encodeIfPresent(report.verdict?.improvement, forKey: NamedKey("improvement"))
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }
  }

  /// The errors of a target, in its units.
  private struct Target: Encodable {
    let name: String
    let rows: [(prefix: String, errors: ForecastErrors)]

    init(_ name: String, _ rows: [(prefix: String, errors: ForecastErrors)]) { (self.name, self.rows) = (name, rows) }

    func encode(to encoder: any Encoder) throws {
      var values = encoder.container(keyedBy: NamedKey.self)
      try values.encode(name, forKey: NamedKey("name"))
      for (prefix, errors) in rows {
        try values.encode(errors.meanSquared, forKey: NamedKey(prefix + "mse"))
        try values.encode(errors.meanAbsolute, forKey: NamedKey(prefix + "mae"))
        try values.encode(errors.rootMeanSquared, forKey: NamedKey(prefix + "rmse"))
        try values.encode(errors.meanAbsoluteScaled, forKey: NamedKey(prefix + "mase"))
        try values.encode(errors.symmetricPercentage, forKey: NamedKey(prefix + "smape"))
      }
    }
  }
}

extension Double {
  /// The value with about five significant digits.
  fileprivate var significant: String {
    guard isFinite, self != 0 else { return cell(4) }
    let magnitude = Int(exactly: magnitude.exponentOfTen) ?? 0
    return text(Swift.min(Swift.max(4 - magnitude, 0), 8))
  }

  /// The exponent of the largest power of ten that is not above it.
  private var exponentOfTen: Double {
    var (power, value) = (0.0, self)
    while value >= 10, power < 400 { (value, power) = (value / 10, power + 1) }
    while value < 1, power > -400 { (value, power) = (value * 10, power - 1) }
    return power
  }
}

extension Forecaster {
  /// The middles `[N, H]` of the predictions `[N, H, size]` of some of the windows.
  fileprivate func kept(_ windows: [ForecastWindow], _ predictions: [Float], where isKept: (ForecastWindow) -> Bool)
    -> (windows: [ForecastWindow], centers: [Float])
  {
    let (steps, size) = (shape.channels * shape.horizon, output.size)
    let places = windows.indices.filter { isKept(windows[$0]) }
    return (
      places.map { windows[$0] },
      places.flatMap { place in (0..<steps).map { predictions[(place * steps + $0) * size + output.centerIndex] } }
    )
  }
}

extension ForecastWindows {
  /// These windows, and those of the steps before the first of each series, in the order of their origins.
  fileprivate func afterPreceding(_ series: PreparedSeries, _ shape: ForecasterShape, stride: Int) -> ForecastWindows {
    var first: [Int: Int] = [:]
    for window in all { first[window.series] = min(first[window.series] ?? .max, window.origin) }
    let parts = series.data.series.indices.map { index -> Range<Int> in
      guard let origin = first[index] else { return 0..<0 }
      let least = series.description.firstUnseen(series.data.series[index], shape)
      let first = max(least, origin - IntervalCalibration.memory.saturatingTimes(stride))
      // In step with the origins of the part.
      return first + max(0, origin - first) % stride..<max(first, origin) + shape.horizon - 1
    }
    let earlier = ForecastWindows(series, parts, shape, stride: stride).all.filter { $0.origin < first[$0.series] ?? 0 }
    return ForecastWindows(all: (earlier + all).sorted { ($0.series, $0.origin) < ($1.series, $1.origin) })
  }
}
