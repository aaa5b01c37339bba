#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif
import RecurrentCore
import RecurrentData

/// The transform from the values of series to those that a network reads: logarithms, and the mean 0 and deviation 1 of each
/// series and channel on its training part.
package struct SeriesScaling: Codable, Hashable, Sendable {
  /// A function that is applied first.
  package enum Function: String, Codable, Hashable, Sendable {
    /// The natural logarithm, of positive values.
    case log
    /// The logarithm of 1 + the value, of counts.
    case log1p
  }

  /// The mean and the deviation of a channel.
  package struct Channel: Codable, Hashable, Sendable {
    package let mean: Float
    package let deviation: Float
  }

  /// The function that is applied first; nil for none.
  package let function: Function?
  /// Whether the series are scaled.
  package let isScaled: Bool
  /// The channels of each series by its identifier.
  package private(set) var series: [String: [Channel]] = [:]

  /// A transform without series.
  package init(function: Function?, isScaled: Bool) { (self.function, self.isScaled) = (function, isScaled) }

  /// Fits the transform of a series that it does not have.
  /// - Parameter training: The steps that it is fitted on.
  package mutating func fit(_ one: TimeSeries, training: Range<Int>) {
    guard series[one.id] == nil else { return }
    series[one.id] = one.targets.map { values in
      let part = isScaled ? values[training.clamped(to: values.indices)].map(applied).filter(\.isFinite) : []
      // A channel without values is left as it is.
      let scaler = try? StandardScaler(fitting: part)
      return Channel(mean: scaler?.means[0] ?? 0, deviation: scaler?.deviations[0] ?? 1)
    }
  }

  /// The values of a channel as the network reads them; NaN stays.
  package func applied(to values: ArraySlice<Float>, _ id: String, channel: Int) -> [Float] {
    let scale = channelScale(id, channel)
    return values.map { (applied($0) - scale.mean) / scale.deviation }
  }

  /// Values in the units of their series.
  package func inverted(_ values: ArraySlice<Float>, _ id: String, channel: Int) -> [Float] {
    let scale = channelScale(id, channel)
    return values.map { value in
      let inner = value * scale.deviation + scale.mean
      switch function {
      case nil: return inner
      case .log: return Float(exp(Double(inner)))
      case .log1p: return Float(expm1(Double(inner)))
      }
    }
  }

  /// The mean and the deviation of a channel; 0 and 1 if the series is not known.
  package func channelScale(_ id: String, _ channel: Int) -> Channel {
    series[id]?[channel] ?? Channel(mean: 0, deviation: 1)
  }

  /// - Throws: `RecurrentError.invalidData` if the logarithm of a value is not defined.
  package func check(_ data: SeriesData, at location: String) throws {
    for one in data.series {
      for (channel, values) in one.targets.enumerated() {
        guard let wrong = values.firstIndex(where: { !isDefined($0) }) else { continue }
        throw RecurrentError(
          .invalidData,
          "\(data.targets[channel].shown) is \(values[wrong]) at step \(wrong + 1)"
            + (one.id.isEmpty ? "" : " of \(one.id.shown)"), at: location,
          remedy: function == .log ? "leave out --log, which needs values above 0" : "counts must be at least 0")
      }
    }
  }

  /// Whether the transform of a value is defined; that of a missing one is missing.
  package func isDefined(_ value: Float) -> Bool {
    switch function {
    case nil: true
    case .log: !(value <= 0)
    case .log1p: !(value < 0)
    }
  }

  private func applied(_ value: Float) -> Float {
    switch function {
    case nil: value
    case .log: Float(log(Double(value)))
    case .log1p: Float(log1p(Double(value)))
    }
  }
}
