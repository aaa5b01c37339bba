import RecurrentCore

/// `y = x · Wᵀ + b`: `[…, input] → […, output]`, as `torch.nn.Linear`. Parameters: `weight [output, input]`, `bias`.
public final class Dense: Layer {
  /// The weight `[output, input]`.
  public let weight: Parameter
  /// The bias `[output]`, or nil.
  public let bias: Parameter?

  /// A layer with new weights.
  /// - Parameters:
  ///   - input: The number of input features.
  ///   - output: The number of output features.
  ///   - bias: Whether there is a bias.
  ///   - weightInitializer: Initialization of the weight; nil for PyTorch's default, `Initializer.linear(inputs:)`.
  ///   - biasInitializer: Initialization of the bias; nil for PyTorch's default, the same.
  /// - Throws: `RecurrentError.invalidArgument` if a size is not positive.
  public init(
    input: Int, output: Int, bias: Bool = true, weightInitializer: Initializer? = nil,
    biasInitializer: Initializer? = nil
  ) throws {
    try requireSizes([("input", input), ("output", output)], at: "Dense")
    weight = Parameter([output, input], weightInitializer ?? .linear(inputs: input))
    self.bias = bias ? Parameter([output], biasInitializer ?? .linear(inputs: input)) : nil
  }

  /// A layer that shares a weight `[output, input]`, with an embedding for example.
  public init(tiedTo weight: Parameter, bias: Bool = true) {
    self.weight = weight
    self.bias = bias ? Parameter([weight.shape.rows], .zeros) : nil
  }

  /// Applies the layer: `[…, input] → […, output]`.
  /// - Throws: `RecurrentError.shapeMismatch` if the last axis has another length.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    let inputs = weight.shape.columns
    guard x.shape.columns == inputs else {
      throw RecurrentError(
        .shapeMismatch, "the input of shape \(x.shape) has \(x.shape.columns) features", at: summary,
        remedy: "use \(inputs) features")
    }
    return try x.linear(weight.tensor(on: x.tape), bias: bias?.tensor(on: x.tape))
  }

  /// Applies the layer: `[…, input] → […, output]`.
  /// - Throws: `RecurrentError.shapeMismatch` if the last axis has another length.
  public func forward(_ x: Tensor) throws -> Tensor { try self(x) }

  /// `Dense(input, output)`.
  public var summary: String {
    "Dense(\(weight.shape.columns), \(weight.shape.rows)\(bias == nil ? ", bias: none" : ""))"
  }
}
