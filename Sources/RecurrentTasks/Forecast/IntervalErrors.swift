import RecurrentCore
import RecurrentData

/// The coverage, the width and the pinball loss of a forecaster's intervals, in units of the scaled series or counts.
struct IntervalErrors {
  /// The probabilities that are reported, in percent.
  private static let percentages = [95, 80]

  private let model: Forecaster
  private let errors: [Float]
  private let percentages: [Int]
  private var quantiles: QuantileErrors?

  init(_ model: Forecaster) throws {
    self.model = model
    errors = try model.intervals.values()
    let probe = [Float](repeating: 1, count: model.output.size)[...]
    let errors = errors
    percentages = Self.percentages.filter {
      model.interval(of: probe, channel: 0, step: 0, percentage: $0, errors: errors) != nil
    }
    let lower = percentages.map { Double(100 - $0) / 200 }
    if !percentages.isEmpty { quantiles = QuantileErrors(levels: lower + lower.reversed().map { 1 - $0 }) }
  }

  /// Adds predictions `[N, H, size]` of windows, whose rows are channels.
  mutating func add(_ windows: [ForecastWindow], _ predictions: [Float], in series: PreparedSeries) {
    guard quantiles != nil else { return }
    let (horizon, size, count) = (model.shape.horizon, model.output.size, percentages.count)
    for (index, window) in windows.enumerated() {
      for channel in model.shape.channelIndices {
        let first = (index * model.shape.channels + channel) * horizon * size
        var bounds = [Float](repeating: 0, count: horizon * 2 * count)
        for step in 0..<horizon {
          let values = predictions[first + step * size..<first + (step + 1) * size]
          for (place, percentage) in percentages.enumerated() {
            guard
              let pair = model.interval(
                of: values, channel: channel, step: step, percentage: percentage, errors: errors)
            else { continue }
            bounds[step * 2 * count + place] = pair.lower
            bounds[step * 2 * count + 2 * count - 1 - place] = pair.upper
          }
        }
        if model.output == .negativeBinomial { bounds = series.scaled(bounds[...], window, channel) }
        quantiles?.add(bounds[...], truth: series.truth(window, channel, model.shape)[...])
      }
    }
  }

  /// A line of text; empty without intervals.
  var text: String {
    guard let quantiles else { return "" }
    let parts = percentages.map { percentage in
      let probability = Double(percentage) / 100
      return "\(percentage) % intervals cover \(((quantiles.coverage(of: probability) ?? .nan) * 100).text(1)) %"
    }
    return "\n\(parts.joined(separator: ", ")); pinball loss \(quantiles.pinballLoss.text(4))\n"
  }

  /// Writes the coverages and the pinball loss.
  func encode(to values: inout KeyedEncodingContainer<NamedKey>) throws {
    guard let quantiles else { return }
    for percentage in percentages {
      try values.encode(
        quantiles.coverage(of: Double(percentage) / 100), forKey: NamedKey("coverage_\(percentage)"))
    }
    try values.encode(quantiles.pinballLoss, forKey: NamedKey("pinball_loss"))
  }
}
