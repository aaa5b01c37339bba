/// `output = softmax(x)` along each row, over the valid columns: those below the row's length whose mask is not 0.
///
/// All other columns are 0; a row without valid columns is all 0.
public struct Softmax {
  /// `[R, C]`.
  package let x: Region
  /// `[R, C]`, 0 where a column is masked; nil masks none.
  package let mask: Region?
  /// L lengths, each for R / L consecutive rows; nil for C. Columns beyond a length are not read.
  package let lengths: Indices?
  /// `[R, C]`; may be `x` itself.
  package let output: Region

  /// A softmax along each row.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(_ x: Region, mask: Region? = nil, lengths: Indices? = nil, into output: Region) throws {
    let fits = lengths.map { $0.count > 0 ? x.rows % $0.count == 0 : x.rows == 0 } ?? true
    try require(
      x.hasShape(output) && mask?.hasShape(x) ?? true && fits, "softmax",
      "\(x.shape), mask \(mask.map(\.shape) ?? "none"), \(lengths?.count ?? 0) lengths, into \(output.shape)")
    self.x = x
    self.mask = mask
    self.lengths = lengths
    self.output = output
  }

  /// The number of rows that share one length.
  package var rowsPerLength: Int { lengths.map { $0.count > 0 ? x.rows / $0.count : 1 } ?? 1 }
}

/// `output = y · (dy − Σ y·dy)` along each row: the gradient of `Softmax`; 0 in masked columns, as `y` is.
public struct SoftmaxBackward {
  /// The result of the softmax, `[R, C]`.
  package let y: Region
  /// The gradient of the result, `[R, C]`.
  package let dy: Region
  /// The gradient of the argument, `[R, C]`.
  package let output: Output

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
