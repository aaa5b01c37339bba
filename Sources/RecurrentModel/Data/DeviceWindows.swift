import RecurrentCore
import RecurrentData

/// The windows of a series on a device: a batch copies only the window indices.
/// ```swift
/// let windows = try Windows(series, features: 7, steps: 96, horizon: 24)
/// let resident = try DeviceWindows(windows, on: device)
/// let trainer = try Trainer(model, optimizer: Adam(), device: device) { (model, batch: [Int], _, tape) in
///   try BatchLoss(meanAbsoluteError(model(resident.inputs(batch, on: tape)), resident.targets(batch, on: tape)))
/// }
/// try trainer.fit(epochs: 10) { epoch in windows.batchIndices(of: 32, seed: 1, epoch: epoch) }
/// ```
/// T input steps, N windows, D features.
public final class DeviceWindows {
  /// The windows.
  public let windows: Windows
  private let data: DeviceData

  /// Copies a series to a device, where its windows overlap without copies.
  /// - Throws: `RecurrentError.outOfMemory`.
  public init(_ windows: Windows, on device: Device) throws {
    self.windows = windows
    data = try DeviceData(
      windows.series, shape: [windows.series.count / windows.features, windows.features], on: device)
  }

  /// The input steps of some windows, `[T, N, D]`.
  /// - Throws: `RecurrentError.invalidData` if an index is out of range; `.device` if the tape is on another device.
  public func inputs(_ indices: [Int], on tape: Tape) throws -> Tensor {
    try steps(0..<windows.steps, of: indices, on: tape)
  }

  /// The target steps of some windows, `[horizon, N, D]`.
  /// - Throws: `RecurrentError.invalidData` if an index is out of range; `.device` if the tape is on another device.
  public func targets(_ indices: [Int], on tape: Tape) throws -> Tensor {
    try steps(windows.steps..<windows.steps + windows.horizon, of: indices, on: tape)
  }

  private func steps(_ range: Range<Int>, of indices: [Int], on tape: Tape) throws -> Tensor {
    try requireIndices(indices, below: windows.count, "window")
    let starts = indices.map { $0 * windows.stride + range.lowerBound }
    return try data.windows(of: range.count, at: starts, on: tape).swappingLeadingAxes()
  }
}
