import RecurrentCore
import RecurrentModel

/// The prediction intervals of a forecaster: quantiles of its errors on the validation data, for each channel and step of the
/// horizon (split conformal prediction: Vovk et al. 2005, Stankevičiūtė et al. 2021).
package enum ForecastIntervals {
  /// The quantiles: the bounds of intervals of 99, 95, 90, 80 and 50 %.
  package static let levels: [Double] = [0.005, 0.025, 0.05, 0.1, 0.25, 0.75, 0.9, 0.95, 0.975, 0.995]
  /// The probabilities of the intervals, in percent.
  package static let percentages = [99, 95, 90, 80, 50]

  /// The quantile of a level of n sorted errors: of a level below ½ that of the rank ⌊level · (n + 1)⌋, of one above it
  /// ⌈level · (n + 1)⌉, so that intervals are not too narrow.
  static func quantile(_ level: Double, of sorted: [Float]) -> Float {
    let rank = level * Double(sorted.count + 1)
    let index = Int(rank.rounded(level < 0.5 ? .down : .up)) - 1
    return sorted[min(max(index, 0), sorted.count - 1)]
  }

  /// The indices of the bounds of an interval in `levels`; nil for another percentage.
  package static func bounds(of percentage: Int) -> (lower: Int, upper: Int)? {
    percentages.firstIndex(of: percentage).map { ($0, levels.count - 1 - $0) }
  }
}

/// Collects the errors of predictions.
struct ErrorSamples {
  private let horizon: Int
  /// The errors of each channel and step.
  private var samples: [[Float]]

  init(_ shape: ForecasterShape) {
    horizon = shape.horizon
    samples = [[Float]](repeating: [], count: shape.channels * shape.horizon)
  }

  /// Adds the errors of a window; NaN is left out.
  mutating func add(_ predictions: ArraySlice<Float>, truth: [Float], channel: Int) {
    for (step, (prediction, value)) in zip(predictions, truth).enumerated() where value.isFinite {
      samples[channel * horizon + step].append(value - prediction)
    }
  }

  /// The quantiles of each channel and step, `[C, H, levels]`.
  ///
  /// A step with less than 20 errors has those of its whole channel.
  func quantiles() -> [Float] {
    stride(from: 0, to: samples.count, by: horizon).flatMap { first -> [Float] in
      let channel = samples[first..<first + horizon]
      lazy var pooled = channel.flatMap(\.self).sorted()
      return channel.flatMap { errors -> [Float] in
        let sorted = errors.count < 20 ? pooled : errors.sorted()
        return ForecastIntervals.levels.map { sorted.isEmpty ? 0 : ForecastIntervals.quantile($0, of: sorted) }
      }
    }
  }
}
