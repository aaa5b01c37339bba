/// Layers one after the other, as `torch.nn.Sequential`. Their parameters are named by place: `0.weight`, `2.bias`.
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
  /// - Throws: What a layer throws, `RecurrentError.shapeMismatch` above all.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try layers.reduce(x) { try $1.forward($0) } }

  /// The last layer's result.
  /// - Throws: What a layer throws, `RecurrentError.shapeMismatch` above all.
  public func forward(_ x: Tensor) throws -> Tensor { try self(x) }
}
