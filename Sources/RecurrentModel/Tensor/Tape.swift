import RecurrentCore

/// Records operations in the forward pass and runs their gradients in reverse order.
///
/// A tape owns the memory of one pass: `reset()` starts the next pass in the same memory and invalidates the tensors of
/// the last one. A tape may be used by one thread at a time.
public final class Tape {
  /// Training or evaluation.
  public enum Mode: Sendable {
    /// Operations are recorded for the backward pass; dropout is active.
    case training
    /// Nothing is recorded; dropout is the identity. Results still use memory until `reset()`: call it before each
    /// pass.
    case evaluation
  }

  /// The backend that runs the operations.
  public let backend: any Backend
  /// Training or evaluation mode.
  public var mode: Mode
  /// The seed of random masks.
  public var seed: UInt64
  /// The step of random masks; `reset()` increments it in training mode.
  public var step: UInt64 = 0

  private(set) var pass = 0
  private let arena: Arena
  let leases: LeasePool
  private var records: [Record] = []
  private var versions = ParameterVersions()
  private var randomOperations: UInt32 = 0
  private var wentBack = false

  private struct Record {
    let results: [GradientSlot]
    let inputs: [GradientSlot?]
    // Carried states that the backward pass still reads.
    let owners: [Lease]
    let backward: Backward
  }

  /// The gradient of an operation: given the gradients of its results (nil for unused ones), it writes those of its
  /// inputs (nil for inputs that need none). `Tensor.backward()` rethrows its errors.
  public typealias Backward = (_ tape: Tape, _ results: [Region?], _ inputs: [Output?]) throws -> Void

  /// A tape for a device.
  public init(_ device: Device, mode: Mode = .training, seed: UInt64 = 0) {
    backend = device.backend
    self.mode = mode
    self.seed = seed
    arena = Arena(device.backend)
    leases = LeasePool(device.backend)
  }

  /// Starts a new pass: discards the recorded operations and reuses their memory.
  public func reset() {
    records.removeAll(keepingCapacity: true)
    versions.removeAll()
    arena.rewind()
    pass += 1
    randomOperations = 0
    wentBack = false
    if mode == .training { step += 1 }
  }

  // MARK: Memory of the pass

  /// Memory for `rows` × `columns` floats, valid until `reset()`, uninitialized.
  /// - Throws: `RecurrentError.shapeMismatch` if one is negative; `.outOfMemory`.
  public func allocate(rows: Int = 1, columns: Int) throws -> Region {
    guard rows >= 0, columns >= 0 else {
      throw RecurrentError(
        .shapeMismatch, "cannot allocate \(rows) × \(columns) elements", at: "tape", remedy: "sizes must be at least 0")
    }
    let piece = try arena.take(rows.saturatingTimes(columns))
    return try Region(piece.buffer, offset: piece.offset, rows: rows, columns: columns)
  }

  /// Memory for `count` indices, valid until `reset()`; with `reserving` larger, later passes get the same address.
  func allocateIndices(_ count: Int, reserving: Int = 0) throws -> Indices {
    let piece = try arena.take(max(count, reserving))
    return try Indices(piece.buffer, offset: piece.offset, count: count)
  }

  /// Copies indices to the device for this pass.
  func upload(_ values: [Int32], reserving: Int = 0) throws -> Indices {
    let indices = try allocateIndices(values.count, reserving: reserving)
    try backend.upload(values, to: indices)
    return indices
  }

  /// Memory that outlives the pass.
  func lease(rows: Int, columns: Int) throws -> Lease { try leases.lease(rows: rows, columns: columns, pass: pass) }

  /// The key of the next random mask of this pass.
  func nextRandomKey() -> RandomKey {
    defer { randomOperations += 1 }
    return RandomKey(seed: seed, step: step, layer: randomOperations)
  }

  // MARK: Recording

  /// A result in a region, with a slot for its gradient if it needs one.
  ///
  /// Together with `record(_:from:backward:)` this defines an operation with several results; `record(_:shape:from:
  /// gradients:)` does both for a single one. A result needs a gradient if one of its inputs does and the tape is in
  /// training mode.
  /// - Throws: `RecurrentError.shapeMismatch` if the region does not have the shape; `.invalidArgument` if an input
  ///   belongs to another tape or an earlier pass.
  public func result(_ region: Region, shape: [Int], from inputs: [Tensor]) throws -> Tensor {
    try check(inputs)
    let needs = mode == .training && inputs.contains { $0.slot != nil }
    return try Tensor(
      region, shape: shape, tape: self, slot: needs ? GradientSlot(rows: region.rows, columns: region.columns) : nil)
  }

  /// Records the gradient of results computed from `inputs`; does nothing if no result needs one.
  ///
  /// `backward` runs at most once, in `Tensor.backward()`, if one of the results was used. It writes each output, in
  /// the order of the inputs, and must respect `Output.adds`: if another operation also used the input, setting instead
  /// of adding would silently lose a gradient. Backend operations respect it; `record(_:shape:from:gradients:)` handles
  /// it. Capture regions rather than tensors: a tensor keeps its tape alive.
  public func record(_ results: [Tensor], from inputs: [Tensor], backward: @escaping Backward) {
    let slots = results.compactMap(\.slot)
    guard mode == .training, slots.count == results.count, !slots.isEmpty else { return }
    records.append(
      Record(
        results: slots, inputs: inputs.map(\.slot), owners: (inputs + results).compactMap(\.lease), backward: backward))
  }

