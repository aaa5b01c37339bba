import RecurrentCore

/// Prediction intervals that hold what they promise: their bounds are shifted by the quantiles of the errors of the last
/// predictions whose truth is known (split conformal prediction over a moving window; of predicted quantiles as in Romano et
/// al. 2019), for each channel and step of the horizon.
///
/// Before there are enough, the quantiles of the errors on the validation data take their place.
struct IntervalCalibration {
  /// The number of predictions whose errors count, one for each step.
  static let memory = 500
  /// The least number of errors of a step.
  private static let least = 50

  /// The probabilities of the intervals, in percent, the widest first.
  let percentages: [Int]
  private let model: Forecaster
  /// The number of steps before an origin whose predictions count.
  private let steps: Int
  /// The quantiles of the errors on the validation data, `[C, H, ForecastIntervals.levels]`.
  private let stored: [Float]
  /// The lower and the upper levels of the intervals, in ascending order.
  private let levels: [Double]
  /// The lists of errors of a step: one, if all bounds are relative to one value; else one for each bound.
  private let lists: Int
  /// `[C, H, lists]`.
  private var errors: [RecentErrors]
  /// The predictions whose truth is not known at all steps: their origins, and what bounds are relative to, `[C, H, lists]`.
  private var pending: [(origin: Int, bases: [Float])] = []
  /// For each step of the horizon the first of `pending` whose error does not count yet.
  private var next: [Int]

  /// - Parameters:
  ///   - percentages: Those that the model does not have are left out.
  ///   - stride: The steps between origins.
  init(_ model: Forecaster, percentages: [Int], stride: Int = 1) throws {
    self.model = model
    steps = Self.memory.saturatingTimes(stride)
    stored = try model.intervals.values()
    self.percentages = try model.intervalPercentages(among: percentages)
    let lower = self.percentages.map { Double(100 - $0) / 200 }
    levels = lower + lower.reversed().map { 1 - $0 }
    if case .point = model.output { lists = 1 } else { lists = levels.count }
    errors = []
    next = []
    beginSeries()
  }

  /// Begins with the predictions of a series.
  mutating func beginSeries() {
    pending.removeAll()
    next = [Int](repeating: 0, count: model.shape.horizon)
    errors = [RecentErrors](
      repeating: RecentErrors(), count: model.shape.channels * model.shape.horizon * lists)
  }

  /// Counts the errors of the steps before an origin, of the last predictions.
  /// - Parameter truth: The value of a channel at a step of the series, in units of the scaled series or counts; NaN if it is
  ///   missing.
  mutating func advance(to origin: Int, truth: (_ channel: Int, _ step: Int) -> Float) {
    let (horizon, channels) = (model.shape.horizon, model.shape.channels)
    for step in 0..<horizon {
      while next[step] < pending.count, pending[next[step]].origin + step < origin {
        let earlier = pending[next[step]]
        for channel in 0..<channels {
          let first = (channel * horizon + step) * lists
          let value = truth(channel, earlier.origin + step)
          guard value.isFinite else { continue }
          for list in first..<first + lists {
            errors[list].add(value - earlier.bases[list], origin: earlier.origin)
          }
        }
        next[step] += 1
      }
    }
    for list in errors.indices { errors[list].forget(before: origin - steps) }
    // What has counted at all steps is not needed again.
    if let done = next.min(), done > Self.memory {
      pending.removeFirst(done)
      for step in next.indices { next[step] -= done }
    }
  }

  /// Remembers the prediction of a window, whose truth will be known later.
  /// - Parameter values: `[C, H, size]`.
  mutating func add(origin: Int, _ values: ArraySlice<Float>) {
    guard !percentages.isEmpty else { return }
    let (steps, size) = (model.shape.channels * model.shape.horizon, model.output.size)
    let all = (0..<steps).flatMap { step -> [Float] in
      let first = values.startIndex + step * size
      return lists == 1 ? [values[first + model.output.centerIndex]] : bases(values[first..<first + size])
    }
    pending.append((origin, all))
  }

