import RecurrentCore

/// Sets elements to 0 with a probability in training mode and scales the others by `1 / (1 − probability)` (Srivastava
/// et al. 2014), as `torch.nn.Dropout`.
public final class Dropout: Layer {
  /// The dropout probability.
  public let probability: Float

  /// A layer with a dropout probability.
  /// - Throws: `RecurrentError.invalidArgument` if it is not in `0 ..< 1`.
  public init(_ probability: Float = 0.5) throws {
    try requireProbability(probability, at: "Dropout")
    self.probability = probability
  }

  /// Applies the layer; the shape does not change. In evaluation mode, `x` itself.
  /// - Throws: `RecurrentError.invalidArgument` if the tensor belongs to an earlier pass.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try x.dropout(probability) }

  /// Applies the layer; the shape does not change. In evaluation mode, `x` itself.
  /// - Throws: `RecurrentError.invalidArgument` if the tensor belongs to an earlier pass.
  public func forward(_ x: Tensor) throws -> Tensor { try self(x) }

  /// `Dropout(probability)`.
  public var summary: String { "Dropout(\(probability))" }
}
