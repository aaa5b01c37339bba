/// `output = scale · Σ f(a, b, c)`: the values of a `MapFunction`, summed over the axes in which the output has length
/// 1. The summation order is fixed for the device.
public struct Fold {
  /// The function.
  package let function: MapFunction
  /// The operands: as many as the function takes, of the same lengths.
  package let operands: [MapOperand]
  /// A factor on the sums.
  package let scale: Float
  /// The lengths of the operands, with 1 for the summed axes.
  package let output: StridedView
  /// Whether the results are added to the old content.
  package let adds: Bool
  /// The kept axes, with the strides of the operands, then of the output.
  package let kept: AxisLoop
  /// The summed axes, with the strides of the operands.
  package let folded: AxisLoop

  /// Sums of a function of tensors.
  /// - Throws: `RecurrentError.shapeMismatch` if the lengths do not match, or no operand is a tensor.
  public init(
    _ function: MapFunction, _ operands: [MapOperand], scale: Float = 1, into output: StridedView, adds: Bool = false
  ) throws {
    let lengths = operands.lazy.compactMap(\.view).first?.lengths ?? []
    let strides = try operands.strides(function, over: lengths, of: "fold")
    (kept, folded) = try foldLoops(lengths, strides, output, order: .all, "fold")
    self.function = function
    self.operands = operands
    self.scale = scale
    self.output = output
    self.adds = adds
  }

  /// Whether adjacent elements in memory are summed, and there are many of them; else adjacent elements belong to
  /// different sums.
  package var isAlong: Bool { folded.isAlong(kept, operands: operands.count) }

  /// A lower bound of the bytes read and written.
  package var bytes: Int { operands.bytes + output.bytes }
}

extension AxisLoop {
  /// Whether these axes have smaller strides than the kept ones, and are long.
  func isAlong(_ kept: AxisLoop, operands: Int) -> Bool {
    let isCloser = innermostStride(operands: operands) < kept.innermostStride(operands: operands)
    return kept.count == 1 || (isCloser && count >= 32)
  }

  /// The stride of the innermost axis, in the operand where it is largest.
  private func innermostStride(operands: Int) -> Int {
    strides[..<operands].reduce(0) { Swift.max($0, $1[lengths.count - 1]) }
  }
}

/// Loops over the kept axes of an output, with its strides and those of `others` after those of the operands, and over
/// the axes that it reduces to length 1.
func foldLoops(
  _ lengths: [Int], _ strides: [[Int]], _ output: StridedView, and others: [StridedView] = [], order: AxisLoop.Order,
  _ operation: String
) throws -> (kept: AxisLoop, folded: AxisLoop) {
  try require(
    lengths.count == output.lengths.count && zip(lengths, output.lengths).allSatisfy { $0 == $1 || $1 == 1 }
      && ([output] + others).allSatisfy { $0.lengths == output.lengths && !$0.repeats }, operation,
    "lengths \(lengths) into \(output.lengths)")
  let isKept = lengths.indices.map { lengths[$0] == output.lengths[$0] }
  let loop = { (wanted: Bool, strides: [[Int]]) in
    let axes = lengths.indices.filter { isKept[$0] == wanted }
    return AxisLoop(
      lengths: axes.map { lengths[$0] }, strides: strides.map { own in axes.map { own[$0] } }, order: order)
  }
  let (kept, folded) = (loop(true, strides + [output.strides] + others.map(\.strides)), loop(false, strides))
  try kept.requireFewAxes(operation)
  try folded.requireFewAxes(operation)
  return (kept, folded)
}
