import RecurrentCore
import RecurrentData
import RecurrentModel

/// Series as a network reads them: scaled, with the last value before it in place of a missing one, all in one buffer, of
/// which a device has a copy.
final class PreparedSeries {
  /// The series as they were read.
  let data: SeriesData
  let description: SeriesDescription
  /// Every channel of every series, one after another.
  let values: [Float]
  /// 1 where a value is observed, else 0; nil if all are.
  let observed: [Float]?
  /// The index in `values` of the first step, of each series and channel.
  let offsets: [[Int]]
  /// The number of steps before a series' first one, for windows that begin earlier; they are missing.
  let padding: [Int]

  private let observedSums: [Int32]
  private let past: CovariateSteps<Float>
  private let known: CovariateSteps<Float>
  private let categories: [CovariateSteps<Int32>]
  private let staticCodes: [[Int32]]
  private var resident: Resident?

  /// - Parameters:
  ///   - data: The series, with the columns that the description names.
  ///   - padding: The number of missing steps before each series, for windows that begin there.
  ///   - future: The steps after the end of a series for which the covariates known in advance are read.
  /// - Throws: `RecurrentError.invalidData` if the calendar is read, and there are no times.
  init(_ data: SeriesData, _ description: SeriesDescription, padding: [Int], future: Int = 0) throws {
    (self.data, self.description) = (data, description)
    self.padding = padding
    var (values, observed, offsets) = ([Float](), [Float](), [[Int]]())
    for (one, padding) in zip(data.series, padding) {
      offsets.append(
        one.targets.enumerated().map { channel, raw in
          let offset = values.count + padding
          let scaled = description.scaling.applied(to: raw[...], one.id, channel: channel)
          // What comes later is not known before.
          var last: Float = 0
          values += repeatElement(last, count: padding)
          observed += repeatElement(0, count: padding)
          for value in scaled {
            if value.isFinite { last = value }
            values.append(last)
            observed.append(value.isFinite ? 1 : 0)
          }
          return offset
        })
    }
    (self.values, self.offsets) = (values, offsets)
    let isComplete = observed.allSatisfy { $0 == 1 }
    self.observed = isComplete ? nil : observed
    var sum: Int32 = 0
    observedSums =
      isComplete
      ? []
      : [0]
        + observed.map {
          sum += $0 == 1 ? 1 : 0
          return sum
        }
    past = try CovariateSteps(data, padding: padding, features: description.past.count) { one in
      zip(description.past, one.past).map { $0.scaled($1) }
    }
    known = try CovariateSteps(data, padding: padding, features: description.knownCount) {
      try description.knownValues($0, future: future)
    }
    categories = try description.categories.indices.map { index in
      try CovariateSteps(data, padding: padding, features: 1) {
        [description.codes(index, $0, future: future)]
      }
    }
    staticCodes = description.staticCategories.enumerated().map { index, category in
      data.series.map { category.code($0.staticCategories[index]) }
    }
  }

  /// The number of observed values from a step of a channel on.
  func observedCount(_ series: Int, _ channel: Int, _ steps: Range<Int>) -> Int {
    guard observed != nil else { return steps.count }
    let offset = offsets[series][channel]
    return Int(observedSums[offset + steps.upperBound] - observedSums[offset + steps.lowerBound])
  }

  /// Whether all values are observed.
  var isComplete: Bool { observed == nil }

  // MARK: On a device

  private struct Resident {
    let backend: any Backend
    let values: DeviceData
    let observed: DeviceData?
    let past: DeviceData?
    let known: DeviceData?
  }

  private func resident(on tape: Tape) throws -> Resident {
    if let resident, resident.backend === tape.backend { return resident }
    let device = Device(tape.backend)
    let made = try Resident(
      backend: tape.backend, values: DeviceData(values, shape: [values.count], on: device),
      observed: observed.map { try DeviceData($0, shape: [$0.count], on: device) }, past: past.onDevice(device),
      known: known.onDevice(device))
    resident = made
    return made
  }