  /// Records a custom operation with one result.
  ///
  /// ```swift
  /// return try tape.record(y, shape: x.shape, from: [x]) { tape, dy, wanted in
  ///   let dx = try tape.allocate(rows: dy.rows, columns: dy.columns)
  ///   try tape.backend.combine(Combine(.multiply, slope, dy, into: .set(dx)))
  ///   return [dx]
  /// }
  /// ```
  /// - Parameters:
  ///   - region: The result, its last axis in the columns, all others in the rows.
  ///   - shape: The shape of the result.
  ///   - inputs: The tensors that the result was computed from.
  ///   - gradients: Given the gradient of the result and the inputs that need one, returns the gradients of the inputs,
  ///     in order; nil for 0. It may return its argument. Capture regions rather than tensors: a tensor keeps its tape
  ///     alive.
  /// - Throws: `RecurrentError.shapeMismatch`; in the backward pass, if a gradient does not have the shape of its
  ///   input.
  public func record(
    _ region: Region, shape: [Int], from inputs: [Tensor],
    gradients: @escaping (_ tape: Tape, _ gradient: Region, _ wanted: [Bool]) throws -> [Region?]
  ) throws -> Tensor {
    let shapes = inputs.map(\.shape)
    return try recordWriting(region, shape: shape, from: inputs) { tape, gradient, outputs in
      let parts = try gradients(tape, gradient, outputs.map { $0 != nil })
      guard parts.count == outputs.count else {
        throw RecurrentError(
          .shapeMismatch, "\(parts.count) gradients for \(outputs.count) inputs", at: "record",
          remedy: "return one per input, nil for 0")
      }
      for (index, (part, output)) in zip(parts, outputs).enumerated() {
        guard let output else { continue }
        if let part {
          guard part.rows == output.region.rows, part.columns == output.region.columns else {
            throw RecurrentError(
              .shapeMismatch,
              "a gradient of \(part.rows) × \(part.columns) for input \(index), of shape \(shapes[index])",
              at: "record", remedy: "return one of \(output.region.rows) × \(output.region.columns)")
          }
          try tape.backend.copy(Copy(part, into: output))
        } else if !output.adds {
          try tape.backend.fill(output.region, with: 0)
        }
      }
    }
  }

  /// Records one result of an operation that writes, or adds, its gradients in place: `result` and `record` in one.
  func recordWriting(
    _ region: Region, shape: [Int], from inputs: [Tensor],
    backward: @escaping (_ tape: Tape, _ gradient: Region, _ inputs: [Output?]) throws -> Void
  ) throws -> Tensor {
    let result = try result(region, shape: shape, from: inputs)
    record([result], from: inputs) { tape, gradients, outputs in
      guard let gradient = gradients[0] else { return }
      try backward(tape, gradient, outputs)
    }
    return result
  }

  /// Notes that a recorded operation reads a parameter.
  func use(_ parameter: Parameter) {
    if mode == .training { versions.note(parameter) }
  }

  // MARK: Backward

  /// Runs the recorded gradients in reverse order. `seed` is the gradient of `loss` with respect to itself.
  func backward(from loss: Tensor, seed: Float) throws {
    try check([loss])
    guard !wentBack else {
      throw RecurrentError(
        .invalidArgument, "backward was called twice in one pass", at: "tape",
        remedy: "run the forward pass again after reset(); add losses up before a single backward()")
    }
    try loss.requireScalar("backward starts from", at: "tape")
    guard let slot = loss.slot else {
      throw RecurrentError(
        .invalidArgument, "the loss does not depend on a tensor that needs a gradient", at: "tape",
        remedy: "check that the tape is in training mode, that a parameter is not frozen, and that no comparison, "
          + "detached() or loss target interrupts the gradient")
    }
    // The gradients of other values would be silently wrong.
    try versions.check(
      since: "between the forward pass and backward", at: "tape",
      remedy: "call backward before the optimizer's step, setValues, load or move; or run the forward pass again")
    wentBack = true
    try backend.fill(slot.output(on: self).region, with: seed)
    for record in records.reversed() {
      let gradients = try record.results.map { try $0.current() }
      guard gradients.contains(where: { $0 != nil }) else { continue }
      try record.backward(self, gradients, outputs(of: record))
    }
    records.removeAll(keepingCapacity: true)
    versions.removeAll()
  }

  /// The destinations of a record's gradients. Inputs that share memory are set to 0 first, so that the write order
  /// does not matter.
  private func outputs(of record: Record) throws -> [Output?] {
    let roots = record.inputs.compactMap { $0.map { ObjectIdentifier($0.root) } }.sorted()
    let shared = zip(roots, roots.dropFirst()).filter { $0 == $1 }.map(\.0)
    return try record.inputs.map { slot in
      guard let slot else { return nil }
      if shared.contains(ObjectIdentifier(slot.root)) { try slot.root.prime(on: self) }
      return try slot.output(on: self)
    }
  }

  /// Throws unless the tensors belong to this tape and this pass.
  func check(_ tensors: [Tensor]) throws {
    for tensor in tensors {
      guard tensor.tape === self else {
        throw RecurrentError(
          .invalidArgument, "a tensor of shape \(tensor.shape) belongs to another tape", at: "tape",
          remedy: "create all tensors of a computation on one tape")
      }
      guard tensor.isAlive else {
        throw RecurrentError(
          .invalidArgument, "a tensor of shape \(tensor.shape) belongs to an earlier pass, whose memory is reused",
          at: "tape", remedy: "use detached() for tensors that must outlive reset()")
      }
    }
  }
}
