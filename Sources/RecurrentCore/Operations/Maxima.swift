/// The maximum and its index over the axes in which the output has length 1. Ties go to the first element; a NaN
/// exceeds any number, as in PyTorch.
public struct Maxima {
  /// The elements.
  package let x: StridedView
  /// The lengths of `x`, with 1 for the reduced axes; nil if only the indices are wanted.
  package let output: StridedView?
  /// The index of each maximum among the elements it was chosen from, in the order of the output's elements.
  package let winners: Indices
  /// The kept axes, with the strides of `x`, of the indices and, if there is one, of the output.
  package let kept: AxisLoop
  /// The reduced axes, with the strides of `x`.
  package let folded: AxisLoop

  /// The maxima over the axes in which `lengths`, those of the output, are 1.
  /// - Throws: `RecurrentError.shapeMismatch` if the lengths do not match, or a reduced axis is empty.
  public init(_ x: StridedView, lengths: [Int], into output: StridedView? = nil, winners: Indices) throws {
    let places = try StridedView(winners, lengths: lengths)
    (kept, folded) = try foldLoops(
      x.lengths, [x.strides], places, and: output.map { [$0] } ?? [], order: .given, "maxima")
    try require(folded.count > 0, "maxima", "lengths \(x.lengths) into \(lengths)")
    self.x = x
    self.output = output
    self.winners = winners
  }

  /// Whether adjacent elements in memory are compared with each other, and there are many of them; else adjacent
  /// elements belong to different maxima.
  package var isAlong: Bool { folded.isAlong(kept, operands: 1) }

  /// A lower bound of the bytes read and written.
  package var bytes: Int { x.bytes + 4 * winners.count * (output == nil ? 1 : 2) }
}

/// The gradient of `Maxima`: adds the gradient of each maximum to its element.
public struct MaximaBackward {
  /// The gradient of the result.
  package let dy: StridedView
  /// The indices that the forward pass saved.
  package let winners: Indices
  /// The gradient of the argument, which is added to.
  package let output: StridedView
  /// The kept axes, with the strides of the output, of the indices and of the gradient.
  package let kept: AxisLoop
  /// The reduced axes, with the strides of the output.
  package let folded: AxisLoop

  /// The gradient of the maxima over the axes in which `dy` has length 1.
  /// - Throws: `RecurrentError.shapeMismatch` if the lengths do not match.
  public init(dy: StridedView, winners: Indices, addingTo output: StridedView) throws {
    let places = try StridedView(winners, lengths: dy.lengths)
    (kept, folded) = try foldLoops(
      output.lengths, [output.strides], places, and: [dy], order: .given, "maxima backward")
    try require(!output.repeats, "maxima backward", "lengths \(output.lengths) with strides \(output.strides)")
    self.dy = dy
    self.winners = winners
    self.output = output
  }

  /// A lower bound of the bytes read and written.
  package var bytes: Int { 4 * winners.count * 4 }
}

extension StridedView {
  /// Indices as a tensor, the last axis fastest.
  fileprivate init(_ indices: Indices, lengths: [Int]) throws {
    try require(lengths.elementCount == indices.count, "maxima", "\(indices.count) indices for lengths \(lengths)")
    try self.init(
      Region(indices.buffer, offset: indices.offset, rows: lengths.dropLast().elementCount, columns: lengths.last ?? 1),
      shape: lengths)
  }
}