  /// The bounds of all intervals of a step, by ascending level.
  func bounds(_ values: ArraySlice<Float>, channel: Int, step: Int) -> [Float] {
    let bases = bases(values)
    let place = channel * model.shape.horizon + step
    var bounds = levels.indices.map { index in
      let list = errors[place * lists + (lists == 1 ? 0 : index)]
      if list.count >= Self.least { return bases[index] + list.quantile(levels[index]) }
      guard lists == 1, let all = ForecastIntervals.levels.firstIndex(where: { abs($0 - levels[index]) < 1e-9 }) else {
        return bases[index]
      }
      return bases[index] + stored[place * ForecastIntervals.levels.count + all]
    }
    if model.output == .negativeBinomial { bounds = bounds.map { max(0, $0) } }
    // Quantiles that cross are exchanged.
    if lists > 1 { bounds.sort() }
    return bounds
  }

  /// What the bounds are relative to: the predicted value, or the predicted quantiles.
  private func bases(_ values: ArraySlice<Float>) -> [Float] {
    let first = values.startIndex
    switch model.output {
    case .point: return [Float](repeating: values[first], count: levels.count)
    case .quantiles(let all):
      return levels.map { level in
        values[first + (all.indices.min { abs(Double(all[$0]) - level) < abs(Double(all[$1]) - level) } ?? 0)]
      }
    case .gaussian:
      let deviation = values[first + 1].squareRoot()
      return levels.map { values[first] + Float(NormalQuantile.value($0)) * deviation }
    case .negativeBinomial:
      let counts = NegativeBinomial(mean: Double(values[first]), dispersion: Double(values[first + 1]))
      return levels.map { Float(counts.quantile($0)) }
    }
  }
}

extension Forecaster {
  /// The probabilities of intervals that the model has, in percent, the widest first.
  func intervalPercentages(among all: [Int]) throws -> [Int] {
    let hasStored = try intervals.values().contains { $0 != 0 }
    return all.filter { percentage in
      switch output {
      case .point: hasStored && ForecastIntervals.bounds(of: percentage) != nil
      case .quantiles(let levels): output.indices(of: percentage, in: levels) != nil
      case .gaussian, .negativeBinomial: true
      }
    }.sorted(by: >)
  }
}

extension ForecastOutput {
  /// The indices of the bounds of an interval among predicted quantiles; nil if they are not there.
  func indices(of percentage: Int, in levels: [Float]) -> (lower: Int, upper: Int)? {
    let tail = Double(100 - percentage) / 200
    guard let lower = levels.firstIndex(where: { abs(Double($0) - tail) < 1e-6 }),
      let upper = levels.firstIndex(where: { abs(Double($0) - 1 + tail) < 1e-6 })
    else { return nil }
    return (lower, upper)
  }
}

/// The errors of the last predictions, in order of their size.
private struct RecentErrors {
  private var sorted: [Float] = []
  /// In the order of their origins, from `oldest` on.
  private var arrived: [(origin: Int, error: Float)] = []
  private var oldest = 0

  var count: Int { sorted.count }

  mutating func add(_ error: Float, origin: Int) {
    arrived.append((origin, error))
    sorted.insert(error, at: place(of: error))
  }

  /// Removes the errors of predictions before an origin.
  mutating func forget(before origin: Int) {
    while oldest < arrived.count, arrived[oldest].origin < origin {
      sorted.remove(at: place(of: arrived[oldest].error))
      oldest += 1
    }
    if oldest > 1000 {
      arrived.removeFirst(oldest)
      oldest = 0
    }
  }

  /// The quantile of a level.
  func quantile(_ level: Double) -> Float { ForecastIntervals.quantile(level, of: sorted) }

  /// The first place of an error that is not below it.
  private func place(of error: Float) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < error { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
