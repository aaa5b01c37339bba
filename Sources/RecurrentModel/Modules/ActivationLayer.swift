import RecurrentCore

/// An activation as a layer, as `torch.nn.Tanh`, `torch.nn.ReLU` and `torch.nn.Sigmoid`.
public final class ActivationLayer: Layer {
  /// The function.
  public let activation: Activation

  /// A layer with this activation function.
  public init(_ activation: Activation) {
    self.activation = activation
  }

  /// Applies the function elementwise; the shape does not change.
  /// - Throws: `RecurrentError.invalidArgument` if the tensor belongs to an earlier pass.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try x.activated(activation) }

  /// Applies the function elementwise; the shape does not change.
  /// - Throws: `RecurrentError.invalidArgument` if the tensor belongs to an earlier pass.
  public func forward(_ x: Tensor) throws -> Tensor { try self(x) }

  /// The function's name.
  public var summary: String { "\(activation)" }
}
