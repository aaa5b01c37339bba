import RecurrentCore

/// The oracle: every operation in Double, by the loops of its definition.
///
/// The reference for the other backends. It computes synchronously, on the caller's thread.
package final class ReferenceBackend: Backend {
  private var spare: ReferenceBuffer?

  /// A new oracle.
  package init() {}

  /// The device `reference`.
  package var device: DeviceDescription {
    DeviceDescription(
      identifier: "reference", name: "Reference", kind: .cpu, driver: "Double, plain loops", computeUnits: 1, memory: 0,
      maximumAllocation: .max, variant: "reference")
  }

  // MARK: Memory

  /// Memory for `count` elements: a Double and an Int32 each.
  package func allocate(_ count: Int) throws -> any Buffer { try ReferenceBuffer(count: count) }

  /// Copies values in.
  package func upload(_ values: UnsafeBufferPointer<Float>, to region: Region) throws {
    let matrix = OracleMatrix(region)
    for (place, value) in values.enumerated() { matrix[place / region.columns, place % region.columns] = Double(value) }
  }

  /// Copies indices in.
  package func upload(_ values: UnsafeBufferPointer<Int32>, to indices: Indices) throws {
    let row = indices.start
    for (place, value) in values.enumerated() { row[place] = value }
  }

  /// Copies values out, rounded to Float.
  package func download(_ region: Region, into values: UnsafeMutableBufferPointer<Float>) throws {
    let matrix = OracleMatrix(region)
    for place in values.indices { values[place] = Float(matrix[place / region.columns, place % region.columns]) }
  }

  /// Copies indices out.
  package func download(_ indices: Indices, into values: UnsafeMutableBufferPointer<Int32>) throws {
    let row = indices.start
    for place in values.indices { values[place] = row[place] }
  }

  /// Sets every element to a value.
  package func fill(_ region: Region, with value: Float) throws {
    let matrix = OracleMatrix(region)
    matrix.forEach { matrix[$0, $1] = Double(value) }
  }

  /// Does nothing: there is no queue.
  package func synchronize() throws {}

  /// Scratch memory, reused by later calls.
  package func scratch(_ count: Int) throws -> any Buffer {
    if let spare, spare.count >= count { return spare }
    let buffer = try ReferenceBuffer(count: count)
    spare = buffer
    return buffer
  }

  /// The values of a region in full precision, row-major.
  package func values(of region: Region) -> [Double] {
    let matrix = OracleMatrix(region)
    return (0..<region.count).map { matrix[$0 / region.columns, $0 % region.columns] }
  }

  /// Sets the values of a region in full precision, row-major.
  package func setValues(_ values: [Double], of region: Region) {
    precondition(values.count == region.count, "\(values.count) values for \(region.rows) × \(region.columns)")
    let matrix = OracleMatrix(region)
    for (place, value) in values.enumerated() { matrix[place / region.columns, place % region.columns] = value }
  }
}

/// Memory of the oracle: each element has a Double, and an Int32 for `Indices`.
final class ReferenceBuffer: Buffer {
  let count: Int
  let values: UnsafeMutablePointer<Double>
  let integers: UnsafeMutablePointer<Int32>

  init(count: Int) throws {
    try HostMemory.require(
      count.saturatingTimes(12), at: "reference", remedy: "use a smaller batch, shorter sequences or a smaller model")
    self.count = count
    values = .allocate(capacity: count)
    values.initialize(repeating: 0, count: count)
    integers = .allocate(capacity: count)
    integers.initialize(repeating: 0, count: count)
  }

  deinit {
    values.deallocate()
    integers.deallocate()
  }

  /// The buffer as the oracle's own type.
  static func of(_ buffer: any Buffer) -> ReferenceBuffer {
    guard let buffer = buffer as? ReferenceBuffer else { preconditionFailure("the memory belongs to another backend") }
    return buffer
  }
}
