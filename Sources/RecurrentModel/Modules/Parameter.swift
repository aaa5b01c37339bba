import RecurrentCore

/// A trainable tensor: a weight or a bias.
///
/// It is created on the host, with values drawn by its initializer; `Module.move(to:)` places it on a device together
/// with its gradient.
public final class Parameter {
  /// The lengths of the axes, as in PyTorch.
  public let shape: [Int]
  /// The initializer of the values.
  public internal(set) var initializer: Initializer
  /// Whether the parameter is excluded from training. Takes effect at the next pass.
  public var isFrozen = false

  /// Whether only gathered rows have a gradient. Takes effect at `move(to:)`.
  var isSparse = false

  /// Incremented when its values or its memory change: the backward pass needs those of the forward pass.
  private(set) var version = 0
  private var host: [Float]?
  private(set) var place: Place?

  /// The memory of a parameter on a device.
  struct Place {
    let placement: Placement
    let offset: Int
    /// The rows that have a gradient, for a sparse parameter.
    let rows: GradientRows?
  }

  /// A parameter of this shape.
  /// - Parameters:
  ///   - shape: The lengths of the axes: `[outputs, inputs]` of a weight, `[outputs]` of a bias.
  ///   - initializer: Draws the values when the model is moved to a device or `initialize(seed:)` is called.
  public init(_ shape: [Int], _ initializer: Initializer = .zeros) {
    self.shape = shape
    self.initializer = initializer
  }

  /// The number of elements.
  public var count: Int { shape.elementCount }

  /// The values, row-major; copied from the device if it is on one.
  /// - Throws: `RecurrentError.invalidModel` if it is not initialized.
  public func values() throws -> [Float] {
    if let place { return try place.placement.backend.download(place.values(shape)) }
    guard let host else {
      throw RecurrentError(
        .invalidModel, "a parameter of shape \(shape) has no values yet", at: "parameter",
        remedy: "call initialize(seed:), load(_:) or move(to:) on the model first")
    }
    return host
  }

  /// Counts a change: a pass that used the old values can no longer run backward.
  func noteChange() { version += 1 }

  /// Replaces the values.
  /// - Throws: `RecurrentError.shapeMismatch` if their number does not match the shape.
  public func setValues(_ values: [Float]) throws {
    guard values.count == count else {
      throw RecurrentError(.shapeMismatch, "\(values.count) values for a parameter of shape \(shape)")
    }
    noteChange()
    if let place { try place.placement.backend.upload(values, to: place.values(shape)) } else { host = values }
  }

  /// The gradient accumulated since `zeroGradients()`, copied from the device, row-major; nil before `move(to:)`. Waits
  /// for the device.
  /// - Throws: Errors of the device.
  public func gradient() throws -> [Float]? {
    try place.map { try $0.rows?.values() ?? $0.placement.backend.download($0.gradient(shape)) }
  }

  /// Replaces the gradient for the next step. The next backward pass adds to it.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of values does not match the shape; `.device` before
  ///   `move(to:)`.
  public func setGradient(_ gradient: [Float]) throws {
    guard gradient.count == count else {
      throw RecurrentError(
        .shapeMismatch, "\(gradient.count) gradient values for a parameter of shape \(shape)", at: "parameter")
    }
    guard let place else {
      throw RecurrentError(
        .device, "a parameter of shape \(shape) has no gradient: it is not on a device", at: "parameter",
        remedy: "call move(to:) on the whole model first")
    }
    guard let rows = place.rows else {
      return try place.placement.backend.upload(gradient, to: place.gradient(shape))
    }
    try rows.set(gradient)
  }

  /// The parameter as a tensor of a pass, whose gradient is added to the parameter's.
  /// - Throws: `RecurrentError.device` if it is not on the device of the tape; `.invalidArgument` if it is sparse and
  ///   in training.
  public func tensor(on tape: Tape) throws -> Tensor {
    let tensor = try lookedUp(on: tape)
    guard !tensor.needsGradient || place?.rows == nil else {
      throw RecurrentError(
        .invalidArgument, "a sparse parameter of shape \(shape) is read as a whole", at: "parameter",
        remedy: "make the embedding that owns it dense")
    }
    return tensor
  }

  /// The parameter as a tensor whose rows are gathered.
  func lookedUp(on tape: Tape) throws -> Tensor {
    let place = try place(on: tape.backend)
    tape.use(self)
    let slot = isFrozen || tape.mode == .evaluation ? nil : GradientSlot(parameter: try place.gradient(shape))
    return try Tensor(place.values(shape), shape: shape, tape: tape, slot: slot)
  }

  /// The values on a device.
  /// - Throws: `RecurrentError.device` if it is not on that device.
  func region(on backend: any Backend) throws -> Region { try place(on: backend).values(shape) }

  private func place(on backend: any Backend) throws -> Place {
    guard let place, place.placement.backend === backend else {
      let name = backend.device.identifier
      let isNamesake = place?.placement.backend.device.identifier == name
      throw RecurrentError(
        .device,
        "a parameter of shape \(shape) "
          + (isNamesake ? "is on another device named \(name)" : "is not on \(name)"), at: "parameter",
        remedy: isNamesake
          ? "open the device once and use it for the model and the tape: Tape(model.device())"
          : "call move(to:) on the whole model with that device first")
    }
    return place
  }

  /// Draws new values, each parameter of a model from a separate random stream.
  func draw(seed: UInt64, index: Int) throws {
    try shape.requireLengths(at: "parameter")
    // The most demanding initializer holds two rows of Doubles per row of Floats.
    try HostMemory.require(
      count.saturatingTimes(16), for: "the initial values of a parameter of shape \(shape)",
      remedy: "use a smaller model")
    var random = RandomSource(seed: seed, stream: UInt32(truncatingIfNeeded: index))
    try setValues(initializer(shape, &random))
  }

  /// Places it on a device. Missing values are drawn directly into their memory.
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
