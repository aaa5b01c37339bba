import RecurrentCore
import RecurrentData

/// The coverage, the width and the pinball loss of a forecaster's intervals, in units of the scaled series.
struct IntervalErrors {
  /// The probabilities that are reported, in percent.
  private static let percentages = [95, 80]

  private let model: Forecaster
  private var calibration: IntervalCalibration
  private var quantiles: QuantileErrors?
  private var series = -1

  /// - Parameter stride: The steps between origins.
  init(_ model: Forecaster, stride: Int) throws {
    self.model = model
    calibration = try IntervalCalibration(model, percentages: Self.percentages, stride: stride)
    let lower = calibration.percentages.map { Double(100 - $0) / 200 }
    if !lower.isEmpty { quantiles = QuantileErrors(levels: lower + lower.reversed().map { 1 - $0 }) }
  }

  /// Adds predictions `[N, H, size]` of windows, whose rows are channels, in the order of their origins.
  /// - Parameter isCounted: Whether the windows count; else they only calibrate those that follow.
  mutating func add(
    _ windows: [ForecastWindow], _ predictions: [Float], in series: PreparedSeries, isCounted: (ForecastWindow) -> Bool
  ) {
    guard quantiles != nil else { return }
    let (shape, size) = (model.shape, model.output.size)
    let count = shape.channels * shape.horizon * size
    for (index, window) in windows.enumerated() {
      if window.series != self.series { calibration.beginSeries() }
      self.series = window.series
      let values = predictions[index * count..<(index + 1) * count]
      calibration.advance(to: window.origin) { series.observed(window, $0, $1, as: model.output) }
      if isCounted(window) {
        for channel in shape.channelIndices {
          let bounds = (0..<shape.horizon).flatMap { step -> [Float] in
            let first = values.startIndex + (channel * shape.horizon + step) * size
            return calibration.bounds(values[first..<first + size], channel: channel, step: step)
          }
          let all = model.output == .negativeBinomial ? series.scaled(bounds[...], window, channel) : bounds
          quantiles?.add(all[...], truth: series.truth(window, channel, shape)[...])
        }
      }
      calibration.add(origin: window.origin, values)
    }
  }

  /// A line of text; empty without intervals.
  var text: String {
    guard let quantiles else { return "" }
    let parts = calibration.percentages.map { percentage in
      let probability = Double(percentage) / 100
      return "\(percentage) % intervals cover \(((quantiles.coverage(of: probability) ?? .nan) * 100).cell(1)) %"
    }
    return "\n\(parts.joined(separator: ", ")); pinball loss \(quantiles.pinballLoss.cell(4))\n"
  }

  /// Writes the coverages and the pinball loss.
  func encode(to values: inout KeyedEncodingContainer<NamedKey>) throws {
    guard let quantiles else { return }
    for percentage in calibration.percentages {
      let probability = Double(percentage) / 100
      try values.encode(quantiles.coverage(of: probability), forKey: NamedKey("coverage_\(percentage)"))
      try values.encode(quantiles.meanWidth(of: probability), forKey: NamedKey("width_\(percentage)"))
    }
    try values.encode(quantiles.pinballLoss, forKey: NamedKey("pinball_loss"))
  }
}
