/// Layers one after the other. Their parameters are named by place: `0.weight`, `2.bias`.
public final class Sequential: Layer {
  /// The layers.
  public let layers: [any Layer]

  /// The layers in the order in which they run.
  public init(_ layers: any Layer...) {
    self.layers = layers
  }

  /// The layers by place.
  public var members: [Member] { layers.enumerated().map { .module("\($0)", $1) } }

  /// The last layer's result.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try layers.reduce(x) { try $1.forward($0) } }

  /// The last layer's result.
  public func forward(_ x: Tensor) throws -> Tensor { try self(x) }
}

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
