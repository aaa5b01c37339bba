/// The axes of a kernel's loop, as few as possible, with the strides of each operand: axes that are adjacent in all
/// operands are joined, and axes of length 1 dropped.
package struct AxisLoop {
  /// The largest number of axes that kernels accept.
  package static let maximumAxes = 8

  /// The lengths, the innermost last; at least one axis.
  package private(set) var lengths: [Int]
  /// The strides of each operand, axis by axis.
  package private(set) var strides: [[Int]]
  /// Whether an operand is contiguous along the second innermost axis but not along the innermost one: then the two are
  /// best read in tiles.
  package private(set) var isTransposed = false

  /// The order of the axes.
  enum Order {
    /// Unchanged.
    case given
    /// The innermost is the one with the smallest stride in the last operand, an operation's output.
    case output
    /// The innermost is the one with the smallest strides in all operands.
    case all
  }

  init(lengths: [Int], strides: [[Int]], order: Order) {
    var axes = lengths.indices.filter { lengths[$0] != 1 }
    if order != .given {
      let keys = lengths.indices.map { axis in
        let largest = strides.reduce(0) { Swift.max($0, $1[axis]) }
        return (order == .output ? strides.last?[axis] ?? 0 : largest, largest)
      }
      // A stable order: equal keys keep their order.
      axes.sort { keys[$0] == keys[$1] ? $0 < $1 : keys[$0] > keys[$1] }
    }
    var merged: [(length: Int, strides: [Int])] = []
    for axis in axes {
      let (length, own) = (lengths[axis], strides.map { $0[axis] })
      if let last = merged.last, zip(last.strides, own).allSatisfy({ $0 == $1.saturatingTimes(length) }) {
        merged[merged.count - 1] = (last.length.saturatingTimes(length), own)
      } else {
        merged.append((length, own))
      }
    }
    if merged.isEmpty { merged = [(1, strides.map { _ in 1 })] }
    self.lengths = merged.map(\.length)
    self.strides = strides.indices.map { operand in merged.map { $0.strides[operand] } }
  }

  /// The same axes, reordered if one of the first `operands` has gaps along the innermost axis but is contiguous along
  /// another one: that axis becomes the second innermost, and the loop is transposed.
  func tiled(_ operands: Int) -> AxisLoop {
    let inner = lengths.count - 1
    for own in strides[..<operands] where own[inner] > 1 {
      // Short axes are not worth a tile.
      guard let axis = own.firstIndex(of: 1), lengths[axis] >= 8 else { continue }
      var (loop, order) = (self, Array(lengths.indices))
      order.insert(order.remove(at: axis), at: inner - 1)
      loop.lengths = order.map { lengths[$0] }
      loop.strides = strides.map { own in order.map { own[$0] } }
      loop.isTransposed = true
      return loop
    }
    return self
  }

  /// The number of elements.
  package var count: Int { lengths.elementCount }
  /// The length of the innermost axis.
  package var columns: Int { lengths[lengths.count - 1] }
  /// The number of elements of all other axes together.
  package var rows: Int { lengths.dropLast().elementCount }

  /// The position of an element in an operand, relative to the operand's start.
  package func place(_ index: Int, of operand: Int) -> Int {
    var (rest, place) = (index, 0)
    for axis in lengths.indices.reversed() {
      place += rest % lengths[axis] * strides[operand][axis]
      rest /= lengths[axis]
    }
    return place
  }

  /// Throws unless kernels accept this number of axes.
  func requireFewAxes(_ operation: String) throws {
    try require(
      lengths.count <= Self.maximumAxes, operation,
      "\(lengths.count) axes remain after joining adjacent ones, at most \(Self.maximumAxes) are supported: \(lengths)")
  }
}
