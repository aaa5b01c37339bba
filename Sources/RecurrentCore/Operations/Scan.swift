/// Cumulative sums along an axis: `output[t] = x[0] + … + x[t]`, or, reversed, `x[t] + … + x[last]`, which is the gradient of
/// the former.
public struct Scan {
  /// The elements.
  package let x: StridedView
  /// Whether sums run from the end.
  package let isReversed: Bool
  /// The destination, of the lengths of `x`.
  package let output: StridedView
  /// Whether the results are added to the old content.
  package let adds: Bool
  /// The other axes, with the strides of `x` and of the output.
  package let others: AxisLoop
  /// The length of the axis, and its strides in `x` and in the output.
  package let axis: (length: Int, x: Int, output: Int)

  /// Cumulative sums.
  /// - Throws: `RecurrentError.shapeMismatch` if the lengths differ or the axis is out of range.
  public init(_ x: StridedView, axis: Int, isReversed: Bool = false, into output: StridedView, adds: Bool = false)
    throws
  {
    try require(
      x.lengths == output.lengths && x.lengths.indices.contains(axis) && !output.repeats, "scan",
      "axis \(axis) of lengths \(x.lengths) into \(output.lengths)")
    self.x = x
    self.isReversed = isReversed
    self.output = output
    self.adds = adds
    self.axis = (x.lengths[axis], x.strides[axis], output.strides[axis])
    let rest = x.lengths.indices.filter { $0 != axis }
    others = AxisLoop(
      lengths: rest.map { x.lengths[$0] }, strides: [x.strides, output.strides].map { own in rest.map { own[$0] } },
      order: .output)
    try others.requireFewAxes("scan")
  }

  /// Whether the axis is contiguous in `x` and in the output, and long.
  package var isAlong: Bool { axis.x == 1 && axis.output == 1 && axis.length >= 32 }

  /// A lower bound of the bytes read and written.
  package var bytes: Int { x.bytes + output.bytes }
}
