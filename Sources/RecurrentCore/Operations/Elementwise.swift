/// `output = source`; added to the output if it adds.
public struct Copy {
  /// The source, `[R, C]`.
  package let source: Region
  /// `[R, C]`.
  package let output: Output

  /// A copy.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(_ source: Region, into output: Output) throws {
    try require(source.hasShape(output.region), "copy", "\(source.shape) into \(output.region.shape)")
    self.source = source
    self.output = output
  }
}

/// `[A, B, C] → [B, A, C]`: from batch first to time first and back.
public struct SwapAxes {
  /// `[A·B, C]`.
  package let source: Region
  /// A, the outer axis of the source.
  package let outer: Int
  /// B, the inner axis of the source.
  package let inner: Int
  /// `[B·A, C]`.
  package let output: Output

  /// A swap of the two outer axes.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(_ source: Region, outer: Int, inner: Int, into output: Output) throws {
    try require(
      source.hasShape(output.region) && source.rows == outer * inner, "swap axes",
      "\(source.shape) as \(outer) × \(inner) into \(output.region.shape)")
    self.source = source
    self.outer = outer
    self.inner = inner
    self.output = output
  }
}

/// `output = x + bias`, the bias added to every row.
public struct AddBias {
  /// `[R, C]`.
  package let x: Region
  /// `[1, C]`.
  package let bias: Region
  /// `[R, C]`; may be `x` itself.
  package let output: Output

  /// Adds a row to every row.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(_ x: Region, _ bias: Region, into output: Output) throws {
    try require(
      x.hasShape(output.region) && bias.rows == 1 && bias.columns == x.columns, "bias",
      "\(x.shape) + \(bias.shape) into \(output.region.shape)")
    self.x = x
    self.bias = bias
    self.output = output
  }
}

/// `output = a ∘ b`, elementwise.
public struct Combine {
  /// The binary function.
  public enum Function: Int32, Sendable, CaseIterable {
    /// `a + b`
    case add
    /// `a − b`
    case subtract
    /// `a · b`
    case multiply
  }

  /// The function.
  package let function: Function
  /// `[R, C]`.
  package let a: Region
  /// `[R, C]`.
  package let b: Region
  /// `[R, C]`; may be an operand itself.
  package let output: Output

  /// A binary function of two matrices.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(_ function: Function, _ a: Region, _ b: Region, into output: Output) throws {
    try require(
      a.hasShape(b) && a.hasShape(output.region), "elementwise",
      "\(a.shape) and \(b.shape) into \(output.region.shape)")
    self.function = function
    self.a = a
    self.b = b
    self.output = output
  }
}

/// `output = x · factor`, or `x · factor · deviceFactor`, the latter in device memory.
public struct Scale {
  /// `[R, C]`.
  package let x: Region
  /// A factor known on the host.
  package let factor: Float
  /// `[1, 1]`, a factor in device memory (an upstream gradient), or nil.
  package let deviceFactor: Region?
  /// `[R, C]`; may be `x` itself.
  package let output: Output

  /// Scales a matrix.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(_ x: Region, by factor: Float, and deviceFactor: Region? = nil, into output: Output) throws {
    try require(
      x.hasShape(output.region) && deviceFactor.map { $0.count == 1 } ?? true, "scale",
      "\(x.shape) into \(output.region.shape)")
    self.x = x
    self.factor = factor
    self.deviceFactor = deviceFactor
    self.output = output
  }
}

/// An activation function.
public enum Activation: Int32, Sendable, CaseIterable {
  /// The hyperbolic tangent.
  case tanh
  /// `1 / (1 + exp(−x))`
  case sigmoid
  /// `max(x, 0)`; its derivative at 0 is 0, as in PyTorch.
  case relu
}

/// `output = activation(x)`.
public struct Activate {
  /// The function.
  package let activation: Activation
  /// `[R, C]`.
  package let x: Region
  /// `[R, C]`; may be `x` itself.
  package let output: Output

