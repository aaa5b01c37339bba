/// The axes that a kernel goes over, as few as possible, with the strides of each operand: neighbours that lie together in
/// all operands are one axis, and axes of length 1 are none.
package struct AxisLoop {
  /// Axes that kernels take at most.
  package static let maximumAxes = 8

  /// The lengths, the innermost last; at least one.
  package let lengths: [Int]
  /// The strides of each operand, axis by axis.
  package let strides: [[Int]]

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
