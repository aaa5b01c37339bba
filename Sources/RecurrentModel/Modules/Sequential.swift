/// Layers applied in sequence, as `torch.nn.Sequential`. Parameters are named by position: `0.weight`, `2.bias`.
public final class Sequential: Layer {
  /// The number of layers.
  public let layers: [any Layer]

  /// The layers in the order in which they run.
  public init(_ layers: any Layer...) {
    self.layers = layers
  }

  /// The layers by position.
  public var members: [Member] { layers.enumerated().map { .module("\($0)", $1) } }

  /// Applies the layers in order.
  /// - Throws: The errors of the layers, such as `RecurrentError.shapeMismatch`.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try layers.reduce(x) { try $1.forward($0) } }

  /// Applies the layers in order.
  /// - Throws: The errors of the layers, such as `RecurrentError.shapeMismatch`.
  public func forward(_ x: Tensor) throws -> Tensor { try self(x) }
}
