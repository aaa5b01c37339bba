/// Where a model lies on a device: all values in one buffer, all gradients in another, each parameter at a multiple of 16
/// elements. So a norm, a clip or an optimizer's step is one launch, not one a parameter. Padding stays 0. Sparse
/// parameters come last: the gradients of the first one's rows follow those of all others.
final class Placement {
  let backend: any Backend
  /// Where each parameter starts.
  let offsets: [Int]
  /// All values, a row.
  let values: Region
  /// Room for all gradients, a row.
  let gradients: Region
  /// Of each sparse parameter: the rows that have a gradient.
  let rows: [GradientRows?]
  private var normRegion: Region?

  /// Room for these parameters.
  /// - Parameter states: How many numbers an optimizer will keep beside each value and its gradient.
  /// - Throws: `RecurrentError.shapeMismatch` if a length is negative; `.outOfMemory`, before anything is allocated where the device
  ///   says what it has.
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
        "\(end.grouped) parameters need \(all.saturatingTimes(4).asBytes), \(end.saturatingTimes(4).asBytes) of them in one piece; "
          + "the device has \(total.asBytes) and gives \(limit.asBytes) in one piece",
        at: backend.device.identifier,
        remedy: "take fewer hidden units or layers, a smaller embedding, or another device")
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

  /// One number, for the norm of gradients. Made when it is first asked for.
  func norm() throws -> Region {
    let region = try normRegion ?? backend.allocate(columns: 1)
    normRegion = region
    return region
  }
}

extension Module {
  /// Places every parameter and its gradient on a device. Parameters that have no values yet are drawn from `seed`, all others
  /// keep them. PyTorch: `model.to(device)`.
  /// - Throws: `RecurrentError.shapeMismatch` if a length is negative; `.outOfMemory`, before anything is allocated where the device
  ///   says what it has; `.invalidArgument` if the model has no parameters, or parts that get no name.
  public func move(to device: Device, seed: UInt64 = 0) throws {
    try move(to: device, seed: seed, states: 0)
  }

  /// - Parameter states: How many numbers an optimizer will keep beside each value and its gradient.
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

  /// The device that the model lies on.
  /// - Throws: `RecurrentError.device` if it was not placed as a whole, or as part of a whole.
  public func device() throws -> Device { Device(try placed().placement.backend) }
}
