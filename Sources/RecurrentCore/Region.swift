/// Memory on a device. Only the backend that allocated it knows what it is.
///
/// It holds `count` elements of four bytes: `Float` values when viewed as a `Region`, `Int32` as `Indices`.
public protocol Buffer: AnyObject {
  /// The number of four-byte elements.
  var count: Int { get }
}

/// A matrix of `Float` in a buffer: `rows` × `columns`, each row contiguous, rows `stride` elements apart.
///
/// A sequence `[T, N, D]` is a region of `T·N` rows; one half of a bidirectional `[T, N, 2H]`, or one gate of four, is
/// a region whose stride exceeds its columns. A vector is one row.
public struct Region {
  /// The buffer that holds the matrix.
  package let buffer: any Buffer
  /// The offset of the first element from the start of the buffer, in elements.
  package let offset: Int
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The distance between the starts of adjacent rows, in elements.
  package let stride: Int

  /// A view of `buffer`.
  /// - Throws: `RecurrentError.shapeMismatch` if it exceeds the buffer, or if rows overlap.
  package init(_ buffer: any Buffer, offset: Int = 0, rows: Int = 1, columns: Int, stride: Int? = nil) throws {
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

  /// Overlapping, read-only rows: `columns` elements of a contiguous region, starting at every `stride`-th element.
  /// - Throws: `RecurrentError.shapeMismatch` if the region has fewer elements.
  package static func windows(of region: Region, columns: Int, stride: Int) throws -> Region {
    try require(
      region.isContiguous && stride > 0 && columns > 0 && columns <= region.count, "windows",
      "rows of \(columns) elements at stride \(stride) in a region of \(region.count)")
    return Region(
      unchecked: region.buffer, offset: region.offset, rows: (region.count - columns) / stride + 1, columns: columns,
      stride: stride)
  }

  /// The number of elements.
  public var count: Int { rows * columns }

  /// Whether the rows are adjacent, without a gap.
  package var isContiguous: Bool { stride == columns || rows <= 1 }

  /// Whether both are the same matrix in the same memory.
  package func isSame(as other: Region) -> Bool {
    buffer === other.buffer && offset == other.offset && rows == other.rows && columns == other.columns
      && stride == other.stride
  }

  /// Some of the rows; traps if out of range.
  package func rows(_ range: Range<Int>) -> Region {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
    return Region(
      unchecked: buffer, offset: offset + range.lowerBound * stride, rows: range.count, columns: columns,
      stride: stride)
  }

  /// Some of the rows and of the columns.
  /// - Throws: `RecurrentError.shapeMismatch` if out of range.
  public func part(rows: Range<Int>? = nil, columns: Range<Int>? = nil) throws -> Region {
    let (rows, columns) = (rows ?? 0..<self.rows, columns ?? 0..<self.columns)
    guard rows.lowerBound >= 0, rows.upperBound <= self.rows, columns.lowerBound >= 0,
      columns.upperBound <= self.columns
    else {
      throw RecurrentError(
        .shapeMismatch, "rows \(rows) and columns \(columns) exceed a region of \(self.rows) × \(self.columns)",
        at: "region")
    }
    return self.rows(rows).columns(columns)
  }

  /// Some of the columns; traps if out of range.
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
        .shapeMismatch, "\(self.rows) × \(self.columns) (stride \(stride)) cannot be reshaped to \(rows) × \(columns)")
    }
    return Region(
      unchecked: buffer, offset: offset, rows: rows, columns: columns, stride: isContiguous ? columns : stride)
  }
}

/// A row of `Int32` in a buffer: tokens, classes, lengths or masks.
public struct Indices {
  /// The buffer that holds the row.
  package let buffer: any Buffer
  /// The offset of the first element from the start of the buffer, in elements.
  package let offset: Int
  /// The number of elements.
  public let count: Int

  /// A view of `buffer`.
  /// - Throws: `RecurrentError.shapeMismatch` if it exceeds the buffer.
  package init(_ buffer: any Buffer, offset: Int = 0, count: Int) throws {
    guard offset >= 0, count >= 0, [offset, count].saturatingSum <= buffer.count else {
      throw RecurrentError(
        .shapeMismatch, "\(count) indices at \(offset) do not fit a buffer of \(buffer.count)")
    }
    self.buffer = buffer
    self.offset = offset
    self.count = count
  }
}

/// The destination of a result, and whether the result replaces the old content or is added to it.
///
/// Gradients of parameters, and of activations that are used more than once, add; everything else sets.
public struct Output {
  /// The destination.
  public let region: Region
  /// Whether the result is added to the old content.
  public let adds: Bool

  /// The result replaces the old content.
  public static func set(_ region: Region) -> Output { Output(region: region, adds: false) }

  /// The result is added to the old content.
  public static func add(_ region: Region) -> Output { Output(region: region, adds: true) }
}
