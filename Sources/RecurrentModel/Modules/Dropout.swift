/// Drops elements in training mode and scales the rest by `1 / (1 − probability)` (Srivastava et al. 2014), as
/// `torch.nn.Dropout`.
public final class Dropout: Layer {
  /// The share that is dropped.
  public let probability: Float

  /// A layer that drops this share.
  /// - Throws: `RecurrentError.invalidArgument` if it is not in `0 ..< 1`.
  public init(_ probability: Float = 0.5) throws {
    try requireProbability(probability, at: "Dropout")
    self.probability = probability
  }

  /// The layer's result, of the shape that `x` has; in evaluation mode `x` itself.
  /// - Throws: `RecurrentError.invalidArgument` if the tensor is of an earlier pass.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try x.dropout(probability) }

  /// The layer's result, of the shape that `x` has; in evaluation mode `x` itself.
  /// - Throws: `RecurrentError.invalidArgument` if the tensor is of an earlier pass.
  public func forward(_ x: Tensor) throws -> Tensor { try self(x) }

  /// `Dropout(probability)`.
  public var summary: String { "Dropout(\(probability))" }
}
