import RecurrentCore

// Masks are tensors: 1 for valid, 0 for masked elements. They get no gradient.

extension Tape {
  /// A mask of host values: 1 for true, 0 for false.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of values does not match the shape.
  public func mask(_ values: [Bool], shape: [Int]) throws -> Tensor {
    try shape.require(count: values.count, of: "values", at: "mask")
    return try tensor(values.map { $0 ? 1 : 0 }, shape: shape)
  }

  /// The valid steps of each row, `[N, T]`: 1 below the row's length, else 0. Computed on the device. For time first:
  /// `mask(lengths, steps: T).transposed()`, `[T, N]`.
  /// - Throws: `RecurrentError.shapeMismatch` if a length is not in `0 ... T`.
  public func mask(_ lengths: Lengths, steps: Int) throws -> Tensor {
    try lengths.check(steps: steps, batchSize: lengths.values.count, on: self, at: "mask")
    return try range(steps) .< lengths.asNumbers().reshaped([lengths.values.count, 1])
  }

  /// The causal mask, `[T, T]`: element (q, t) is 1 if `t ≤ q`, so that no step attends to later ones.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of steps is negative.
  public func causalMask(_ steps: Int) throws -> Tensor {
    let places = try range(steps)
    return try places .<= places.reshaped([steps, 1])
  }

  /// 0, 1, … `count − 1` as float32, `[count]`; exact up to 2²⁴. PyTorch: `torch.arange`.
  /// - Throws: `RecurrentError.shapeMismatch` if the count is negative.
  public func range(_ count: Int) throws -> Tensor {
    try [count].requireLengths(at: "range")
    // Allocate first: the count may exceed memory.
    let region = try allocate(columns: count)
    if count > 0 { try backend.upload((0..<count).map { Float($0) }, to: region) }
    return try Tensor(region, shape: [count], tape: self, slot: nil)
  }
}

extension Lengths {
  /// The lengths as float32 on the device, `[N]`.
  /// - Throws: `RecurrentError.invalidArgument` if they belong to an earlier pass.
  public func asNumbers() throws -> Tensor {
    try check(on: tape, at: "lengths")
    let numbers = try tape.allocate(rows: values.count, columns: 1)
    try tape.backend.encode(Encode(.integer, indices, into: numbers))
    return try Tensor(numbers, shape: [values.count, 1], tape: tape, slot: nil).reshaped([values.count])
  }
}
