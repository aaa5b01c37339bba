import RecurrentCore
import RecurrentModel

/// What a forecaster reads, on a device: N rows, each a channel and a window of L steps before a horizon of H steps.
public struct ForecastInputs {
  /// The values of the scaled series, `[N, L]`; where one is missing, the last one before it.
  public var values: Tensor
  /// The channel of each row, from 0.
  public var channels: [Int32]
  /// 1 where a value is observed, 0 where it is missing, `[N, L]`; nil if all are observed.
  public var observed: Tensor?
  /// The covariates that are known up to the present, `[N, L, P]`; nil for none.
  public var past: Tensor?
  /// The covariates that are known in advance, `[N, L + H, K]`; nil for none.
  public var known: Tensor?
  /// The categories that are known in advance, `[N, L + H]` each.
  public var categories: [Tokens] = []
  /// The categories of the series, `[N]` each.
  public var staticCategories: [Tokens] = []
  /// The mean and the deviation that a series was scaled with, `[N, 2]`; nil unless counts are predicted.
  public var scales: Tensor?

  /// Windows of series without covariates.
  public init(values: Tensor, channels: [Int32]) { (self.values, self.channels) = (values, channels) }

  /// The number of rows, N.
  public var rows: Int { channels.count }

  /// - Throws: `RecurrentError.shapeMismatch` if a tensor is missing or does not fit.
  func check(_ shape: ForecasterShape) throws {
    let (n, l) = (rows, shape.window)
    let parts: [(name: String, given: [Int]?, due: [Int]?)] = [
      ("values", values.shape, [n, l]), ("observed", observed?.shape, observed == nil ? nil : [n, l]),
      ("past", past?.shape, shape.past > 0 ? [n, l, shape.past] : nil),
      ("known", known?.shape, shape.known > 0 ? [n, l + shape.horizon, shape.known] : nil),
      ("categories", [categories.count], [shape.categories.count]),
      ("static categories", [staticCategories.count], [shape.staticCategories.count]),
    ]
    for (name, given, due) in parts where given != due {
      throw RecurrentError(
        .shapeMismatch, "\(name) of shape \(given ?? []), not \(due ?? [])", at: "Forecaster",
        remedy: "give what the model's shape describes")
    }
    guard n > 0, channels.allSatisfy({ (0..<shape.channels).contains(Int($0)) }) else {
      throw RecurrentError(
        .invalidData, n == 0 ? "no rows" : "a channel is out of range (\(shape.channels.counted("channel")))",
        at: "Forecaster",
        remedy: "channels start at 0")
    }
  }
}

/// The values of windows relative to a reference, and what leads back to the units of the series.
struct NormalizedWindow {
  /// `[N, L]`; 0 where a value is missing.
  let values: Tensor
  /// The logarithm of the scale, `[N, 1]`; nil if it is not read.
  let logScale: Tensor?
  private let raw: Tensor
  private let reference: Tensor?
  /// What the values were divided by, `[N, 1]`; nil if windows are not scaled.
  let scale: Tensor?
  private let scales: Tensor?
  private let shape: ForecasterShape

  init(_ inputs: ForecastInputs, _ shape: ForecasterShape) throws {
    let (x, l) = (inputs.values, shape.window)
    (raw, scales, self.shape) = (x, inputs.scales, shape)
    reference =
      switch shape.reference {
      case .last: try x.columns(l - 1..<l)
      case .season: try x.columns(l - shape.season..<l).mean(axis: 1, keepsAxes: true)
      case .mean: try x.mean(axis: 1, keepsAxes: true)
      case .none: nil
      }
    var values = try reference.map { try x - $0 } ?? x
    // A constant window has a deviation of 0.
    scale =
      switch shape.scale {
      case .none: nil
      case .deviation: try values.abs().mean(axis: 1, keepsAxes: true) + Self.leastScale
      case .difference where l > 1:
        try (x.columns(1..<l) - x.columns(0..<l - 1)).abs().mean(axis: 1, keepsAxes: true) + Self.leastScale
      case .difference: try x.tape.full([inputs.rows, 1], 1)
      }
    logScale = shape.scale == .deviation ? try scale?.log() : nil
    if let scale { values = try values / scale }
    if let observed = inputs.observed { values = try values * observed }
    self.values = values
  }

  private static let leastScale: Float = 1e-5

