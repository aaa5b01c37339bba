import RecurrentCore

/// A float32 tensor on a device: a shape and, if needed, a gradient.
///
/// The last axis is in the columns of `region`, all others in its rows: `[T, N, H]` is `T·N` rows of H columns, a
/// vector `[C]` one row, a scalar `[]` one element. A tensor is valid in the pass of its tape that created it;
/// `detached()` returns a copy that outlives the pass.
///
/// Operations run on the device in the order of the calls; only reading values waits for them. In addition to the
/// documented errors, they throw `RecurrentError.invalidArgument` for tensors of different tapes or of an earlier pass,
/// and `.outOfMemory`.
///
/// Names follow PyTorch, except that a dimension is called axis, and functions that return a new tensor are
/// participles: `expanded`, `permuted`, `clamped`.
public struct Tensor {
  /// The memory of the values.
  public let region: Region
  /// The lengths of the axes.
  public let shape: [Int]
  /// The tape that created the tensor and records its operations.
  public let tape: Tape

  let slot: GradientSlot?
  let lease: Lease?
  /// The table that the tensor's rows were gathered from, if it is the result of `rows(at:)` or of an embedding.
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

  /// Whether the backward pass computes its gradient.
  public var needsGradient: Bool { slot != nil }

  /// The number of elements.
  public var count: Int { region.count }

  /// Waits for the device, then returns the values, last axis fastest. PyTorch: `x.flatten().tolist()`.
  /// - Throws: `RecurrentError.invalidArgument` if the tensor belongs to an earlier pass.
  public func values() throws -> [Float] {
    try tape.check([self])
    return try tape.backend.download(region)
  }

  /// Copies the elements, row-major, to an array, whose memory is used again. Waits for the device.
  func read(into values: inout [Float]) throws {
    try tape.check([self])
    if values.count > count { values.removeLast(values.count - count) }
    if values.count < count { values = [Float](repeating: 0, count: count) }
    try values.withUnsafeMutableBufferPointer { try tape.backend.download(region, into: $0) }
  }

  /// The value of a scalar. Waits for the device.
  /// - Throws: `RecurrentError.shapeMismatch` if the tensor has more than one element.
  public func item() throws -> Float {
    guard count == 1 else {
      throw RecurrentError(
        .shapeMismatch, "item() needs a scalar, not a tensor of shape \(shape)", remedy: "use values()")
    }
    return try values()[0]
  }

  /// Throws unless the tensor has one element, as a loss must.
  func requireScalar(_ what: String, at location: String) throws {
    guard count == 1 else {
      throw RecurrentError(
        .shapeMismatch, "\(what) a tensor of shape \(shape)", at: location,
        remedy: "reduce it to a scalar with mean() or sum()")
    }
  }

  /// The gradient after `backward()`, copied to the host; nil if the tensor needs none or the loss does not depend on
  /// it.
  /// - Throws: `RecurrentError.invalidArgument` for gathered rows whose table a recurrent layer read in place of them.
  public func gradient() throws -> [Float]? {
    try tape.check([self])
    guard lookup?.isFolded != true else {
      throw RecurrentError(
        .invalidArgument, "a recurrent layer read the table instead of its rows, of shape \(shape)",
        at: "gradient", remedy: "pass x.scaled(by: 1) to the layer and read its gradient")
    }
    return try slot?.current().map { try tape.backend.download($0) }
  }

  /// Computes the gradients of this scalar with respect to all tensors it depends on. Gradients of parameters
  /// accumulate.
  /// - Parameter scale: A factor on all gradients: 1 / k for k micro-batches per step.
  /// - Throws: `RecurrentError` if this is not a scalar or needs no gradient, or if `backward` already ran in this
  ///   pass.
  public func backward(scale: Float = 1) throws { try tape.backward(from: self, seed: scale) }

  /// A copy that outlives the pass, detached from the gradient. PyTorch: `x.detach().clone()`.
  /// - Throws: `RecurrentError.invalidArgument` if the tensor belongs to an earlier pass; `.outOfMemory`.
  public func detached() throws -> Tensor {
    try tape.check([self])
    let lease = try tape.lease(rows: region.rows, columns: region.columns)
    try tape.backend.copy(Copy(region, into: .set(lease.region)))
    return try Tensor(lease.region, shape: shape, tape: tape, slot: nil, lease: lease)
  }

  /// Whether its memory is still valid.
  var isAlive: Bool { lease != nil || pass == tape.pass }

  /// A view whose gradient is a view: no copy in either direction.
  func view(shape: [Int], isWhole: Bool, _ map: @escaping (Region) throws -> Region) throws -> Tensor {
    try tape.check([self])
    return try Tensor(
      map(region), shape: shape, tape: tape,
      slot: slot.map { GradientSlot(viewOf: $0, isWhole: isWhole, map: map) }, lease: lease)
  }
}

extension Tape {
  /// Copies values to the device for this pass.
  /// - Parameters:
  ///   - values: The values, last axis fastest.
  ///   - shape: The lengths of the axes; empty for a scalar.
  ///   - needsGradient: Whether `gradient()` will be read.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of values does not match the shape.
  public func tensor(_ values: [Float], shape: [Int], needsGradient: Bool = false) throws -> Tensor {
    try shape.require(count: values.count, of: "values", at: "tensor")
    let region = try allocate(rows: shape.rows, columns: shape.columns)
    if !values.isEmpty { try backend.upload(values, to: region) }
    let slot = needsGradient && mode == .training ? GradientSlot(rows: region.rows, columns: region.columns) : nil
    return try Tensor(region, shape: shape, tape: self, slot: slot)
  }

  /// A tensor with all elements equal to a value.
  /// - Throws: `RecurrentError.shapeMismatch` if a length is negative, `.outOfMemory`.
  public func full(_ shape: [Int], _ value: Float) throws -> Tensor {
    try shape.requireLengths(at: "tensor")
    let region = try allocate(rows: shape.rows, columns: shape.columns)
    try backend.fill(region, with: value)
    return try Tensor(region, shape: shape, tape: self, slot: nil)
  }

  /// Copies values, last axis fastest, to memory that outlives the pass: a saved carried state.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of values does not match the shape; `.outOfMemory`.
  public func kept(_ values: [Float], shape: [Int]) throws -> Tensor {
    try shape.require(count: values.count, of: "values", at: "tensor")
    let lease = try lease(rows: shape.rows, columns: shape.columns)
    if !values.isEmpty { try backend.upload(values, to: lease.region) }
    return try Tensor(lease.region, shape: shape, tape: self, slot: nil, lease: lease)
  }
}

extension [Int] {
  /// The number of rows of a region with this shape.
  var rows: Int { dropLast().elementCount }
  /// The number of columns of a region with this shape.
  var columns: Int { last ?? 1 }

  /// Throws unless all lengths are at least 0.
  func requireLengths(at location: String) throws {
    guard allSatisfy({ $0 >= 0 }) else {
      throw RecurrentError(.shapeMismatch, "the shape is \(self)", at: location, remedy: "lengths must be at least 0")
    }
  }

  /// Throws unless the shape has this number of elements.
  func require(count: Int, of what: String, at location: String) throws {
    try requireLengths(at: location)
    guard count == elementCount else {
      throw RecurrentError(.shapeMismatch, "\(count) \(what) for shape \(self)", at: location)
    }
  }
}
