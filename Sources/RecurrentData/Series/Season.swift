/// The season of a series: the steps after which it repeats itself.
public enum Season {
  /// The steps of the autocorrelation that is computed.
  private static let longest = 800
  /// The least autocorrelation at a season.
  private static let least = 0.3

  /// The season of values; nil if they have none.
  ///
  /// A natural season of the time step counts if the autocorrelation of the values around their linear trend is high there, and
  /// a local peak; without times, it is the highest of all such peaks.
  /// - Parameters:
  ///   - values: The values, NaN where missing.
  ///   - step: The time from step to step; nil without times.
  public static func detect(_ values: ArraySlice<Float>, step: TimeStep?) -> Int? {
    let centered = detrended(values.suffix(20_000))
    let length = min(longest, centered.count / 3)
    guard length >= 2 else { return nil }
    let correlations = autocorrelation(centered, upTo: length)
    let isPeak = { (lag: Int) in
      correlations[lag] >= least && correlations[lag] > correlations[lag - 1]
        && (lag + 1 > length || correlations[lag] >= correlations[lag + 1])
    }
    if let step {
      // Noise moves a peak by some steps.
      let near = { (lag: Int) in (max(2, lag - lag / 20)...min(length, lag + lag / 20)).contains(where: isPeak) }
      return step.seasons.first { $0 >= 2 && $0 <= length && near($0) }
    }
    return (2...length).filter(isPeak).max { correlations[$0] < correlations[$1] }
  }

  /// The values around their linear trend; 0 where one is missing.
  private static func detrended(_ values: ArraySlice<Float>) -> [Double] {
    var (count, sumX, sumY, sumXX, sumXY) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for (index, value) in values.enumerated() where value.isFinite {
      let (x, y) = (Double(index), Double(value))
      (count, sumX, sumY, sumXX, sumXY) = (count + 1, sumX + x, sumY + y, sumXX + x * x, sumXY + x * y)
    }
    guard count > 1 else { return [] }
    let spread = sumXX - sumX * sumX / count
    let slope = spread > 0 ? (sumXY - sumX * sumY / count) / spread : 0
    let start = (sumY - slope * sumX) / count
    return values.enumerated().map { $1.isFinite ? Double($1) - start - slope * Double($0) : 0 }
  }

  /// The autocorrelation at each lag up to the last; 0 for constant values.
  private static func autocorrelation(_ values: [Double], upTo last: Int) -> [Double] {
    let power = values.reduce(0) { $0 + $1 * $1 }
    guard power > 0 else { return [Double](repeating: 0, count: last + 2) }
    return values.withUnsafeBufferPointer { values in
      (0...last + 1).map { lag in
        var sum = 0.0
        for index in lag..<max(lag, values.count) { sum += values[index] * values[index - lag] }
        return sum / power
      }
    }
  }
}
