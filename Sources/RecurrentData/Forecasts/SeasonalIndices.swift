/// The seasonal indices of a series whose season is significant: for each step of the season, by which factor values
/// exceed the trend, 1 on average.
///
/// The test and the classical multiplicative decomposition are those of the M4 competition's benchmarks in R
/// (`SeasonalityTest`, `decompose`). Missing values are NaN.
struct SeasonalIndices {
  /// The indices of a season's steps, from the first step of the series.
  let factors: [Double]

  /// The index of a step of the series, or of one after it.
  subscript(step: Int) -> Double { factors[step % factors.count] }

  /// The indices of a series, or nil if its season is not significant or its indices are not positive numbers.
  /// - Parameters:
  ///   - series: The values.
  ///   - season: The number of steps of a season.
  init?(_ series: ArraySlice<Float>, season: Int) {
    let values = series.map { Double($0) }
    guard season > 1, values.count >= 3 * season, Self.isSignificant(values, season) else { return nil }
    let raw = Self.ratiosToTrend(values, season)
    let mean = raw.reduce(0, +) / Double(season)
    let factors = raw.map { $0 / mean }
    guard factors.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    self.factors = factors
  }

  /// Whether the autocorrelation at the season's lag is beyond its 90 % limits, given those at shorter lags.
  private static func isSignificant(_ values: [Double], _ season: Int) -> Bool {
    let known = values.filter { !$0.isNaN }
    let mean = known.reduce(0, +) / Double(known.count)
    // A missing value contributes to no product.
    let centred = values.map { $0.isNaN ? 0 : $0 - mean }
    let products = (0...season).map { lag in zip(centred, centred.dropFirst(lag)).reduce(0) { $0 + $1.0 * $1.1 } }
    let correlations = products.map { $0 / products[0] }
    let squares = correlations[1..<season].reduce(0) { $0 + $1 * $1 }
    return correlations[season].magnitude > 1.645 * ((1 + 2 * squares) / Double(known.count)).squareRoot()
  }

  /// The mean ratio, at each step of the season, of the values to their centred moving average over a season.
  private static func ratiosToTrend(_ values: [Double], _ season: Int) -> [Double] {
    let half = season / 2
    var (sums, counts) = ([Double](repeating: 0, count: season), [Double](repeating: 0, count: season))
    for step in half..<values.count - half {
      // The average of an even season has a step more, of which the two at the ends count half.
      let window = values[step - half...step + half]
      let ends = season.isMultiple(of: 2) ? (values[step - half] + values[step + half]) / 2 : 0
      let ratio = values[step] / ((window.reduce(0, +) - ends) / Double(season))
      guard ratio.isFinite else { continue }
      sums[step % season] += ratio
      counts[step % season] += 1
    }
    return zip(sums, counts).map { $0 / $1 }
  }
}
