/// The axes that a kernel goes over, as few as possible, with the strides of each operand: neighbours that lie together in
/// all operands are one axis, and axes of length 1 are none.
package struct AxisLoop {
  /// Axes that kernels take at most.
  package static let maximumAxes = 8

  /// The lengths, the innermost last; at least one.
  package private(set) var lengths: [Int]
  /// The strides of each operand, axis by axis.
  package private(set) var strides: [[Int]]
  /// Whether an operand's elements lie side by side along the innermost axis but one, and not along the innermost one: the two
  /// are best read in tiles.
  package private(set) var isTransposed = false

  /// In which order axes come.
  enum Order {
    /// As they are.
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
      // A stable order: equal keys keep theirs.
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

  /// The same axes, in another order where one of the first `operands` has gaps along the innermost axis but none along another
  /// one: that comes next to the innermost, and the loop is transposed.
  func tiled(_ operands: Int) -> AxisLoop {
    let inner = lengths.count - 1
    for own in strides[..<operands] where own[inner] > 1 {
      // What is thin is not worth a tile.
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
  /// The number of elements of all other axes.
  package var rows: Int { lengths.dropLast().elementCount }

  /// Where an element lies in an operand, from the operand's start.
  package func place(_ index: Int, of operand: Int) -> Int {
    var (rest, place) = (index, 0)
    for axis in lengths.indices.reversed() {
      place += rest % lengths[axis] * strides[operand][axis]
      rest /= lengths[axis]
    }
    return place
  }

  /// Throws unless a kernel takes so many axes.
  func requireFewAxes(_ operation: String) throws {
    try require(
      lengths.count <= Self.maximumAxes, operation,
      "\(lengths.count) axes that do not lie together, where at most \(Self.maximumAxes) are possible: \(lengths)")
  }
}
