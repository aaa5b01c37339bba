import RecurrentCore

/// A data set on a device: copied there once; steps read elements without another copy from the host.
/// ```swift
/// let data = try DeviceData(images, shape: [1000, 28, 28], on: device)
/// let batch = try data.elements([3, 1, 4], on: tape)  // [3, 28, 28]
/// ```
public final class DeviceData {
  /// The lengths of the axes.
  public let shape: [Int]
  private let region: Region
  private let backend: any Backend

  /// Copies values to a device.
  /// - Parameters:
  ///   - values: The values, last axis fastest.
  ///   - shape: The lengths of the axes.
  ///   - device: The device; the memory lives as long as this object.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of values does not match the shape; `.outOfMemory`.
  public init(_ values: [Float], shape: [Int], on device: Device) throws {
    try shape.require(count: values.count, of: "values", at: "DeviceData")
    self.shape = shape
    backend = device.backend
    region = try backend.allocate(rows: shape.rows, columns: shape.columns)
    if !values.isEmpty { try backend.upload(values, to: region) }
  }

  /// All values as a tensor of a pass, without a copy. It gets no gradient.
  /// - Throws: `RecurrentError.device` if the tape is on another device.
  public func tensor(on tape: Tape) throws -> Tensor {
    try Tensor(region(on: tape), shape: shape, tape: tape, slot: nil)
  }

  /// Elements of the first axis, by index: `[R, …] → [indices.count, …]`. Only the indices are copied to the device.
  /// PyTorch: `data[indices]`.
  /// - Throws: `RecurrentError.device` if the tape is on another device; `.shapeMismatch` if the data has fewer than
  ///   two axes; `.invalidData` if an index is out of range.
  public func elements(_ indices: [Int], on tape: Tape) throws -> Tensor {
    let places = try tape.places(indices, below: shape.first ?? 0, "element")
    return try tensor(on: tape).rows(at: places)
  }

  /// Windows of the first axis, which may overlap: `[S] → [starts.count, length]` and
  /// `[S, F] → [starts.count, length, F]`. Only the starts are copied to the device. PyTorch:
  /// `data.unfold(0, length, 1)[starts]`, with the window's axis next to that of the starts.
  /// - Parameters:
  ///   - length: The number of elements of the first axis in a window.
  ///   - starts: The index of each window's first element.
  ///   - tape: The tape of the pass.
  /// - Throws: `RecurrentError.device` if the tape is on another device; `.shapeMismatch` if the data is shorter than
  ///   a window; `.invalidData` if a window exceeds the data.
  public func windows(of length: Int, at starts: [Int], on tape: Tape) throws -> Tensor {
    let (count, size) = (shape.first ?? 1, shape.dropFirst().elementCount)
    guard length > 0, length <= count, size > 0 else {
      throw RecurrentError(
        .shapeMismatch, "no windows of \(length) in data of shape \(shape)", at: "data on a device",
        remedy: "use lengths from 1 to the first axis")
    }
    let places = try tape.places(starts, below: count - length + 1, "start")
    let flat = try region(on: tape).reshaped(rows: 1, columns: count * size)
    let table = try Region.windows(of: flat, columns: length * size, stride: size)
    let rows = try tape.allocate(rows: starts.count, columns: table.columns)
    try tape.backend.gather(Gather(table, places.indices, into: .set(rows)))
    let windows = [starts.count, length] + shape.dropFirst()
    return try Tensor(
      rows.reshaped(rows: windows.rows, columns: windows.columns), shape: windows, tape: tape, slot: nil)
  }

  private func region(on tape: Tape) throws -> Region {
    guard tape.backend === backend else {
      throw RecurrentError(
        .device, "data of shape \(shape) is on another device than \(tape.backend.device.identifier)",
        at: "DeviceData", remedy: "open the device once and use it for data, model and tape")
    }
    return region
  }
}

extension Tape {
  /// Indices of elements on the device.
  fileprivate func places(_ indices: [Int], below count: Int, _ what: String) throws -> Tokens {
    try requireIndices(indices, below: min(count, Int(Int32.max)), what)
    return try labels(indices.map(Int32.init))
  }
}

/// Throws unless every index is from 0 to below the count.
func requireIndices(_ indices: [Int], below count: Int, _ what: String) throws {
  if let wrong = indices.first(where: { !(0..<count).contains($0) }) {
    throw RecurrentError(
      .invalidData, "\(what) \(wrong) is out of range (\(count))", at: "data on a device",
      remedy: "indices start at 0")
  }
}
