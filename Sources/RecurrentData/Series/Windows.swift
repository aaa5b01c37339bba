import RecurrentCore

/// All windows of a series: input steps followed by the target steps to predict.
/// ```swift
/// let windows = try Windows(series, steps: 24, horizon: 6)
/// try trainer.fit(epochs: 10) { epoch in windows.batches(of: 32, seed: 1, epoch: epoch) }
/// ```
/// A window is a pair of slices, without a copy. Its targets have all features: those known in advance, such as the
/// hour, can be read from them, `targets.columns(7..<9)`, and the rest predicted.
public struct Windows: RandomAccessCollection, Sendable {
  /// A window.
  public struct Window: Sendable, Hashable {
    /// `[T, D]`, the input steps.
    public let inputs: ArraySlice<Float>
    /// `[horizon, D]`, the target steps.
    public let targets: ArraySlice<Float>
  }

  /// A batch of windows. T input steps, N windows, D features, time first.
  public struct Batch: Sendable, Hashable {
    /// `[T, N, D]`.
    public let inputs: [Float]
    /// `[horizon, N, D]`.
    public let targets: [Float]
    /// The number of input steps T.
    public let steps: Int
    /// The number of target steps.
    public let horizon: Int
    /// The batch size N.
    public let batchSize: Int
    /// The number of features D.
    public let features: Int
  }

  /// `[S, D]`, last axis fastest.
  public let series: [Float]
  /// The number of features D.
  public let features: Int
  /// The number of input steps T.
  public let steps: Int
  /// The number of target steps.
  public let horizon: Int
  /// The distance between the starts of adjacent windows, in steps.
  public let stride: Int

  /// The windows of a series.
  /// - Parameters:
  ///   - series: `[S, D]`, the features of each step in turn.
  ///   - features: D.
  ///   - steps: T, the number of input steps.
  ///   - horizon: The number of target steps after them.
  ///   - stride: The distance between the starts of adjacent windows, in steps.
  /// - Throws: `RecurrentError.invalidArgument` if a size is not positive; `.shapeMismatch` if the values are not a
  ///   multiple of the features; `.invalidData` if the series is shorter than a window.
  public init(_ series: [Float], features: Int = 1, steps: Int, horizon: Int = 1, stride: Int = 1) throws {
    try requirePositive(
      [("features", features), ("steps", steps), ("horizon", horizon), ("stride", stride)], at: "windows")
    guard series.count.isMultiple(of: features) else {
      throw RecurrentError(
        .shapeMismatch,
        "\(series.count.counted("value is", "values are")) not a multiple of \(features.counted("feature"))",
        at: "windows",
        remedy: "give all features of each step in turn")
    }
    guard [steps, horizon].saturatingSum <= series.count / features else {
      throw RecurrentError(
        .invalidData,
        "a series of \((series.count / features).counted("step")) is shorter than a window of \(steps) + \(horizon)",
        at: "windows", remedy: "use a longer series or shorter windows")
    }
    self.series = series
    self.features = features
    self.steps = steps
    self.horizon = horizon
    self.stride = stride
  }

  /// 0.
  public var startIndex: Int { 0 }
  /// The number of windows.
  public var endIndex: Int { (series.count / features - steps - horizon) / stride + 1 }

  /// The window that starts at step `index · stride`.
  public subscript(index: Int) -> Window {
    precondition(indices.contains(index), "window \(index) of \(count)")
    let first = index * stride * features
    let (middle, end) = (first + steps * features, first + (steps + horizon) * features)
    return Window(inputs: series[first..<middle], targets: series[middle..<end])
  }

  /// A batch of windows.
  /// - Parameter indices: The indices of the windows, from 0.
  /// - Throws: `RecurrentError.invalidData` if an index is out of range.
  public func batch(_ indices: [Int]) throws -> Batch {
    if let wrong = indices.first(where: { !self.indices.contains($0) }) {
      throw RecurrentError(
        .invalidData, "window \(wrong) is out of range (\(count.counted("window")))", at: "windows",
        remedy: "windows start at 0")
    }
    return joined(indices)
  }

  private func joined(_ indices: [Int]) -> Batch {
    let windows = indices.map { self[$0] }
    return Batch(
      inputs: interleaved(windows.map(\.inputs), steps), targets: interleaved(windows.map(\.targets), horizon),
      steps: steps, horizon: horizon, batchSize: windows.count, features: features)
  }

  /// All windows in batches, the last of which may be smaller; each batch is made on access.
  /// - Parameters:
  ///   - batchSize: The batch size, at least 1.
  ///   - seed: Shuffles the windows, differently in each epoch; nil keeps their order.
  ///   - epoch: The epoch.
  public func batches(of batchSize: Int, seed: UInt64? = nil, epoch: Int = 0) -> some Collection<Batch> {
    batchIndices(of: batchSize, seed: seed, epoch: epoch).lazy.map(joined)
  }

  /// The window indices of all batches, the last of which may be smaller, for `DeviceWindows`.
  /// - Parameters:
  ///   - batchSize: The batch size, at least 1.
  ///   - seed: Shuffles the windows, differently in each epoch; nil keeps their order.
  ///   - epoch: The epoch.
  public func batchIndices(of batchSize: Int, seed: UInt64? = nil, epoch: Int = 0) -> [[Int]] {
    let batchSize = Swift.max(batchSize, 1)
    var order = Array(0..<count)
    if let seed {
      var random = RandomSource(seed: seed, stream: RandomSource.batchStream(epoch: epoch))
      order = random.permutation(count)
    }
    return Swift.stride(from: 0, to: order.count, by: batchSize).map { first in
      Array(order[first..<Swift.min(first + batchSize, order.count)])
    }
  }

  /// `[N, T, D] → [T, N, D]`.
  private func interleaved(_ rows: [ArraySlice<Float>], _ steps: Int) -> [Float] {
    (0..<steps).flatMap { step in
      rows.flatMap { row in row[(row.startIndex + step * features)...].prefix(features) }
    }
  }
}
