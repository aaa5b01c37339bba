import RecurrentCore

/// Normalizes the last axis to mean 0 and variance 1, then scales and shifts it (Ba et al. 2016), as
/// `torch.nn.LayerNorm`. Parameters: `weight [size]`, `bias [size]`.
public final class LayerNorm: Layer {
  /// The scale `[size]`, initially 1.
  public let weight: Parameter
  /// The shift `[size]`, initially 0.
  public let bias: Parameter
  /// Added to the variance, to avoid division by 0.
  public let epsilon: Float

  /// A layer for a last axis of this size.
  /// - Throws: `RecurrentError.invalidArgument` if it is not positive.
  public init(_ size: Int, epsilon: Float = 1e-5) throws {
    try requireSizes([("size", size)], at: "LayerNorm")
    weight = Parameter([size], .constant(1))
    bias = Parameter([size], .zeros)
    self.epsilon = epsilon
  }

  /// Applies the layer: `[…, size] → […, size]`.
  /// - Throws: `RecurrentError.shapeMismatch` if the last axis has another length.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    let (tape, size) = (x.tape, weight.shape[0])
    guard !x.shape.isEmpty, x.shape.columns == size else {
      throw RecurrentError(
        .shapeMismatch, "the input has shape \(x.shape)", at: summary, remedy: "its last axis must have length \(size)")
    }
    let (gain, shift) = (try weight.tensor(on: tape), try bias.tensor(on: tape))
    let (source, gainRegion) = (x.region, gain.region)
    let y = try tape.allocate(rows: source.rows, columns: source.columns)
    let statistics = try tape.allocate(rows: source.rows, columns: 2)
    try tape.backend.layerNorm(
      ApplyLayerNorm(
        source, gain: gainRegion, bias: shift.region, epsilon: epsilon, into: y, statistics: statistics))
    return try tape.recordWriting(y, shape: x.shape, from: [x, gain, shift]) { tape, dy, outputs in
      try tape.backend.layerNormBackward(
        ApplyLayerNormBackward(
          x: source, gain: gainRegion, statistics: statistics, dy: dy, dx: outputs[0], dGain: outputs[1],
          dBias: outputs[2]))
    }
  }

  /// Applies the layer: `[…, size] → […, size]`.
  /// - Throws: `RecurrentError.shapeMismatch` if the last axis has another length.
  public func forward(_ x: Tensor) throws -> Tensor { try self(x) }

  /// `LayerNorm(size)`.
  public var summary: String { "LayerNorm(\(weight.shape[0]))" }
}
