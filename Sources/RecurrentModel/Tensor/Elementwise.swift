import RecurrentCore

/// An elementwise function of tensors and constants with NumPy's broadcasting, and its gradients.
///
/// Broadcasting copies in neither direction: operands repeat by strides of 0, and the gradient of a repeated operand is
/// summed as it is computed.
struct Elementwise {
  /// An operand of the function.
  enum Input {
    case tensor(Tensor)
    case number(Float)
  }

  /// An operand of a gradient.
  enum Term {
    /// The gradient of the result.
    case gradient
    /// The function's result.
    case result
    /// An input, by index.
    case input(Int)
    case number(Float)
  }

  /// The gradient of an input: a function of terms.
  struct Slope {
    let function: MapFunction
    let terms: [Term]

    init(_ function: MapFunction, _ terms: Term...) {
      self.function = function
      self.terms = terms
    }
  }

  let name: String
  let function: MapFunction
  let inputs: [Input]
  /// A slope per input; nil for inputs without a gradient.
  let slopes: [Slope?]

  init(_ name: String, _ function: MapFunction, _ inputs: [Input], slopes: [Slope?]) {
    self.name = name
    self.function = function
    self.inputs = inputs
    self.slopes = slopes
  }

  private var tensors: [Tensor] {
    inputs.compactMap { if case .tensor(let tensor) = $0 { tensor } else { nil } }
  }

  /// The operation for equal shapes, faster if the tensors are in the cache (twice as fast on PoCL).
  private var combined: Combine.Function? {
    switch function {
    case .add: .add
    case .subtract: .subtract
    case .multiply: .multiply
    default: nil
    }
  }

  /// Computes the result and records the gradients.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not broadcast.
  func callAsFunction() throws -> Tensor {
    let (tensors, shape) = (tensors, try tensors.map(\.shape).broadcast(at: name))
    let tape = tensors[0].tape
    try tape.check(tensors)
    let y = try tape.allocate(rows: shape.rows, columns: shape.columns)
    let result = try StridedView(y, shape: shape)
    let operands: [MapOperand] = try inputs.map { input in
      switch input {
      case .tensor(let tensor): .view(try tensor.view().broadcast(to: shape))
      case .number(let number): .number(number)
      }
    }
    if let combine = combined, tensors.count == 2, tensors.allSatisfy({ $0.shape == shape }) {
      try tape.backend.combine(Combine(combine, tensors[0].region, tensors[1].region, into: .set(y)))
    } else {
      try tape.backend.map(Map(function, operands, into: result))
    }
    let differentiable = inputs.indices.filter { if case .tensor = inputs[$0] { slopes[$0] != nil } else { false } }
    let places = differentiable.map { (slope: slopes[$0], shape: inputs[$0].shape) }
    // Inputs without a gradient are not recorded.
    let sources = differentiable.compactMap { if case .tensor(let tensor) = inputs[$0] { tensor } else { nil } }
    return try tape.recordWriting(y, shape: shape, from: sources) { tape, dy, outputs in
      let gradient = try StridedView(dy, shape: shape)
      for (output, place) in zip(outputs, places) {
        guard let output, let slope = place.slope else { continue }
        let terms = slope.terms.map { term -> MapOperand in
          switch term {
          case .gradient: .view(gradient)
          case .result: .view(result)
          case .input(let index): operands[index]
          case .number(let number): .number(number)
          }
        }
        try output.put(slope.function, terms, shape: place.shape, over: shape, on: tape)
      }
    }
  }
}

extension Elementwise.Input {
  fileprivate var shape: [Int] { if case .tensor(let tensor) = self { tensor.shape } else { [] } }
}

extension Tensor {
  /// The elements as a strided view.
  func view() throws -> StridedView { try StridedView(region, shape: shape) }

  /// A function of this tensor.
  func mapped(_ name: String, _ function: MapFunction, slope: Elementwise.Slope?) throws -> Tensor {
    try Elementwise(name, function, [.tensor(self)], slopes: [slope])()
  }
}

extension Output {
  /// Sets, or adds, a function of terms of lengths `full`, summed over the axes along which a tensor of `shape`
  /// repeats.
  func put(_ function: MapFunction, _ terms: [MapOperand], shape: [Int], over full: [Int], on tape: Tape) throws {
    let view = try StridedView(region, shape: shape).inserting(axes: Array(0..<full.count - shape.count))
    if view.lengths == full {
      try tape.backend.map(Map(function, terms, into: view, adds: adds))
    } else {
      try tape.backend.fold(Fold(function, terms, into: view, adds: adds))
    }
  }
}

extension [[Int]] {
  /// The shape that all of these broadcast to by NumPy's rules: axes are compared from the last; they are equal, 1 or
  /// missing.
  /// - Throws: `RecurrentError.shapeMismatch`.
  func broadcast(at location: String) throws -> [Int] {
    var result: [Int] = []
    for shape in self {
      let count = Swift.max(result.count, shape.count)
      let lengths = [result, shape].map { [Int](repeating: 1, count: count - $0.count) + $0 }
      guard zip(lengths[0], lengths[1]).allSatisfy({ $0 == $1 || $0 == 1 || $1 == 1 }) else {
        throw RecurrentError(
          .shapeMismatch, "shapes \(map { "\($0)" }.joined(separator: " and ")) do not broadcast", at: location,
          remedy: "axes are compared from the last, and each pair must be equal or have a 1: use reshaped or permuted")
      }
      result = zip(lengths[0], lengths[1]).map { $0 == 1 ? $1 : $0 }
    }
    return result
  }
}
