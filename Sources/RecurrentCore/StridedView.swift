/// A tensor of `Float` in a buffer, with axes in any order: element `(i, j, …)` is at `offset + i · strides[0] + j ·
/// strides[1] + …`.
///
/// A stride of 0 repeats an element: that broadcasts an axis of length 1 without a copy.
public struct StridedView {
  /// The buffer that holds the tensor.
  package let buffer: any Buffer
  /// The offset of the first element from the start of the buffer, in elements.
  package let offset: Int
  /// The lengths of the axes.
  public let lengths: [Int]
  /// The distance between adjacent indices of each axis, in elements.
  package let strides: [Int]

  /// A view of `buffer`.
  /// - Throws: `RecurrentError.shapeMismatch` if it exceeds the buffer.
  package init(_ buffer: any Buffer, offset: Int = 0, lengths: [Int], strides: [Int]) throws {
    let spans = zip(lengths, strides).map { max($0 - 1, 0).saturatingTimes(max($1, 0)) }
    try require(
      lengths.count == strides.count && offset >= 0 && (lengths + strides).allSatisfy { $0 >= 0 }
        && (lengths.contains(0) || ([offset, 1] + spans).saturatingSum <= buffer.count),
      "view", "lengths \(lengths) with strides \(strides) at \(offset) do not fit a buffer of \(buffer.count)")
    self.init(unchecked: buffer, offset, lengths, strides)
  }

  private init(unchecked buffer: any Buffer, _ offset: Int, _ lengths: [Int], _ strides: [Int]) {
    self.buffer = buffer
    self.offset = offset
    self.lengths = lengths
    self.strides = strides
  }

  /// A region as a tensor: the last axis in its columns, all others in its rows.
  /// - Throws: `RecurrentError.shapeMismatch` if the region does not have that shape.
  public init(_ region: Region, shape: [Int]) throws {
    try require(
      shape.dropLast().elementCount == region.rows && shape.last ?? 1 == region.columns, "view",
      "a region of \(region.shape) as shape \(shape)")
    var strides = [Int](repeating: 1, count: shape.count)
    var step = region.stride
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = step
      step = step.saturatingTimes(shape[axis])
    }
    self.init(unchecked: region.buffer, region.offset, shape, strides)
  }

  /// The number of elements.
  public var count: Int { lengths.elementCount }

  /// Whether elements of the view share memory.
  var repeats: Bool { zip(lengths, strides).contains { $0 > 1 && $1 == 0 } }

  /// The view broadcast to other lengths by NumPy's rules: axes of length 1 repeat, and axes are added in front.
  /// - Throws: `RecurrentError.shapeMismatch` if an axis has another length than the target and is not 1.
  public func broadcast(to lengths: [Int]) throws -> StridedView {
    let added = lengths.count - self.lengths.count
    try require(
      added >= 0 && zip(self.lengths, lengths.dropFirst(added)).allSatisfy { $0 == $1 || $0 == 1 }, "broadcast",
      "lengths \(self.lengths) to \(lengths)")
    let kept = zip(self.lengths, lengths.dropFirst(added)).enumerated().map { axis, pair in
      pair.0 == pair.1 ? strides[axis] : 0
    }
    return StridedView(unchecked: buffer, offset, lengths, [Int](repeating: 0, count: added) + kept)
  }

  /// The view with its axes permuted: axis i of the result is axis `order[i]` of this view.
  /// - Throws: `RecurrentError.shapeMismatch` unless `order` names each axis once.
  public func permuted(_ order: [Int]) throws -> StridedView {
    try require(order.sorted() == Array(lengths.indices), "permute", "axes \(order) of lengths \(lengths)")
    return StridedView(unchecked: buffer, offset, order.map { lengths[$0] }, order.map { strides[$0] })
  }

  /// A range of an axis.
  /// - Throws: `RecurrentError.shapeMismatch` if the axis or the range is out of range.
  public func part(_ range: Range<Int>, axis: Int) throws -> StridedView {
    try require(
      lengths.indices.contains(axis) && range.lowerBound >= 0 && range.upperBound <= lengths[axis], "view",
      "range \(range) of axis \(axis), lengths \(lengths)")
    var lengths = lengths
    lengths[axis] = range.count
    return StridedView(unchecked: buffer, offset + range.lowerBound * strides[axis], lengths, strides)
  }

  /// The view with axes of length 1 inserted at these positions of the result, in ascending order.
  /// - Throws: `RecurrentError.shapeMismatch` if a position is beyond the end.
  public func inserting(axes: [Int]) throws -> StridedView {
    var (lengths, strides) = (lengths, strides)
    for axis in axes {
      try require(axis >= 0 && axis <= lengths.count, "view", "a new axis at \(axis), lengths \(lengths)")
      lengths.insert(1, at: axis)
      strides.insert(0, at: axis)
    }
    return StridedView(unchecked: buffer, offset, lengths, strides)
  }
}
