/// Where a model lies on a device: all values in one buffer, all gradients in another, each parameter at a multiple of 16
/// elements. So a norm, a clip or an optimizer's step is one launch, not one a parameter. Padding stays 0.
final class Placement {
  let backend: any Backend
  /// Where each parameter starts.
  let offsets: [Int]
  /// All values, a row.
  let values: Region
  /// All gradients, a row.
  let gradients: Region
  // The parameters hold their placement: so it holds their sizes only.
  private let counts: [Int]

  /// Room for parameters of these sizes.
  init(_ counts: [Int], on backend: any Backend) throws {
    self.backend = backend
    self.counts = counts
    var offsets: [Int] = []
    var end = 0
    for count in counts {
      offsets.append(end)
      end += count.aligned
    }
    self.offsets = offsets
    let limit = backend.device.maximumAllocation
    guard limit <= 0 || end <= limit / 4 else {
      throw RecurrentError(
        .outOfMemory, "the model needs \(end * 4) bytes in one piece, the device gives \(limit)",
        at: backend.device.identifier, remedy: "take a smaller model or another device")
    }
    values = try backend.allocate(columns: max(end, 1))
    gradients = try backend.allocate(columns: max(end, 1))
  }

  /// Where a parameter's elements lie.
  func range(_ index: Int) -> Range<Int> { offsets[index]..<offsets[index] + counts[index] }

  /// Where a parameter's elements and the padding after them lie.
  func paddedRange(_ index: Int) -> Range<Int> { offsets[index]..<offsets[index] + counts[index].aligned }

  /// Whether these are the parameters that lie here, all of them.
  func holds(_ parameters: [NamedParameter]) -> Bool {
    parameters.count == counts.count && parameters.allSatisfy { $0.parameter.place?.placement === self }
  }
}

extension Module {
  /// Places every parameter and its gradient on a device. Parameters that have no values yet are drawn from `seed`.
  /// - Throws: `RecurrentError.outOfMemory` or `.invalidArgument`.
  public func move(to device: Device, seed: UInt64 = 0) throws {
    let parameters = namedParameters
    guard !parameters.isEmpty else {
      throw RecurrentError(
        .invalidArgument, "the model has no parameters", at: "\(Self.self)",
        remedy: "keep its layers as stored properties")
    }
    for (index, named) in parameters.enumerated() where !named.parameter.isDrawn {
      var random = RandomSource(seed: seed, stream: UInt64(index))
      try named.parameter.draw(&random)
    }
    let placement = try Placement(parameters.map(\.parameter.count), on: device.backend)
    for (named, offset) in zip(parameters, placement.offsets) {
      try named.parameter.move(to: Parameter.Place(placement: placement, offset: offset))
    }
  }

  /// Sets all gradients to 0: before each step, as gradients add.
  public func zeroGradients() throws {
    let placement = try placement()
    try placement.backend.fill(placement.gradients, with: 0)
  }

  /// The placement of the whole model.
  /// - Throws: `RecurrentError.device` if it was not placed as a whole.
  func placement() throws -> Placement {
    let parameters = namedParameters
    guard let placement = parameters.first?.parameter.place?.placement, placement.holds(parameters)
    else {
      throw RecurrentError(
        .device, "the model does not lie on a device as a whole", at: "\(Self.self)",
        remedy: "call move(to:) of the whole model, not of its parts")
    }
    return placement
  }
}
