/// Memory on a device, opaque to everyone but the backend that allocated it.
///
/// It holds `count` elements of four bytes: `Float` values where a `Region` looks at it, `Int32` where `Indices` do.
public protocol Buffer: AnyObject {
  /// How many four-byte elements the memory holds.
  var count: Int { get }
}

/// A matrix of `Float` that lies in a buffer: `rows` × `columns`, a row contiguous, rows `stride` elements apart.
///
/// A sequence `[T, N, D]` is a region of `T·N` rows; one half of a bidirectional `[T, N, 2H]`, or one gate of four, is a
/// region with a stride that is larger than its columns. A vector is one row.
public struct Region {
  /// The memory that the matrix lies in.
  public let buffer: any Buffer
  /// Where the first element lies, in elements from the buffer's start.
  public let offset: Int
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// Elements from the start of a row to the start of the next.
  public let stride: Int

  /// A view of `buffer`.
  /// - Throws: `RecurrentError.shapeMismatch` if it does not lie within the buffer, or if rows overlap.
  public init(_ buffer: any Buffer, offset: Int = 0, rows: Int = 1, columns: Int, stride: Int? = nil) throws {
    let stride = stride ?? columns
    guard rows >= 0, columns >= 0, offset >= 0, stride >= columns || rows <= 1,
      rows == 0 || columns == 0
        || [offset, (rows - 1).saturatingTimes(stride), columns].saturatingSum <= buffer.count
    else {
      throw RecurrentError(
        .shapeMismatch,
        "a region of \(rows) × \(columns) at \(offset) with stride \(stride) does not fit a buffer of \(buffer.count)")
    }
    self.init(unchecked: buffer, offset: offset, rows: rows, columns: columns, stride: stride)
  }

  private init(unchecked buffer: any Buffer, offset: Int, rows: Int, columns: Int, stride: Int) {
    self.buffer = buffer
    self.offset = offset
    self.rows = rows
    self.columns = columns
    self.stride = stride
  }

  /// Rows that overlap, to be read only: `columns` elements of another region, a row without gaps, from every `stride` on.
  /// - Throws: `RecurrentError.shapeMismatch` if there are not so many.
  package static func windows(of region: Region, columns: Int, stride: Int) throws -> Region {
    try require(
      region.isContiguous && stride > 0 && columns > 0 && columns <= region.count, "windows",
      "\(columns) of \(region.count) elements, \(stride) apart")
    return Region(
      unchecked: region.buffer, offset: region.offset, rows: (region.count - columns) / stride + 1, columns: columns,
      stride: stride)
  }

  /// The number of elements.
  public var count: Int { rows * columns }

  /// Whether the rows follow each other without a gap.
  public var isContiguous: Bool { stride == columns || rows <= 1 }

  /// Whether it has the same elements of the same memory in the same places.
  package func isSame(as other: Region) -> Bool {
    buffer === other.buffer && offset == other.offset && rows == other.rows && columns == other.columns
      && stride == other.stride
  }

  /// Some of the rows; traps if they are not there.
  package func rows(_ range: Range<Int>) -> Region {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
    return Region(
      unchecked: buffer, offset: offset + range.lowerBound * stride, rows: range.count, columns: columns,
      stride: stride)
  }

  /// Some of the rows and of the columns.
  /// - Throws: `RecurrentError.shapeMismatch` if they are not there.
  public func part(rows: Range<Int>? = nil, columns: Range<Int>? = nil) throws -> Region {
    let (rows, columns) = (rows ?? 0..<self.rows, columns ?? 0..<self.columns)
    guard rows.lowerBound >= 0, rows.upperBound <= self.rows, columns.lowerBound >= 0,
      columns.upperBound <= self.columns
    else {
      throw RecurrentError(
        .shapeMismatch, "rows \(rows) and columns \(columns) of a region of \(self.rows) × \(self.columns)",
        at: "region")
    }
    return self.rows(rows).columns(columns)
  }

  /// Some of the columns; traps if they are not there.
  package func columns(_ range: Range<Int>) -> Region {
    precondition(range.lowerBound >= 0 && range.upperBound <= columns, "columns \(range) of \(columns)")
    return Region(
      unchecked: buffer, offset: offset + range.lowerBound, rows: rows, columns: range.count, stride: stride)
  }

  /// The same elements as a matrix of `rows` × `columns`.
  /// - Throws: `RecurrentError.shapeMismatch` if the counts differ or the region has gaps.
  public func reshaped(rows: Int, columns: Int) throws -> Region {
    let isSame = rows == self.rows && columns == self.columns
    guard rows >= 0, columns >= 0, rows.saturatingTimes(columns) == count, isContiguous || isSame else {
      throw RecurrentError(
        .shapeMismatch, "\(self.rows) × \(self.columns) (stride \(stride)) is not \(rows) × \(columns)")
    }
    return Region(
      unchecked: buffer, offset: offset, rows: rows, columns: columns, stride: isContiguous ? columns : stride)
  }
}

/// A row of `Int32` that lies in a buffer: tokens, classes, lengths, masks.
public struct Indices {
  /// The memory that the row lies in.
  public let buffer: any Buffer
  /// Where the first element lies, in elements from the buffer's start.
  public let offset: Int
  /// The number of elements.
  public let count: Int

  /// A view of `buffer`.
  /// - Throws: `RecurrentError.shapeMismatch` if it does not lie within the buffer.
  public init(_ buffer: any Buffer, offset: Int = 0, count: Int) throws {
    guard offset >= 0, count >= 0, [offset, count].saturatingSum <= buffer.count else {
      throw RecurrentError(
        .shapeMismatch, "\(count) indices at \(offset) do not fit a buffer of \(buffer.count)")
    }
    self.buffer = buffer
    self.offset = offset
    self.count = count
  }
}

/// Where a result goes, and whether it replaces what is there or is added to it.
///
/// Gradients of parameters, and of activations that are used more than once, add; everything else sets.
public struct Output {
  /// Where the result goes.
  public let region: Region
  /// Whether the result is added to what is there.
  public let adds: Bool

  /// The result replaces what is there.
  public static func set(_ region: Region) -> Output { Output(region: region, adds: false) }

  /// The result is added to what is there.
  public static func add(_ region: Region) -> Output { Output(region: region, adds: true) }
}
