/// `output = scale · Σ f(x)` along an axis. The summation order is fixed for the device.
public struct Reduce {
  /// The function f that is summed.
  public enum Function: Int32, Sendable, CaseIterable {
    /// `x`
    case sum
    /// `x²`
    case sumOfSquares
  }
  /// The axis of the sum.
  public enum Axis: Int32, Sendable, CaseIterable {
    /// Over the rows: `[R, C] → [1, C]`, the gradient of a bias.
    case rows
    /// Over the columns: `[R, C] → [R, 1]`.
    case columns
    /// Over all elements: `[R, C] → [1, 1]`.
    case all
  }

  /// The function f.
  package let function: Function
  /// The axis of the sum.
  package let axis: Axis
  /// `[R, C]`.
  package let x: Region
  /// A factor on the sum.
  package let scale: Float
  /// `[1, C]`, `[R, 1]` or `[1, 1]`.
  package let output: Output

  /// A sum.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(_ function: Function = .sum, over axis: Axis, _ x: Region, scale: Float = 1, into output: Output) throws {
    let (rows, columns) =
      switch axis {
      case .rows: (1, x.columns)
      case .columns: (x.rows, 1)
      case .all: (1, 1)
      }
    try require(
      output.region.rows == rows && output.region.columns == columns, "reduce",
      "\(x.shape) over \(axis) into \(output.region.shape)")
    self.function = function
    self.axis = axis
    self.x = x
    self.scale = scale
    self.output = output
  }
}

/// `output[n, c] = max over t of x[t, n, c]`, over the valid steps of each row. Ties go to the first step; a NaN
/// exceeds any number. A row of length 0 gives 0.
public struct MaxOverTime {
  /// `[T·N, C]`, time first.
  package let x: Region
  /// N lengths from 0 to T; nil if all steps are valid.
  package let lengths: Indices?
  /// `[N, C]`.
  package let output: Region
  /// N·C steps, saved for the gradient: the step of each maximum, −1 in a row of length 0.
  package let winners: Indices

  /// The maxima over time.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(_ x: Region, lengths: Indices? = nil, into output: Region, winners: Indices) throws {
    try require(
      x.columns == output.columns && x.rows.isMultiple(of: max(output.rows, 1)) && winners.count == output.count
        && lengths.map { $0.count == output.rows } ?? true,
      "max over time",
      "\(x.shape), \(lengths?.count ?? output.rows) lengths, into \(output.shape) and \(winners.count) winners")
    self.x = x
    self.lengths = lengths
    self.output = output
    self.winners = winners
  }

  /// The number of steps, T.
  package var steps: Int { x.rows / max(output.rows, 1) }
}

/// The gradient of `MaxOverTime`: the gradient of each maximum goes to its step, all others get 0.
public struct MaxOverTimeBackward {
  /// `[N, C]`, the gradient of the result.
  package let dy: Region
  /// N·C steps, saved by the forward pass.
  package let winners: Indices
  /// `[T·N, C]`.
  package let output: Output

  /// The gradient of the maxima over time.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(dy: Region, winners: Indices, into output: Output) throws {
    try require(
      dy.columns == output.region.columns && output.region.rows.isMultiple(of: max(dy.rows, 1))
        && winners.count == dy.count,
      "max over time backward", "\(dy.shape) and \(winners.count) winners into \(output.region.shape)")
    self.dy = dy
    self.winners = winners
    self.output = output
  }
}

/// Scales `gradients` in place by `min(1, maximum / (norm + 10⁻⁶))`, as PyTorch's `clip_grad_norm_` does, and writes
/// the norm before clipping to `norm`, without a copy to the host. If the norm is not finite, the gradients stay
/// unscaled.
public struct ClipByNorm {
  /// All gradients of a model, in one row or more, scaled in place.
  package let gradients: [Region]
  /// The largest norm that is not scaled; infinity only measures the norm.
  package let maximum: Float
  /// `[1, 1]`, the norm before clipping.
  package let norm: Region

  /// Clips by the global norm.
  /// - Throws: `RecurrentError` if the maximum is not positive or the shapes do not fit.
  public init(_ gradients: [Region], maximum: Float, norm: Region) throws {
    guard maximum > 0 else {
      throw RecurrentError(
        .invalidArgument, "the maximum norm is \(maximum)", at: "clip", remedy: "use a value above 0")
    }
    try require(
      !gradients.isEmpty && gradients.allSatisfy(\.isContiguous) && norm.count == 1, "clip",
      "gradients \(gradients.map(\.shape)), norm \(norm.shape)")
    self.gradients = gradients
    self.maximum = maximum
    self.norm = norm
  }
}

/// Sets `flag[0]` to 1 if any element is NaN or infinite; never resets it.
public struct FlagNonFinite {
  /// `[R, C]`.
  package let x: Region
  /// One index.
  package let flag: Indices

  /// Checks for values that are not finite.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(_ x: Region, flag: Indices) throws {
    try require(flag.count == 1, "non-finite flag", "\(flag.count) flags, not 1")
    self.x = x
    self.flag = flag
  }
}
