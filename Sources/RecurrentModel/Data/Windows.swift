import RecurrentCore

/// All windows of a series: some steps that are known and the steps after them that are to be predicted.
/// ```swift
/// let windows = try Windows(series, steps: 24, horizon: 6)
/// try trainer.fit(epochs: 10) { epoch in windows.batches(of: 32, seed: 1, epoch: epoch) }
/// ```
/// A window is a pair of slices, of which nothing is copied. Its targets have all features: what is known ahead, such as the hour, may
/// be read from them, `targets.columns(7..<9)`, and what is predicted is the rest.
public struct Windows: RandomAccessCollection, Sendable {
  /// A window.
  public struct Window: Sendable, Hashable {
    /// `[T, D]`, the steps that are known.
    public let inputs: ArraySlice<Float>
    /// `[horizon, D]`, the steps after them.
    public let targets: ArraySlice<Float>
  }

  /// Windows side by side. T steps, N windows, D features, time first.
  public struct Batch: Sendable, Hashable {
    /// `[T, N, D]`.
    public let inputs: [Float]
    /// `[horizon, N, D]`.
    public let targets: [Float]
    /// T.
    public let steps: Int
    /// How many steps are to be predicted.
    public let horizon: Int
    /// N.
    public let rows: Int
    /// D.
    public let features: Int

    /// The steps that are known, on the device for a pass: `[T, N, D]`.
    /// - Throws: `RecurrentError.outOfMemory`; what the device throws.
    public func inputs(on tape: Tape) throws -> Tensor { try tape.tensor(inputs, shape: [steps, rows, features]) }

    /// The steps to be predicted, on the device for a pass: `[horizon, N, D]`.
    /// - Throws: `RecurrentError.outOfMemory`; what the device throws.
    public func targets(on tape: Tape) throws -> Tensor { try tape.tensor(targets, shape: [horizon, rows, features]) }
  }

  /// `[S, D]`, the last axis fastest.
  public let series: [Float]
  /// D.
  public let features: Int
  /// T, the steps of a window that are known.
  public let steps: Int
  /// The steps of a window that are to be predicted.
  public let horizon: Int
  /// The steps from the start of a window to the start of the next.
  public let stride: Int

  /// The windows of a series.
  /// - Parameters:
  ///   - series: `[S, D]`, the features of one step after another.
  ///   - features: D.
  ///   - steps: T, the steps that are known.
  ///   - horizon: How many steps after them are to be predicted.
  ///   - stride: The steps from the start of a window to the start of the next.
  /// - Throws: `RecurrentError.invalidArgument` if a number is not positive; `.shapeMismatch` if the values are not whole
  ///   steps; `.invalidData` if the series is shorter than a window.
  public init(_ series: [Float], features: Int = 1, steps: Int, horizon: Int = 1, stride: Int = 1) throws {
    try requirePositive(
      [("features", features), ("steps", steps), ("horizon", horizon), ("stride", stride)], at: "windows")
    guard series.count.isMultiple(of: features) else {
      throw RecurrentError(
        .shapeMismatch, "\(series.count) values are not whole steps of \(features) features", at: "windows",
        remedy: "give the features of one step after another")
    }
    guard [steps, horizon].saturatingSum <= series.count / features else {
      throw RecurrentError(
        .invalidData, "a series of \(series.count / features) steps for windows of \(steps) and \(horizon)",
        at: "windows", remedy: "give a longer series, or shorter windows")
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

  /// Some windows side by side.
  /// - Parameter indices: Which, from 0.
  /// - Throws: `RecurrentError.invalidData` if there is no such window.
  public func batch(_ indices: [Int]) throws -> Batch {
    if let wrong = indices.first(where: { !self.indices.contains($0) }) {
      throw RecurrentError(.invalidData, "window \(wrong) of \(count)", at: "windows", remedy: "count from 0")
    }
    return joined(indices)
  }

  private func joined(_ indices: [Int]) -> Batch {
    let windows = indices.map { self[$0] }
    return Batch(
      inputs: interleaved(windows.map(\.inputs), steps), targets: interleaved(windows.map(\.targets), horizon),
      steps: steps, horizon: horizon, rows: windows.count, features: features)
  }

  /// All windows in batches, of which the last may be smaller; each is made when it is asked for.
  /// - Parameters:
  ///   - rows: How many windows a batch has, at least 1.
  ///   - seed: Shuffles the windows, in another way in each epoch; nil keeps their order.
  ///   - epoch: The epoch.
  public func batches(of rows: Int, seed: UInt64? = nil, epoch: Int = 0) -> some Collection<Batch> {
    batchIndices(of: rows, seed: seed, epoch: epoch).lazy.map(joined)
  }

  /// The indices of all windows in batches, of which the last may be smaller: what `DeviceWindows` take.
  /// - Parameters:
  ///   - rows: How many windows a batch has, at least 1.
  ///   - seed: Shuffles the windows, in another way in each epoch; nil keeps their order.
  ///   - epoch: The epoch.
  public func batchIndices(of rows: Int, seed: UInt64? = nil, epoch: Int = 0) -> [[Int]] {
    let rows = Swift.max(rows, 1)
    var order = Array(0..<count)
    if let seed {
      var random = RandomSource(seed: seed, stream: RandomSource.batchStream(epoch: epoch))
      order = random.permutation(count)
    }
    return Swift.stride(from: 0, to: order.count, by: rows).map { first in
      Array(order[first..<Swift.min(first + rows, order.count)])
    }
  }

  /// `[N, T, D] → [T, N, D]`.
  private func interleaved(_ rows: [ArraySlice<Float>], _ steps: Int) -> [Float] {
    (0..<steps).flatMap { step in
      rows.flatMap { row in row[(row.startIndex + step * features)...].prefix(features) }
    }
  }
}
