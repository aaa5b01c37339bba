import RecurrentCore

/// Numbers that stay on a device: a data set that is copied there once, and of which a step takes some elements without another
/// copy from the host.
/// ```swift
/// let data = try DeviceData(images, shape: [1000, 28, 28], on: device)
/// let batch = try data.elements([3, 1, 4], on: tape)  // [3, 28, 28]
/// ```
public final class DeviceData {
  /// The lengths of the axes.
  public let shape: [Int]
  let region: Region
  private let backend: any Backend

  /// Copies numbers to a device.
  /// - Parameters:
  ///   - values: The numbers, the last axis fastest.
  ///   - shape: The lengths of the axes.
  ///   - device: Where they stay, as long as this object lives.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of values is not the shape's; `.outOfMemory`.
  public init(_ values: [Float], shape: [Int], on device: Device) throws {
    try shape.require(count: values.count, of: "values", at: "DeviceData")
    self.shape = shape
    backend = device.backend
    region = try backend.allocate(rows: shape.rows, columns: shape.columns)
    if !values.isEmpty { try backend.upload(values, to: region) }
  }

  /// All of the numbers as a tensor of a pass, without a copy. It gets no gradient.
  /// - Throws: `RecurrentError.device` if the tape computes on another device.
  public func tensor(on tape: Tape) throws -> Tensor {
    try Tensor(region(on: tape), shape: shape, tape: tape, slot: nil)
  }

  /// Elements of the first axis, by their numbers: of data `[R, …]` a tensor `[numbers.count, …]`. Only the numbers are copied
  /// to the device. PyTorch: `data[numbers]`.
  /// - Throws: `RecurrentError.device` if the tape computes on another device; `.shapeMismatch` if the data has fewer than two
  ///   axes; `.invalidData` if there is no such element.
  public func elements(_ numbers: [Int], on tape: Tape) throws -> Tensor {
    let places = try tape.places(numbers, below: shape.first ?? 0, at: "DeviceData")
    return try tensor(on: tape).rows(at: places)
  }

  func region(on tape: Tape) throws -> Region {
    guard tape.backend === backend else {
      throw RecurrentError(
        .device, "data of shape \(shape) lies on another device than \(tape.backend.device.identifier)",
        at: "DeviceData", remedy: "open the device once and use it for the data, the model and the tape")
    }
    return region
  }
}

extension Tape {
  /// Numbers of elements on the device.
  func places(_ numbers: [Int], below count: Int, at place: String) throws -> Tokens {
    guard numbers.allSatisfy({ (0..<count).contains($0) }) else {
      let wrong = numbers.first { !(0..<count).contains($0) } ?? 0
      throw RecurrentError(
        .invalidData, "element \(wrong) of \(count)", at: place, remedy: "count elements from 0")
    }
    return try labels(numbers.map { Int32(truncatingIfNeeded: $0) })
  }
}
