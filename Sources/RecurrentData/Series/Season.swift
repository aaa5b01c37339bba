import RecurrentCore

/// Finds the seasonal period of a series by its autocorrelation.
public enum Season {
  /// The most values that are looked at, the last ones of a series.
  private static let most = 1 << 17

  /// The seasonal period of some values, in steps: of the natural periods of the step, or without any of those all
  /// periods, the one with the largest autocorrelation, which has the least squared error of a seasonal naive forecast.
  ///
  /// The trend is removed first. A period counts if a lag before it has a lower autocorrelation, by 0.1 and twice the
  /// deviation of noise: without a season, correlations fall with the lag. Of about equal ones the shortest is used.
  /// - Parameters:
  ///   - values: The values of the steps, of the training part; NaN for missing ones.
  ///   - step: The time from step to step; nil if it is unknown.
  /// - Returns: Nil if there is none, or fewer than two periods (three without natural ones).
  public static func detect(_ values: some Collection<Float>, step: TimeStep? = nil) -> Int? {
    let values = values.suffix(most)
    let candidates = step?.seasons ?? []
    let longest = candidates.isEmpty ? values.count / 3 : values.count / 2
    guard longest >= 2 else { return nil }
    let lags = candidates.isEmpty ? longest : min(longest, candidates.max() ?? 0)
    let correlations = Autocorrelation(of: values, lags: lags + 1).values
    guard correlations.count > lags else { return nil }
    let noise = 1 / Double(values.count { !$0.isNaN }).squareRoot()
    // The least correlation at the lags before each.
    let dips = correlations.dropFirst().reduce(into: [1.0, 1.0]) { dips, value in
      dips.append(min(dips.last ?? 1, value))
    }
    let possible = candidates.isEmpty ? Array(2...lags) : candidates.filter { $0 <= lags }
    let seasons = possible.filter { lag in
      let value = correlations[lag]
      // Noise moves the peak of a long period by some steps.
      let reach = candidates.isEmpty ? 1 : max(1, lag / 8)
      let peak = correlations[max(1, lag - reach)...min(lags + 1, lag + reach)].max() ?? 0
      let isPeak = value >= peak - (candidates.isEmpty ? 0 : 0.02 + 2 * noise)
      return isPeak && value > 0.1 && value - dips[lag] > 0.1 + 2 * noise
    }
    guard let best = seasons.map({ correlations[$0] }).max() else { return nil }
    return seasons.first { correlations[$0] >= best - 0.02 - noise }
  }
}
