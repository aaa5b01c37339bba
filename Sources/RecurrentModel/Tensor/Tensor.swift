/// Numbers on a device, with a shape and, if they need one, a gradient.
///
/// The last axis lies in the columns of `region`, all others in its rows: `[T, N, H]` is `T·N` rows of H columns, a vector
/// `[C]` one row, a scalar `[]` one element. A tensor is valid for the pass of its tape that made it; `detached()` keeps
/// it longer.
///
/// Operations are made on the device, in the order of the calls; only what reads numbers waits for it. Beside what each says,
/// they throw `RecurrentError.invalidArgument` for tensors of different tapes or of an earlier pass, and `.outOfMemory`.
///
/// Names are PyTorch's where it has them, but that a dimension is an axis, and that what makes a new tensor is named as such:
/// `expanded`, `permuted`, `clamped`.
public struct Tensor {
  /// Where the numbers lie.
  public let region: Region
  /// The lengths of the axes.
  public let shape: [Int]
  /// What made it and records what happens to it.
  public let tape: Tape

  let slot: GradientSlot?
  let lease: Lease?
  /// Where its rows come from, if it is an embedding's result.
  var lookup: Lookup?
  private let pass: Int

  init(_ region: Region, shape: [Int], tape: Tape, slot: GradientSlot?, lease: Lease? = nil) throws {
    guard shape.rows == region.rows, shape.columns == region.columns else {
      throw RecurrentError(
        .shapeMismatch, "a region of \(region.rows) × \(region.columns) is not a tensor of shape \(shape)")
    }
    self.region = region
    self.shape = shape
    self.tape = tape
    self.slot = slot
    self.lease = lease
    pass = tape.pass
  }

  /// Whether the backward pass computes a gradient for it.
  public var needsGradient: Bool { slot != nil }

  /// The number of elements.
  public var count: Int { region.count }

  /// Waits for the device, then copies the numbers to the host, the last axis fastest. PyTorch: `x.flatten().tolist()`.
  /// - Throws: `RecurrentError.invalidArgument` if the tensor is of an earlier pass.
  public func values() throws -> [Float] {
    try tape.check([self])
    return try tape.backend.download(region)
  }

  /// The only number of a scalar, from the device.
  /// - Throws: `RecurrentError.shapeMismatch` if there are more.
  public func item() throws -> Float {
    guard count == 1 else {
      throw RecurrentError(.shapeMismatch, "item() of a tensor of shape \(shape)", remedy: "use values()")
    }
    return try values()[0]
  }

  /// Throws unless it has one element, as a loss must.
  func requireScalar(_ what: String, at place: String) throws {
    guard count == 1 else {
      throw RecurrentError(
        .shapeMismatch, "\(what) a tensor of shape \(shape)", at: place,
        remedy: "reduce it to a scalar with mean() or sum()")
    }
  }

  /// The gradient after `backward()`, copied to the host; nil if none was needed or nothing led from here to the loss.
  /// - Throws: `RecurrentError.invalidArgument` for rows of an embedding that a recurrent layer never multiplied.
  public func gradient() throws -> [Float]? {
    try tape.check([self])
    guard lookup?.isFolded != true else {
      throw RecurrentError(
        .invalidArgument, "a recurrent layer read the embedding's table instead of the rows, of shape \(shape)",
        at: "gradient", remedy: "let the layer read x.scaled(by: 1), whose gradient is theirs")
    }
    return try slot?.current().map { try tape.backend.download($0) }
  }

  /// Computes the gradient of this scalar with respect to everything that led to it. Parameters add to their gradients.
  /// - Parameter scale: A factor on all gradients: 1 / k where k micro-batches make a step.
  /// - Throws: `RecurrentError` if it is no scalar, needs no gradient, or the pass already went back.
  public func backward(scale: Float = 1) throws { try tape.backward(from: self, seed: scale) }

  /// A copy in memory of its own, which outlives the pass and through which no gradient flows. PyTorch: `x.detach().clone()`.
  /// - Throws: `RecurrentError.invalidArgument` if the tensor is of an earlier pass, `.outOfMemory`.
  public func detached() throws -> Tensor {
    try tape.check([self])
    let lease = try tape.lease(rows: region.rows, columns: region.columns)
    try tape.backend.copy(Copy(region, into: .set(lease.region)))
    return try Tensor(lease.region, shape: shape, tape: tape, slot: nil, lease: lease)
  }

  /// Whether its memory still holds it.
  var isAlive: Bool { lease != nil || pass == tape.pass }

  /// A view with a gradient that is a view: no copy either way.
  func view(shape: [Int], isWhole: Bool, _ map: @escaping (Region) throws -> Region) throws -> Tensor {
    try tape.check([self])
    return try Tensor(
      map(region), shape: shape, tape: tape,
      slot: slot.map { GradientSlot(viewOf: $0, isWhole: isWhole, map: map) }, lease: lease)
  }
}

extension Tape {
  /// Copies numbers to the device for this pass.
  /// - Parameters:
  ///   - values: The numbers, the last axis fastest.
  ///   - shape: The lengths of the axes; none for a scalar.
  ///   - needsGradient: Whether `gradient()` is wanted.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of values is not the shape's.
  public func tensor(_ values: [Float], shape: [Int], needsGradient: Bool = false) throws -> Tensor {
    try shape.require(count: values.count, of: "values", at: "tensor")
    let region = try allocate(rows: shape.rows, columns: shape.columns)
    if !values.isEmpty { try backend.upload(values, to: region) }
    let slot = needsGradient && mode == .training ? GradientSlot(rows: region.rows, columns: region.columns) : nil
    return try Tensor(region, shape: shape, tape: self, slot: slot)
  }

  /// A tensor of one number throughout.
  /// - Throws: `RecurrentError.shapeMismatch` if a length is negative, `.outOfMemory`.
  public func full(_ shape: [Int], _ value: Float) throws -> Tensor {
    try shape.requireLengths(at: "tensor")
    let region = try allocate(rows: shape.rows, columns: shape.columns)
    try backend.fill(region, with: value)
    return try Tensor(region, shape: shape, tape: self, slot: nil)
  }

  /// Copies numbers, the last axis fastest, to memory that outlives the pass: a carried state that was saved.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of values is not the shape's, `.outOfMemory`.
  public func kept(_ values: [Float], shape: [Int]) throws -> Tensor {
    try shape.require(count: values.count, of: "values", at: "tensor")
    let lease = try lease(rows: shape.rows, columns: shape.columns)
    if !values.isEmpty { try backend.upload(values, to: lease.region) }
    return try Tensor(lease.region, shape: shape, tape: self, slot: nil, lease: lease)
  }
}

extension [Int] {
  /// The rows of a region for this shape.
  var rows: Int { dropLast().elementCount }
  /// The columns of a region for this shape.
  var columns: Int { last ?? 1 }

  /// Throws unless these can be the lengths of axes.
  func requireLengths(at place: String) throws {
    guard allSatisfy({ $0 >= 0 }) else {
      throw RecurrentError(.shapeMismatch, "a shape of \(self)", at: place, remedy: "give lengths of at least 0")
    }
  }

  /// Throws unless a shape has so many elements.
  func require(count: Int, of what: String, at place: String) throws {
    try requireLengths(at: place)
    guard count == elementCount else {
      throw RecurrentError(.shapeMismatch, "\(count) \(what) for the shape \(self)", at: place)
    }
  }
}