  /// What the network gives, `[N, H, size]`, in units of the series.
  /// - Parameter gate: The logits of a gate between the earlier values of `shape.gateLags`, `[N, H, lags]`.
  func restored(_ outputs: Tensor, _ output: ForecastOutput, gate: Tensor? = nil) throws -> Tensor {
    let rows = outputs.shape[0]
    let scale = try scale?.reshaped([rows, 1, 1])
    let center = try shape.gateLags.isEmpty ? reference?.reshaped([rows, 1, 1]) : gated(gate)
    let located = { (values: Tensor) throws -> Tensor in
      let scaled = try scale.map { try values * $0 } ?? values
      return try center.map { try scaled + $0 } ?? scaled
    }
    switch output {
    case .point, .quantiles: return try located(outputs)
    case .gaussian:
      let means = try located(outputs.slice(0..<1, axis: 2))
      var deviations = try outputs.slice(1..<2, axis: 2).clamped(to: -15...15).exp()
      if let scale { deviations = try deviations * scale * scale }
      return try Tensor.concatenate([means, deviations], axis: 2)
    case .negativeBinomial:
      guard let scales else { preconditionFailure("counts without the scales of their series") }
      let logs = try located(outputs.slice(0..<1, axis: 2))
      let (means, deviations) = (try scales.columns(0..<1), try scales.columns(1..<2))
      let rates = try (logs * deviations.reshaped([rows, 1, 1]) + means.reshaped([rows, 1, 1])).clamped(to: -15...20)
        .exp()
      let dispersions = try outputs.slice(1..<2, axis: 2).clamped(to: -10...5).exp()
      return try Tensor.concatenate([rates, dispersions], axis: 2)
    }
  }

  /// The earlier values that a gate mixes, `[N, H, 1]`.
  private func gated(_ gate: Tensor?) throws -> Tensor {
    let (rows, horizon) = (raw.shape[0], shape.horizon)
    let earlier = try shape.gateLags.map { lag -> Tensor in
      let last = try raw.columns(shape.window - lag..<shape.window)
      let repeats = (horizon + lag - 1) / lag
      let all = repeats == 1 ? last : try Tensor.concatenate([Tensor](repeating: last, count: repeats), axis: 1)
      return try all.columns(0..<horizon).reshaped([rows, horizon, 1])
    }
    guard let gate else { return earlier[0] }
    return try (Tensor.concatenate(earlier, axis: 2) * gate.softmax()).sum(axis: 2, keepsAxes: true)
  }
}

extension ForecastOutput {
  /// The middle of a prediction `[N, H, size]`: the value, the median, the mean, `[N, H, 1]`.
  func center(_ predictions: Tensor) throws -> Tensor {
    let index = centerIndex
    return try predictions.slice(index..<index + 1, axis: 2)
  }

  /// Which of the values of a step is the middle.
  var centerIndex: Int {
    guard case .quantiles(let levels) = self else { return 0 }
    return levels.indices.min { abs(levels[$0] - 0.5) < abs(levels[$1] - 0.5) } ?? 0
  }
}

/// What is known of the steps of a window and its horizon, and of its series.
struct FutureFeatures {
  /// `[N, L + H, K + vectors of categories]`; nil if nothing is known.
  let steps: Tensor?
  /// `[N, features]`; nil if nothing is known.
  let series: Tensor?
  private let shape: ForecasterShape

  init(_ inputs: ForecastInputs, _ model: Forecaster) throws {
    shape = model.shape
    let vectors = try zip(model.categories, inputs.categories).map { try $0($1) }
    steps = try Self.joined([inputs.known].compactMap(\.self) + vectors, axis: 2)
    series = try Self.joined(zip(model.staticCategories, inputs.staticCategories).map { try $0($1) }, axis: 1)
  }

  private static func joined(_ parts: [Tensor], axis: Int) throws -> Tensor? {
    parts.count < 2 ? parts.first : try Tensor.concatenate(parts, axis: axis)
  }

  /// What is known of the segments of the horizon, `[S · N, w · features + features of the series]`; nil if nothing is.
  func segments() throws -> Tensor? {
    guard let any = steps ?? series else { return nil }
    let (rows, count, w) = (any.shape[0], shape.outputSegments, shape.segment)
    var parts: [Tensor] = []
    if let steps {
      let (features, missing) = (steps.shape[2], count * w - shape.horizon)
      var future = try steps.slice(shape.window..<shape.window + shape.horizon, axis: 1)
      if missing > 0 {
        future = try Tensor.concatenate([future, any.tape.full([rows, missing, features], 0)], axis: 1)
      }
      parts.append(
        try future.reshaped([rows, count, w * features]).swappingLeadingAxes().reshaped([count * rows, w * features]))
    }
    if let series {
      let features = series.shape[1]
      parts.append(
        try series.reshaped([1, rows, features]).expanded(to: [count, rows, features])
          .reshaped([count * rows, features]))
    }
    return try Self.joined(parts, axis: 1)
  }
}
