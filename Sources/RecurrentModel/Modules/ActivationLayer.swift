/// An activation as a layer.
public final class ActivationLayer: Layer {
  /// The function.
  public let activation: Activation

  /// A layer that applies this function to each element.
  public init(_ activation: Activation) {
    self.activation = activation
  }

  /// The layer's result.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try x.activated(activation) }

  /// The layer's result.
  public func forward(_ x: Tensor) throws -> Tensor { try self(x) }

  /// The function's name.
  public var summary: String { "\(activation)" }
}