  /// The windows before some origins, with the targets after them if the series have them: rows are channels of a window,
  /// one window after another.
  /// - Parameter hasTargets: Whether the H steps after each origin are in the data.
  func rows(_ windows: [ForecastWindow], _ shape: ForecasterShape, hasTargets: Bool, on tape: Tape) throws
    -> ForecastRows
  {
    let resident = try resident(on: tape)
    let (l, h, channels) = (shape.window, shape.horizon, shape.channels)
    let length = hasTargets ? l + shape.lead : l
    let starts = windows.flatMap { window in offsets[window.series].map { $0 + window.origin - l } }
    let all = try resident.values.windows(of: length, at: starts, on: tape)
    let seen = try resident.observed?.windows(of: length, at: starts, on: tape)
    var inputs = ForecastInputs(
      values: length > l ? try all.columns(0..<l) : all,
      channels: windows.flatMap { _ in (0..<Int32(channels)) })
    inputs.observed = try seen.map { length > l ? try $0.columns(0..<l) : $0 }
    inputs.past = try resident.past?.windows(of: l, at: past.starts(windows, l, channels), on: tape)
    inputs.known = try resident.known?.windows(of: l + h, at: known.starts(windows, l, channels), on: tape)
    inputs.categories = try categories.map {
      try tape.labels($0.codes(windows, l, l + h, channels), shape: [starts.count, l + h])
    }
    inputs.staticCategories = try staticCodes.map { codes in
      try tape.labels(windows.flatMap { repeatElement(codes[$0.series], count: channels) })
    }
    if description.scaling.function == .log1p {
      inputs.scales = try tape.tensor(scales(windows, channels), shape: [starts.count, 2])
    }
    guard hasTargets else { return ForecastRows(inputs: inputs, targets: nil, observed: nil, count: 0) }
    var counted = try seen?.columns(length - h..<length)
    let hasValues = windows.flatMap { window in (0..<channels).map { isSeen(window, $0, shape) ? Float(1) : 0 } }
    if let all = counted, hasValues.contains(0) {
      counted = try all * tape.tensor(hasValues, shape: [starts.count, 1])
    }
    return ForecastRows(
      inputs: inputs, targets: try all.columns(length - h..<length), observed: counted,
      count: windows.reduce(0) { $0 + targetCount($1, shape) })
  }

  /// The number of observed targets of a window, of all channels.
  func targetCount(_ window: ForecastWindow, _ shape: ForecasterShape) -> Int {
    offsets[window.series].indices.reduce(0) { sum, channel in
      guard isSeen(window, channel, shape) else { return sum }
      return sum + observedCount(window.series, channel, shape.targetSteps(window.origin))
    }
  }

  /// Whether a value of a channel in a window is observed: nothing follows from a window without one.
  func isSeen(_ window: ForecastWindow, _ channel: Int, _ shape: ForecasterShape) -> Bool {
    let first = max(window.origin - shape.window, 0)
    return isComplete || observedCount(window.series, channel, first..<window.origin) > 0
  }

  private func scales(_ windows: [ForecastWindow], _ channels: Int) -> [Float] {
    windows.flatMap { window in
      (0..<channels).flatMap { channel in
        let scale = description.scaling.channelScale(data.series[window.series].id, channel)
        return [scale.mean, scale.deviation]
      }
    }
  }
}

/// A window before an origin, the first step that is predicted.
package struct ForecastWindow: Hashable, Sendable {
  let series: Int
  let origin: Int
}

/// Rows on a device, with their targets.
struct ForecastRows {
  var inputs: ForecastInputs
  /// `[N, H]`, in units of the scaled series; nil if they are not known.
  let targets: Tensor?
  /// `[N, H]`, 1 where a target is observed, else 0; nil if all are.
  let observed: Tensor?
  /// The number of observed targets.
  let count: Int
}