  /// Applies an activation.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(_ activation: Activation, _ x: Region, into output: Output) throws {
    try require(x.hasShape(output.region), "activation", "\(x.shape) into \(output.region.shape)")
    self.activation = activation
    self.x = x
    self.output = output
  }
}

/// `output = dy · activation′`, the derivative computed from the result `y` of the activation.
public struct ActivateBackward {
  /// The function.
  package let activation: Activation
  /// The result of the activation, `[R, C]`.
  package let y: Region
  /// The gradient of the result, `[R, C]`.
  package let dy: Region
  /// The gradient of the argument, `[R, C]`; may be `dy` itself.
  package let output: Output

  /// The gradient of an activation.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(_ activation: Activation, y: Region, dy: Region, into output: Output) throws {
    try require(
      y.hasShape(dy) && y.hasShape(output.region), "activation backward",
      "\(y.shape) and \(dy.shape) into \(output.region.shape)")
    self.activation = activation
    self.y = y
    self.dy = dy
    self.output = output
  }
}

/// `output = x · mask / (1 − probability)`, with a mask drawn by Philox from `key` (see `RandomKey`).
///
/// An element is dropped where its random word is below `probability · 2³²`. The gradient is the same operation, with
/// the same key, applied to the gradient of the result: nothing is saved.
public struct ApplyDropout {
  /// `[R, C]`.
  package let x: Region
  /// The dropout probability, in `0 ..< 1`.
  package let probability: Float
  /// The key from which the mask is drawn.
  package let key: RandomKey
  /// `[R, C]`; may be `x` itself.
  package let output: Output

  /// Elements whose random word is below this are dropped.
  package var threshold: UInt32 { UInt32(min(Double(probability) * 4_294_967_296, 4_294_967_295)) }

  /// Applies dropout.
  /// - Throws: `RecurrentError` if the probability is not in `0 ..< 1` or the shapes differ.
  public init(_ x: Region, probability: Float, key: RandomKey, into output: Output) throws {
    guard probability >= 0, probability < 1 else {
      throw RecurrentError(
        .invalidArgument, "the dropout probability is \(probability)", at: "dropout",
        remedy: "use a value from 0 to below 1")
    }
    try require(x.hasShape(output.region), "dropout", "\(x.shape) into \(output.region.shape)")
    self.x = x
    self.probability = probability
    self.key = key
    self.output = output
  }
}

/// `output = min(max(x, −limit), limit)`, in place: clipping by value.
public struct ClipByValue {
  /// `[R, C]`, clipped in place.
  package let x: Region
  /// The largest magnitude that is kept.
  package let limit: Float

  /// Clips every element by value.
  /// - Throws: `RecurrentError.invalidArgument` if the limit is not positive.
  public init(_ x: Region, limit: Float) throws {
    guard limit > 0 else {
      throw RecurrentError(.invalidArgument, "the clip value is \(limit)", at: "clip", remedy: "use a value above 0")
    }
    self.x = x
    self.limit = limit
  }
}

/// `output[r] = x[r]`, or 0 where `mask[r]` is not 0 (and, with lengths, `step < lengths[r]`).
public struct MaskRows {
  /// `[R, C]`.
  package let x: Region
  /// R values.
  package let mask: Indices
  /// R lengths; nil applies the mask to every row.
  package let lengths: Indices?
  /// The step that the lengths are compared with.
  package let step: Int
  /// `[R, C]`; may be `x` itself.
  package let output: Output

  /// Sets rows to 0.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(_ x: Region, mask: Indices, lengths: Indices? = nil, step: Int = 0, into output: Output) throws {
    try require(
      x.hasShape(output.region) && mask.count == x.rows && lengths?.count ?? x.rows == x.rows, "mask rows",
      "\(x.shape), mask \(mask.count), \(lengths?.count ?? 0) lengths, into \(output.region.shape)")
    self.x = x
    self.mask = mask
    self.lengths = lengths
    self.step = step
    self.output = output
  }
}
