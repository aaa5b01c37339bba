/// Normalises the last axis to mean 0 and variance 1, then scales and shifts it (Ba et al. 2016), as `torch.nn.LayerNorm`.
/// Parameters: `weight [size]`, `bias [size]`.
public final class LayerNorm: Layer {
  /// The scale, 1 at first.
  public let weight: Parameter
  /// The shift, 0 at first.
  public let bias: Parameter
  /// Keeps the root away from 0.
  public let epsilon: Float

  /// A layer for a last axis of this size.
  /// - Throws: `RecurrentError.invalidArgument` if it is not positive.
  public init(_ size: Int, epsilon: Float = 1e-5) throws {
    try requireSizes([("size", size)], at: "LayerNorm")
    weight = Parameter([size], .constant(1))
    bias = Parameter([size], .zeros)
    self.epsilon = epsilon
  }

  /// The layer's result: `[…, size] → […, size]`.
  /// - Throws: `RecurrentError.shapeMismatch` if the last axis has another length.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    let (tape, size) = (x.tape, weight.shape[0])
    guard !x.shape.isEmpty, x.shape.columns == size else {
      throw RecurrentError(
        .shapeMismatch, "an input of shape \(x.shape)", at: summary, remedy: "give it a last axis of \(size)")
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

  /// The layer's result: `[…, size] → […, size]`.
  /// - Throws: `RecurrentError.shapeMismatch` if the last axis has another length.
  public func forward(_ x: Tensor) throws -> Tensor { try self(x) }

  /// `LayerNorm(size)`.
  public var summary: String { "LayerNorm(\(weight.shape[0]))" }
}
