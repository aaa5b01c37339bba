import RecurrentCore
import RecurrentData

/// The windows of a part of some series.
struct ForecastWindows {
  /// The windows, series after series, in the order of their origins.
  let all: [ForecastWindow]

  /// Windows that were selected.
  init(all: [ForecastWindow]) { self.all = all }

  /// - Parameters:
  ///   - parts: The steps of each series whose values are predicted.
  ///   - stride: The distance of neighbouring origins.
  init(_ series: PreparedSeries, _ parts: [Range<Int>], _ shape: ForecasterShape, stride: Int = 1) {
    all = parts.enumerated().flatMap { index, part -> [ForecastWindow] in
      let (first, last) = (
        max(part.lowerBound + shape.horizon - shape.lead, shape.window - series.padding[index], 1),
        part.upperBound - shape.lead
      )
      guard first <= last else { return [] }
      return Swift.stride(from: first, through: last, by: stride).compactMap { origin in
        let window = ForecastWindow(series: index, origin: origin)
        return series.isComplete || series.targetCount(window, shape) > 0 ? window : nil
      }
    }
  }

  /// The missing steps before a series whose training part is not longer than a window and a horizon: it has windows, too.
  static func padding(training part: Range<Int>, _ shape: ForecasterShape) -> Int {
    let room = part.count - shape.horizon
    return shape.reconstructs || room > shape.window ? 0 : max(0, shape.window - max(1, room / 2))
  }

  /// The windows in batches, the last of which may be smaller.
  /// - Parameters:
  ///   - seed: Shuffles them, differently in each epoch; nil keeps their order.
  ///   - count: The number of windows; nil for all.
  func batches(of size: Int, seed: UInt64? = nil, epoch: Int = 0, count: Int? = nil) -> AnySequence<[ForecastWindow]> {
    var order = Array(all.indices)
    if let seed {
      var random = RandomSource(seed: seed, stream: RandomSource.batchStream(epoch: epoch))
      order = random.permutation(all.count)
    }
    if let count { order = Array(order.prefix(count)) }
    return AnySequence(
      stride(from: 0, to: order.count, by: size).lazy.map { first in
        order[first..<min(first + size, order.count)].map { all[$0] }
      })
  }
}

extension PreparedSeries {
  /// The targets of a channel of a window, in units of the scaled series; NaN where one is missing, or nothing is known before.
  func truth(_ window: ForecastWindow, _ channel: Int, _ shape: ForecasterShape) -> [Float] {
    let (offset, steps) = (offsets[window.series][channel], shape.targetSteps(window.origin))
    let range = offset + steps.lowerBound..<offset + steps.upperBound
    guard let observed else { return Array(values[range]) }
    guard isSeen(window, channel, shape) else { return [Float](repeating: .nan, count: steps.count) }
    return range.map { observed[$0] == 1 ? values[$0] : .nan }
  }

  /// A value, in units of the scaled series; NaN if it is missing.
  func value(_ series: Int, _ channel: Int, _ step: Int) -> Float {
    let index = offsets[series][channel] + step
    return observed?[index] ?? 1 == 1 ? values[index] : .nan
  }

  /// The values of a channel before an origin, in units of the scaled series, the last before it in place of a missing one.
  func history(_ window: ForecastWindow, _ channel: Int, steps: Int) -> ArraySlice<Float> {
    let end = offsets[window.series][channel] + window.origin
    return values[end - min(steps, window.origin + padding[window.series])..<end]
  }
}
