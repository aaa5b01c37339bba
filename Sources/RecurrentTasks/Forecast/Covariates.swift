import RecurrentCore
import RecurrentData
import RecurrentModel

/// A covariate of numbers, with the mean and the deviation that it is scaled with.
package struct NumericCovariate: Codable, Hashable, Sendable {
  package let name: String
  package let mean: Float
  package let deviation: Float

  /// A covariate, fitted on the training parts of all series.
  init(_ name: String, fitting values: [Float]) {
    let scaler = try? StandardScaler(fitting: values.filter(\.isFinite))
    (self.name, mean, deviation) = (name, scaler?.means[0] ?? 0, scaler?.deviations[0] ?? 1)
  }

  /// Scaled values; a missing one is the last before it, or the mean.
  func scaled(_ values: [Float]) -> [Float] {
    var last: Float = 0
    return values.map { value in
      if value.isFinite { last = (value - mean) / deviation }
      return last
    }
  }
}

/// A covariate with a value of a list at each step, or for a series.
package struct CategoryCovariate: Codable, Hashable, Sendable {
  package let name: String
  /// The values in training, in ascending order.
  package let values: [String]

  init(_ name: String, of values: some Sequence<String>) {
    (self.name, self.values) = (name, Set(values).sorted())
  }

  /// The number of codes: 0 is a value that training did not have.
  var count: Int { values.count + 1 }

  /// The initialization of the vectors of codes: an unknown value, which training may not have, adds nothing.
  static let initializer = Initializer { shape, random in
    let vectors = Initializer.normal()(shape, &random)
    let size = shape.last ?? 0
    return [Float](repeating: 0, count: size) + vectors.dropFirst(size)
  }

  /// The code of a value.
  func code(_ value: String) -> Int32 {
    var (low, high) = (0, values.count)
    while low < high {
      let middle = (low + high) / 2
      if values[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low < values.count && values[low] == value ? Int32(low + 1) : 0
  }
}

/// The covariates of all series, step after step, each series after the padding of its windows.
struct CovariateSteps<Value> {
  /// `[steps of all series, features]`, last axis fastest.
  let values: [Value]
  let features: Int
  /// The index of the first step of each series.
  private let offsets: [Int]

  /// - Parameters:
  ///   - padding: The number of steps before each series, which repeat its first.
  ///   - columns: The values of each covariate of a series.
  init(_ data: SeriesData, padding: [Int], features: Int, columns: (TimeSeries) throws -> [[Value]]) throws {
    var (values, offsets, steps) = ([Value](), [Int](), 0)
    for (one, padding) in zip(data.series, padding) where features > 0 {
      let columns = try columns(one)
      let count = columns.map(\.count).min() ?? 0
      offsets.append(steps + padding)
      for step in -padding..<count { values += columns.map { $0[max(step, 0)] } }
      steps += padding + count
    }
    (self.values, self.offsets, self.features) = (values, offsets, features)
  }

  /// The first step of each window, for each of its channels.
  func starts(_ windows: [ForecastWindow], _ length: Int, _ channels: Int) -> [Int] {
    windows.flatMap { repeatElement(offsets[$0.series] + $0.origin - length, count: channels) }
  }
}

extension CovariateSteps<Float> {
  /// The values on a device, `[steps, features]`; nil without covariates.
  func onDevice(_ device: Device) throws -> DeviceData? {
    features > 0 ? try DeviceData(values, shape: [values.count / features, features], on: device) : nil
  }
}

extension CovariateSteps<Int32> {
  /// The codes of `length` steps from the first of each window on, for each of its channels.
  func codes(_ windows: [ForecastWindow], _ window: Int, _ length: Int, _ channels: Int) -> [Int32] {
    starts(windows, window, channels).flatMap { values[$0..<$0 + length] }
  }
}
