/// Numbers that training changes: a weight or a bias.
///
/// It starts on the host, with values that its initializer draws; `Module.move(to:)` places it on a device, with its
/// gradient beside it.
public final class Parameter {
  /// The lengths of the axes, as PyTorch's.
  public let shape: [Int]
  /// What draws the first values.
  public internal(set) var initializer: Initializer
  /// Whether training leaves it as it is. Takes effect at the next pass.
  public var isFrozen = false

  /// Whether only the rows that a pass looked up have a gradient. Takes effect at `move(to:)`.
  var isSparse = false

  /// How often its values or its place changed: a backward pass must find those of its forward pass.
  private(set) var version = 0
  private var host: [Float]?
  private(set) var place: Place?

  /// Where a parameter lies on a device.
  struct Place {
    let placement: Placement
    let offset: Int
    /// The rows that have a gradient, of a sparse parameter.
    let rows: GradientRows?
  }

  /// A parameter of this shape.
  /// - Parameters:
  ///   - shape: The lengths of the axes: `[outputs, inputs]` of a weight, `[outputs]` of a bias.
  ///   - initializer: What draws the first values, when the model is moved to a device or `initialize(seed:)` is called.
  public init(_ shape: [Int], _ initializer: Initializer = .zeros) {
    self.shape = shape
    self.initializer = initializer
  }

  /// The number of elements.
  public var count: Int { shape.elementCount }

  /// The values, row after row; from the device if it lies on one.
  /// - Throws: `RecurrentError.invalidModel` if it has none yet.
  public func values() throws -> [Float] {
    if let place { return try place.placement.backend.download(place.values(shape)) }
    guard let host else {
      throw RecurrentError(
        .invalidModel, "a parameter of shape \(shape) has no values yet", at: "parameter",
        remedy: "call initialize(seed:), load(_:) or move(to:) of the model first")
    }
    return host
  }

  /// Counts a change: a pass that used the values before can no longer go back.
  func noteChange() { version += 1 }

  /// Replaces the values.
  /// - Throws: `RecurrentError.shapeMismatch` if their number is not the shape's.
  public func setValues(_ values: [Float]) throws {
    guard values.count == count else {
      throw RecurrentError(.shapeMismatch, "\(values.count) values for a parameter of shape \(shape)")
    }
    noteChange()
    if let place { try place.placement.backend.upload(values, to: place.values(shape)) } else { host = values }
  }

  /// The gradient that has collected since `zeroGradients()`, from the device, row after row; nil before `move(to:)`. Waits for
  /// the device.
  /// - Throws: What the device throws.
  public func gradient() throws -> [Float]? {
    try place.map { try $0.rows?.values() ?? $0.placement.backend.download($0.gradient(shape)) }
  }

  /// Replaces the gradient, which the next step uses. The next backward pass adds to it.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of values is not the shape's, `.device` before `move(to:)`.
  public func setGradient(_ gradient: [Float]) throws {
    guard gradient.count == count else {
      throw RecurrentError(
        .shapeMismatch, "a gradient of \(gradient.count) values for a parameter of shape \(shape)", at: "parameter")
    }
    guard let place else {
      throw RecurrentError(
        .device, "a parameter of shape \(shape) has no gradient, as it lies on no device", at: "parameter",
        remedy: "call move(to:) of the whole model first")
    }
    guard let rows = place.rows else {
      return try place.placement.backend.upload(gradient, to: place.gradient(shape))
    }
    try rows.set(gradient)
  }

  /// The parameter as a tensor of a pass, whose gradient adds to the parameter's.
  /// - Throws: `RecurrentError.device` if it does not lie on the tape's device, `.invalidArgument` if the pass would train
  ///   it and it is sparse.
  public func tensor(on tape: Tape) throws -> Tensor {
    let tensor = try lookedUp(on: tape)
    guard !tensor.needsGradient || place?.rows == nil else {
      throw RecurrentError(
        .invalidArgument, "a sparse parameter of shape \(shape) is used as a whole", at: "parameter",
        remedy: "make the embedding that shares it dense")
    }
    return tensor
  }

  /// The parameter as a tensor whose rows are looked up.
  func lookedUp(on tape: Tape) throws -> Tensor {
    let place = try place(on: tape.backend)
    tape.use(self)
    let slot = isFrozen || tape.mode == .evaluation ? nil : GradientSlot(parameter: try place.gradient(shape))
    return try Tensor(place.values(shape), shape: shape, tape: tape, slot: slot)
  }

  /// Where the values lie on a device.
  /// - Throws: `RecurrentError.device` if they do not.
  func region(on backend: any Backend) throws -> Region { try place(on: backend).values(shape) }

  private func place(on backend: any Backend) throws -> Place {
    guard let place, place.placement.backend === backend else {
      let name = backend.device.identifier
      let isNamesake = place?.placement.backend.device.identifier == name
      throw RecurrentError(
        .device,
        "a parameter of shape \(shape) "
          + (isNamesake ? "lies on another device named \(name)" : "does not lie on \(name)"), at: "parameter",
        remedy: isNamesake
          ? "open the device once and use it for the model and the tape: Tape(model.device())"
          : "call move(to:) of the whole model with that device first")
    }
    return place
  }

  /// Draws the values anew, each parameter of a model from a stream of its own.
  func draw(seed: UInt64, index: Int) throws {
    try shape.requireLengths(at: "parameter")
    // The widest initializer keeps two rows of Doubles for each row of Floats.
    try HostMemory.require(
      count.saturatingTimes(16), for: "the first values of a parameter of shape \(shape)",
      remedy: "take a smaller model")
    var random = RandomSource(seed: seed, stream: UInt32(truncatingIfNeeded: index))
    try setValues(initializer(shape, &random))
  }

  /// Lays it on a device. Values that are not there yet are drawn, straight into their place.
  func move(to place: Place, seed: UInt64, index: Int) throws {
    let values = self.place == nil ? host : try values()
    noteChange()
    self.place = place
    host = nil
    if let values { try setValues(values) } else { try draw(seed: seed, index: index) }
  }
}

extension Parameter.Place {
  func values(_ shape: [Int]) throws -> Region { try region(of: placement.values, shape) }

  func gradient(_ shape: [Int]) throws -> Region { try region(of: placement.gradients, shape) }

  private func region(of all: Region, _ shape: [Int]) throws -> Region {
    try Region(all.buffer, offset: offset, rows: shape.rows, columns: shape.columns)
  }
}
