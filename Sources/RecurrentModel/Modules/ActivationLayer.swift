/// An activation as a layer, as `torch.nn.Tanh`, `torch.nn.ReLU` and `torch.nn.Sigmoid`.
public final class ActivationLayer: Layer {
  /// The function.
  public let activation: Activation

  /// A layer that applies this function to each element.
  public init(_ activation: Activation) {
    self.activation = activation
  }

  /// The function of each element, of the shape that `x` has.
  /// - Throws: `RecurrentError.invalidArgument` if the tensor is of an earlier pass.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try x.activated(activation) }

  /// The function of each element, of the shape that `x` has.
  /// - Throws: `RecurrentError.invalidArgument` if the tensor is of an earlier pass.
  public func forward(_ x: Tensor) throws -> Tensor { try self(x) }

  /// The function's name.
  public var summary: String { "\(activation)" }
}
