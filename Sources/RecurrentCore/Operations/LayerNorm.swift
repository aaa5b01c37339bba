/// `output = gain · (x − mean) / √(variance + epsilon) + bias` along each row (Ba et al. 2016), with the biased
/// variance.
public struct ApplyLayerNorm {
  /// `[R, C]`.
  package let x: Region
  /// `[1, C]`, or nil for 1.
  package let gain: Region?
  /// `[1, C]`, or nil for 0.
  package let bias: Region?
  /// Added to the variance, to avoid division by 0.
  package let epsilon: Float
  /// `[R, C]`.
  package let output: Region
  /// `[R, 2]`: mean and `1 / √(variance + epsilon)`of each row, saved for the gradient.
  package let statistics: Region

  /// A layer normalization.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(
    _ x: Region, gain: Region? = nil, bias: Region? = nil, epsilon: Float = 1e-5, into output: Region,
    statistics: Region
  ) throws {
    try require(
      x.hasShape(output) && statistics.rows == x.rows && statistics.columns == 2
        && gain.map { $0.rows == 1 && $0.columns == x.columns } ?? true
        && bias.map { $0.rows == 1 && $0.columns == x.columns } ?? true,
      "layer norm", "input \(x.shape), output \(output.shape), statistics \(statistics.shape)")
    self.x = x
    self.gain = gain
    self.bias = bias
    self.epsilon = epsilon
    self.output = output
    self.statistics = statistics
  }
}

/// The gradients of `ApplyLayerNorm`.
public struct ApplyLayerNormBackward {
  /// The argument, `[R, C]`.
  package let x: Region
  /// `[1, C]`, or nil for 1.
  package let gain: Region?
  /// `[R, 2]`, saved by the forward pass.
  package let statistics: Region
  /// The gradient of the result, `[R, C]`.
  package let dy: Region
  /// The gradient of the argument, `[R, C]`.
  package let dx: Output?
  /// The gradient of the gain, `[1, C]`.
  package let dGain: Output?
  /// The gradient of the bias, `[1, C]`.
  package let dBias: Output?

  /// The gradients of a layer normalization.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(
    x: Region, gain: Region?, statistics: Region, dy: Region, dx: Output?, dGain: Output? = nil, dBias: Output? = nil
  ) throws {
    let rowFits = { (row: Region?) in row.map { $0.rows == 1 && $0.columns == x.columns } ?? true }
    try require(
      x.hasShape(dy) && dx.map { x.hasShape($0.region) } ?? true && statistics.rows == x.rows
        && statistics.columns == 2 && rowFits(gain) && rowFits(dGain?.region) && rowFits(dBias?.region),
      "layer norm backward", "input \(x.shape), gradient \(dy.shape), statistics \(statistics.shape)")
    self.x = x
    self.gain = gain
    self.statistics = statistics
    self.dy = dy
    self.dx = dx
    self.dGain = dGain
    self.dBias = dBias
  }
}
