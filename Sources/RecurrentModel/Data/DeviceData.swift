import RecurrentCore

/// A data set on a device: copied there once; steps read elements without another copy from the host.
/// ```swift
/// let data = try DeviceData(images, shape: [1000, 28, 28], on: device)
/// let batch = try data.elements([3, 1, 4], on: tape)  // [3, 28, 28]
/// ```
public final class DeviceData {
  /// The lengths of the axes.
  public let shape: [Int]
  let region: Region
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

  func region(on tape: Tape) throws -> Region {
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
  func places(_ indices: [Int], below count: Int, _ what: String) throws -> Tokens {
    try labels(
      indices.map { index in
        guard (0..<count).contains(index), let place = Int32(exactly: index) else {
          throw RecurrentError(
            .invalidData, "\(what) \(index) is out of range (\(count))", at: "data on a device",
            remedy: "indices start at 0" + (count > Int32.max ? ", up to \(Int32.max)" : ""))
        }
        return place
      })
  }
}
