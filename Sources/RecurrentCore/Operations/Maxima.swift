/// The largest element over the axes in which the output has length 1, and where it is: of equal ones the first, and a NaN is
/// larger than any number, as PyTorch has it.
public struct Maxima {
  /// The elements.
  public let x: StridedView
  /// The lengths of `x`, or 1 where the largest along the axis is taken; nil if only the places are wanted.
  public let output: StridedView?
  /// A place for each of them, in the order of the output's elements: the element's number among those that it is the largest
  /// of.
  public let winners: Indices
  /// The axes that stay, with the strides of `x`, of the winners and, if there is one, of the output.
  package let kept: AxisLoop
  /// The axes that maxima are taken over, with the strides of `x`.
  package let folded: AxisLoop

  /// The maxima over the axes in which `lengths`, those of the output, are 1.
  /// - Throws: `RecurrentError.shapeMismatch` if the lengths do not fit, or there are none to take a maximum of.
  public init(_ x: StridedView, lengths: [Int], into output: StridedView? = nil, winners: Indices) throws {
    let places = try StridedView(winners, lengths: lengths)
    (kept, folded) = try foldLoops(
      x.lengths, [x.strides], places, and: output.map { [$0] } ?? [], order: .given, "maxima")
    try require(folded.count > 0, "maxima", "lengths \(x.lengths) into \(lengths)")
    self.x = x
    self.output = output
    self.winners = winners
  }

  /// Whether the elements that lie next to each other in memory are compared, and many of them; else neighbours are terms of
  /// different maxima.
  package var isAlong: Bool { folded.isAlong(kept, operands: 1) }

  /// The bytes of memory that it reads and writes at least.
  package var bytes: Int { x.bytes + 4 * winners.count * (output == nil ? 1 : 2) }
}

/// The gradient of `Maxima`: adds each maximum's to the element that won.
public struct MaximaBackward {
  /// The gradient of the maxima.
  public let dy: StridedView
  /// As the forward pass saved them.
  public let winners: Indices
  /// Of the argument's lengths; added to.
  public let output: StridedView
  /// The axes that stay, with the strides of the output, of the winners and of the gradient.
  package let kept: AxisLoop
  /// The axes that maxima are taken over, with the strides of the output.
  package let folded: AxisLoop

  /// The gradient of the maxima over the axes in which `dy` has length 1.
  /// - Throws: `RecurrentError.shapeMismatch` if the lengths do not fit.
  public init(dy: StridedView, winners: Indices, addingTo output: StridedView) throws {
    let places = try StridedView(winners, lengths: dy.lengths)
    (kept, folded) = try foldLoops(
      output.lengths, [output.strides], places, and: [dy], order: .given, "maxima backward")
    try require(!output.repeats, "maxima backward", "lengths \(output.lengths) with strides \(output.strides)")
    self.dy = dy
    self.winners = winners
    self.output = output
  }

  /// The bytes of memory that it reads and writes at least.
  package var bytes: Int { 4 * winners.count * 4 }
}

extension StridedView {
  /// Indices as a tensor, the last axis fastest.
  fileprivate init(_ indices: Indices, lengths: [Int]) throws {
    try require(lengths.elementCount == indices.count, "maxima", "\(indices.count) places for lengths \(lengths)")
    try self.init(
      Region(indices.buffer, offset: indices.offset, rows: lengths.dropLast().elementCount, columns: lengths.last ?? 1),
      shape: lengths)
  }
}
