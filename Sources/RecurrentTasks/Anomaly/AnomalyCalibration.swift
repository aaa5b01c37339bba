import RecurrentCore
import RecurrentData

/// What a detector knows of the errors before the test part.
struct AnomalyCalibration {
  /// The threshold, if it is a quantile of scores; else 1.
  private(set) var threshold: Float = 1
  /// The root mean square of the errors of each target, in units of the scaled series; 1 without an error.
  let deviations: [Float]

  init(threshold: Float, deviations: [Float]) { (self.threshold, self.deviations) = (threshold, deviations) }

  /// - Parameters:
  ///   - expected: The expected values of each series and channel.
  ///   - ends: The first step of the test part of each series.
  init(_ description: AnomalyDescription, _ series: PreparedSeries, _ expected: [[[Float]]], ends: [Int]) {
    deviations = (expected.first ?? []).indices.map { channel in
      var (sum, count) = (0.0, 0.0)
      for (index, end) in ends.enumerated() {
        for step in 0..<end {
          let error = Double(series.value(index, channel, step) - expected[index][channel][step])
          if !error.isNaN { (sum, count) = (sum + error * error, count + 1) }
        }
      }
      return sum > 0 ? Float((sum / count).squareRoot()) : 1
    }
    guard case .quantile(let level) = description.threshold else { return }
    let scores = ends.indices.flatMap { index in
      // Without a forecast there is no error.
      series.scored(index, expected[index], from: AnomalyState(description, self)).steps.prefix(ends[index])
        .filter { $0.expected.contains { !$0.isNaN } }.map(\.score)
    }
    threshold = quantile(of: scores, at: level) ?? 1
  }
}
