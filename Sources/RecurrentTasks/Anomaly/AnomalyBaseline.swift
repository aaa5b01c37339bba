import RecurrentCore
import RecurrentData

/// A detector without a network beside which a model is judged: its expected values are scored as the model's are.
struct AnomalyBaseline {
  /// Its name in keys: `seasonal_naive`.
  let key: String
  /// Its name in tables: `seasonal naive (24)`.
  let name: String
  /// Its name in a sentence: `the seasonal naive`.
  let phrase: String
  /// Its scores of each series.
  let scored: [ScoredSeries]

  /// The seasonal naive, if there is a season, and the distance from the mean of the training part.
  static func all(_ series: PreparedSeries, _ description: AnomalyDescription) -> [AnomalyBaseline] {
    let season = series.description.season
    let distance = AnomalyBaseline("mean_distance", "distance from the mean", series, description) {
      $0.means(of: $1)
    }
    guard season > 1 else { return [distance] }
    let naive = NaiveForecast.seasonal(season)
    let seasonal = AnomalyBaseline(
      naive.key, "\(naive.name) (\(season))", phrase: naive.phrase, series, description
    ) { $0.earlier(season, of: $1) }
    return [seasonal, distance]
  }

  /// - Parameter expected: The values of each channel of a series.
  private init(
    _ key: String, _ name: String, phrase: String? = nil, _ series: PreparedSeries, _ description: AnomalyDescription,
    expected: (PreparedSeries, Int) -> [[Float]]
  ) {
    (self.key, self.name, self.phrase) = (key, name, phrase ?? "the " + name)
    let expected = series.data.series.indices.map { expected(series, $0) }
    let ends = series.data.series.map { (try? series.description.split.parts(of: $0))?.test.lowerBound ?? $0.steps }
    let calibration = AnomalyCalibration(description, series, expected, ends: ends)
    scored = expected.enumerated().map { series.scored($0, $1, from: AnomalyState(description, calibration)) }
  }
}

extension PreparedSeries {
  /// The values of each channel of a series a season before each step; of a missing one those of earlier seasons.
  fileprivate func earlier(_ season: Int, of index: Int) -> [[Float]] {
    offsets[index].indices.map { channel in
      var values: [Float] = []
      for step in 0..<data.series[index].steps {
        let last = step < season ? .nan : value(index, channel, step - season)
        values.append(last.isNaN && step >= season ? values[step - season] : last)
      }
      return values
    }
  }

  /// The mean of each channel of a series in its training part, at each step; NaN without a value.
  fileprivate func means(of index: Int) -> [[Float]] {
    let one = data.series[index]
    let part = description.start(of: one)
    return offsets[index].indices.map { channel in
      let values = part.map { value(index, channel, $0) }.filter { !$0.isNaN }
      let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
      return [Float](repeating: Float(mean), count: one.steps)
    }
  }
}
