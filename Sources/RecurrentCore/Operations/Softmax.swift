/// `output = softmax(x)` along each row, over the columns that the mask keeps.
///
/// Masked columns get 0; a row with no column left is all 0.
public struct Softmax {
  /// `[R, C]`.
  public let x: Region
  /// R·C values, 0 where a column is left out; nil keeps all.
  public let mask: Indices?
  /// `[R, C]`; may be `x` itself.
  public let output: Region

  /// A softmax along each row.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(_ x: Region, mask: Indices? = nil, into output: Region) throws {
    try require(
      x.hasShape(output) && mask.map { $0.count == x.count } ?? true, "softmax",
      "\(x.shape), mask of \(mask?.count ?? 0), into \(output.shape)")
    self.x = x
    self.mask = mask
    self.output = output
  }
}

/// `output = y · (dy − Σ y·dy)` along each row: the gradient of `Softmax`, masked columns 0 by `y`.
public struct SoftmaxBackward {
  /// The softmax's result `[R, C]`.
  public let y: Region
  /// The gradient of the result `[R, C]`.
  public let dy: Region
  /// The gradient of the argument `[R, C]`.
  public let output: Output

  /// The gradient of a softmax.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(y: Region, dy: Region, into output: Output) throws {
    try require(
      y.hasShape(dy) && y.hasShape(output.region), "softmax backward",
      "\(y.shape) and \(dy.shape) into \(output.region.shape)")
    self.y = y
    self.dy = dy
    self.output = output
  }
}
