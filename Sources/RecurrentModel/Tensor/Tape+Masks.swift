// Masks are tensors: 1 where something counts, 0 where it does not. They get no gradient.

extension Tape {
  /// A mask of values that are known to the host: 1 for true, 0 for false.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of values is not the shape's.
  public func mask(_ values: [Bool], shape: [Int]) throws -> Tensor {
    try shape.require(count: values.count, of: "values", at: "mask")
    return try tensor(values.map { $0 ? 1 : 0 }, shape: shape)
  }

  /// The steps of each row that count, `[N, T]`: 1 before the row's length, 0 from there on. It is made on the device. For
  /// what is time first: `mask(lengths, steps: T).transposed()`, `[T, N]`.
  /// - Throws: `RecurrentError.shapeMismatch` if a length is not in `0 ... T`.
  public func mask(_ lengths: Lengths, steps: Int) throws -> Tensor {
    try lengths.check(steps: steps, rows: lengths.values.count, on: self, at: "mask")
    return try range(steps) .< lengths.asNumbers().reshaped([lengths.values.count, 1])
  }

  /// What each step of a sequence may attend to if it must not see later ones, `[T, T]`: element (q, t) is 1 where `t ≤ q`.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of steps is negative.
  public func causalMask(_ steps: Int) throws -> Tensor {
    let places = try range(steps)
    return try places .<= places.reshaped([steps, 1])
  }

  /// The numbers 0, 1, … below `count`, `[count]`; exact up to 2²⁴. PyTorch: `torch.arange`.
  /// - Throws: `RecurrentError.shapeMismatch` if the count is negative.
  public func range(_ count: Int) throws -> Tensor {
    try [count].requireLengths(at: "range")
    // Memory first: a count may be beyond any.
    let region = try allocate(columns: count)
    if count > 0 { try backend.upload((0..<count).map { Float($0) }, to: region) }
    return try Tensor(region, shape: [count], tape: self, slot: nil)
  }
}

extension Lengths {
  /// The lengths as numbers on the device, `[N]`.
  /// - Throws: `RecurrentError.invalidArgument` if they are of an earlier pass.
  public func asNumbers() throws -> Tensor {
    try check(on: tape, at: "lengths")
    let numbers = try tape.allocate(rows: values.count, columns: 1)
    try tape.backend.encode(Encode(.integer, indices, into: numbers))
    return try Tensor(numbers, shape: [values.count, 1], tape: tape, slot: nil).reshaped([values.count])
  }
}
