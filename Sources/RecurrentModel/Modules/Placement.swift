import RecurrentCore

/// The memory of a model on a device: all values in one buffer, all gradients in another, each parameter aligned to 16
/// elements. So a norm, a clip or an optimizer step is one launch, not one per parameter. Padding stays 0. Sparse
/// parameters come last: the row gradients of the first one directly follow all dense gradients.
final class Placement {
  let backend: any Backend
  /// The offset of each parameter.
  let offsets: [Int]
  /// All values, in one row.
  let values: Region
  /// Memory of all gradients, in one row.
  let gradients: Region
  /// For each sparse parameter: the rows that have a gradient.
  let rows: [GradientRows?]
  private var normRegion: Region?

  /// Allocates memory for these parameters.
  /// - Parameter states: The number of optimizer states per parameter element.
  /// - Throws: `RecurrentError.shapeMismatch` if a length is negative; `.outOfMemory`, before any allocation if the
  ///   device reports its memory.
  init(_ parameters: [Parameter], states: Int, on backend: any Backend) throws {
    self.backend = backend
    for parameter in parameters { try parameter.shape.requireLengths(at: "parameter") }
    let counts = parameters.map(\.count)
    var offsets = counts
    var end = 0
    for isSparse in [false, true] {
      for index in parameters.indices where parameters[index].isSparse == isSparse {
        offsets[index] = end
        end = [end, counts[index].aligned].saturatingSum
      }
    }
    self.offsets = offsets
    let limit = backend.device.maximumAllocation
    let (all, total) = (end.saturatingTimes(2 + states), backend.device.memory)
    guard limit <= 0 || end <= limit / 4, total <= 0 || all <= total / 4 else {
      throw RecurrentError(
        .outOfMemory,
        "\(end.grouped) parameters need \(all.saturatingTimes(4).asBytes), \(end.saturatingTimes(4).asBytes) of it contiguous; "
          + "the device has \(total.asBytes), at most \(limit.asBytes) contiguous",
        at: backend.device.identifier,
        remedy: "use fewer hidden units or layers, a smaller embedding, or another device")
    }
    let room = { (purpose: String) in
      try memory(for: "\(purpose) of \(end.grouped) parameters") { try backend.allocate(columns: max(end, 1)) }
    }
    values = try room("the values")
    let gradients = try room("the gradients")
    self.gradients = gradients
    rows = try zip(parameters, offsets).map { parameter, offset in
      guard parameter.isSparse else { return nil }
      let (rows, columns) = (parameter.shape.rows, parameter.shape.columns)
      return try GradientRows(Region(gradients.buffer, offset: offset, rows: rows, columns: columns), on: backend)
    }
  }

  /// One element for the gradient norm, allocated on first use.
  func norm() throws -> Region {
    let region = try normRegion ?? backend.allocate(columns: 1)
    normRegion = region
    return region
  }
}

extension Module {
  /// Places every parameter and its gradient on a device. Uninitialized parameters are drawn from `seed`; others keep
  /// their values. PyTorch: `model.to(device)`.
  /// - Throws: `RecurrentError.shapeMismatch` if a length is negative; `.outOfMemory`, before any allocation if the
  ///   device reports its memory; `.invalidArgument` if the model has no parameters, or parts without names.
  public func move(to device: Device, seed: UInt64 = 0) throws {
    try move(to: device, seed: seed, states: 0)
  }

  /// - Parameter states: The number of optimizer states per parameter element.
  func move(to device: Device, seed: UInt64, states: Int) throws {
    try checkMembers()
    let parameters = namedParameters
    guard !parameters.isEmpty else {
      throw RecurrentError(
        .invalidArgument, "the model has no parameters", at: "\(Self.self)",
        remedy: "keep its layers as stored properties")
    }
    let placement = try Placement(parameters.map(\.parameter), states: states, on: device.backend)
    for (index, named) in parameters.enumerated() {
      let place = Parameter.Place(
        placement: placement, offset: placement.offsets[index], rows: placement.rows[index])
      try named.parameter.move(to: place, seed: seed, index: index)
    }
  }

  /// The device of the model.
  /// - Throws: `RecurrentError.device` unless it was moved as a whole, or as part of a whole.
  public func device() throws -> Device { Device(try placed().placement.backend) }

  /// Lets the device keep packed copies of the parameters, as long as the returned object exists: they must not change meanwhile.
  /// - Throws: `RecurrentError.device` unless the model was moved as a whole, or as part of a whole.
  package func holdParameters() throws -> AnyObject? {
    let placement = try placed().placement
    return placement.backend.hold(placement.values.buffer)
  }
}
