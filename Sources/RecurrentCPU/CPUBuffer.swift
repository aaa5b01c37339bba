import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Host memory, aligned to a cache line.
final class CPUBuffer: Buffer {
  let count: Int
  let base: UnsafeMutableRawPointer

  /// Allocates `count` elements, all 0.
  /// - Throws: `RecurrentError.outOfMemory`, before the system takes back what it promised and ends the process.
  init(_ count: Int) throws {
    let (product, overflows) = max(count, 1).multipliedReportingOverflow(by: 4)
    let bytes = overflows ? Int.max : product
    let remedy = "use a smaller batch, shorter sequences or a smaller model"
    try HostMemory.require(bytes, at: "cpu", remedy: remedy)
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, 64, bytes) == 0, let memory else {
      throw HostMemory.shortage(bytes, at: "cpu", remedy: remedy)
    }
    memset(memory, 0, bytes)
    self.count = count
    base = memory
  }

  deinit { free(base) }

  var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
}

extension Buffer {
  /// The memory behind a buffer of this backend.
  fileprivate func memory() throws -> UnsafeMutableRawPointer {
    guard let buffer = self as? CPUBuffer else {
      throw RecurrentError(
        .invalidArgument, "the values are on another device", at: "cpu", remedy: "move the values to this device first")
    }
    return buffer.base
  }
}

/// A region, in the form of the kernels.
struct Matrix: @unchecked Sendable {
  let data: UnsafeMutablePointer<Float>
  let rows: Int
  let columns: Int
  let stride: Int

  init(_ region: Region) throws {
    data = try region.buffer.memory().assumingMemoryBound(to: Float.self) + region.offset
    (rows, columns, stride) = (region.rows, region.columns, region.stride)
  }

  var isContiguous: Bool { stride == columns || rows <= 1 }

  func row(_ row: Int) -> UnsafeMutablePointer<Float> { data + row * stride }

  /// The non-empty rows: an empty matrix may have more rows than a loop can visit.
  var filledRows: Range<Int> { 0..<(columns > 0 ? rows : 0) }
}

extension StridedView {
  /// The first element.
  func data() throws -> UnsafeMutablePointer<Float> {
    try buffer.memory().assumingMemoryBound(to: Float.self) + offset
  }
}

/// Indices, in the form of the kernels.
struct Integers: @unchecked Sendable {
  let data: UnsafeMutablePointer<Int32>

  init(_ indices: Indices) throws {
    data = try indices.buffer.memory().assumingMemoryBound(to: Int32.self) + indices.offset
  }

  subscript(index: Int) -> Int32 {
    get { data[index] }
    nonmutating set { data[index] = newValue }
  }
}
