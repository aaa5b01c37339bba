/// Whether a forecast is worth using: its error beside that of the best baseline, in a plain sentence.
public struct Verdict: Sendable, Hashable, CustomStringConvertible {
  /// The name of the error: "MAE".
  public let metric: String
  /// The best baseline, as in a sentence: "the seasonal naive".
  public let baseline: String
  /// The part of the best baseline's error that the forecast avoids: 0.14 for 14 % better, below 0 if it is worse.
  public let improvement: Double

  /// The verdict on an error.
  /// - Parameters:
  ///   - metric: The name of the error, which is better the smaller it is.
  ///   - error: The error of the forecast.
  ///   - baselines: Baselines as in a sentence, such as `NaiveForecast.phrase`, and their errors on the same windows; NaN
  ///     for a baseline that has none.
  /// - Returns: Nil if no baseline has an error, or if the forecast has none.
  public init?(metric: String, error: Double, baselines: [(phrase: String, error: Double)]) {
    guard let best = baselines.filter({ !$0.error.isNaN }).min(by: { $0.error < $1.error }), !error.isNaN else {
      return nil
    }
    self.metric = metric
    baseline = best.phrase
    improvement = error == best.error ? 0 : 1 - error / best.error
  }

  /// Whether the forecast is better than every baseline.
  public var isBetter: Bool { improvement > 0 }

  /// "14 % better than the seasonal naive (MAE)", or "8.3 % worse than repeating the last value (MAE): do not use it".
  public var description: String {
    let tenths = (improvement.magnitude * 1000).rounded()
    guard tenths > 0 else { return "no better than \(baseline) (\(metric)): use that" }
    let percent =
      tenths < 100 ? "\(tenths / 10) % " : tenths < 1e6 ? "\(Int((improvement.magnitude * 100).rounded())) % " : ""
    return percent
      + (isBetter ? "better than \(baseline) (\(metric))" : "worse than \(baseline) (\(metric)): do not use it")
  }
}
