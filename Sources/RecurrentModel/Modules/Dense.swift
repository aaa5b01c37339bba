/// `y = x · Wᵀ + b`: `[…, input] → […, output]`, as `torch.nn.Linear`. Parameters: `weight [output, input]`, `bias`.
public final class Dense: Layer {
  /// `[output, input]`.
  public let weight: Parameter
  /// `[output]`, or nil.
  public let bias: Parameter?

  /// A layer with weights of its own.
  /// - Parameters:
  ///   - input: The features of an input.
  ///   - output: The features of an output.
  ///   - bias: Whether there is a bias.
  ///   - weightInitializer: How the weight starts; nil for PyTorch's default, `Initializer.linear(inputs:)`.
  ///   - biasInitializer: How the bias starts; nil for PyTorch's default, the same.
  /// - Throws: `RecurrentError.invalidArgument` if a size is not positive.
  public init(
    input: Int, output: Int, bias: Bool = true, weightInitializer: Initializer? = nil,
    biasInitializer: Initializer? = nil
  ) throws {
    try requireSizes([("input", input), ("output", output)], at: "Dense")
    weight = Parameter([output, input], weightInitializer ?? .linear(inputs: input))
    self.bias = bias ? Parameter([output], biasInitializer ?? .linear(inputs: input)) : nil
  }

  /// A layer that shares its weight `[output, input]`, with an embedding for example.
  public init(tiedTo weight: Parameter, bias: Bool = true) {
    self.weight = weight
    self.bias = bias ? Parameter([weight.shape.rows], .zeros) : nil
  }

  /// The layer's result: `[…, input] → […, output]`.
  /// - Throws: `RecurrentError.shapeMismatch` if the last axis has another length.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    let inputs = weight.shape.columns
    guard x.shape.columns == inputs else {
      throw RecurrentError(
        .shapeMismatch, "an input of \(x.shape.columns) features, of shape \(x.shape)", at: summary,
        remedy: "give it \(inputs) features")
    }
    return try x.linear(weight.tensor(on: x.tape), bias: bias?.tensor(on: x.tape))
  }

  /// The layer's result: `[…, input] → […, output]`.
  /// - Throws: `RecurrentError.shapeMismatch` if the last axis has another length.
  public func forward(_ x: Tensor) throws -> Tensor { try self(x) }

  /// `Dense(input, output)`.
  public var summary: String {
    "Dense(\(weight.shape.columns), \(weight.shape.rows)\(bias == nil ? ", bias: none" : ""))"
  }
}

/// Throws unless every number is at least 1.
func requirePositive(_ numbers: [(String, Int)], at place: String) throws {
  for (name, number) in numbers where number < 1 {
    throw RecurrentError(.invalidArgument, "\(name) is \(number)", at: place, remedy: "take at least 1")
  }
}

/// Throws unless every length of an axis is at least 1, and at most what kernels count to.
func requireSizes(_ sizes: [(String, Int)], at place: String) throws {
  try requirePositive(sizes, at: place)
  for (name, size) in sizes where size > CellDescriptor.largestSize {
    throw RecurrentError(
      .invalidArgument, "\(name) is \(size.grouped)", at: place,
      remedy: "take at most \(CellDescriptor.largestSize.grouped)")
  }
}

/// Throws unless a probability of dropping is in `0 ..< 1`.
func requireProbability(_ probability: Float, at place: String) throws {
  guard probability >= 0, probability < 1 else {
    throw RecurrentError(
      .invalidArgument, "a dropout probability of \(probability)", at: place,
      remedy: "take one from 0 up to, but not including, 1")
  }
}
