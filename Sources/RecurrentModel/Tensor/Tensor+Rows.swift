import RecurrentCore

extension Tensor {
  /// Gathers elements of the first axis by index: `[R, …] → places.shape + […]`. A negative index gives zeros. PyTorch:
  /// `x[places]`.
  ///
  /// The gradient of an element gathered several times is the sum.
  /// - Throws: `RecurrentError.shapeMismatch` if the tensor has fewer than two axes, `.invalidData` if an index is out
  ///   of range.
  public func rows(at places: Tokens) throws -> Tensor {
    guard shape.count > 1 else {
      throw RecurrentError(
        .shapeMismatch, "cannot gather rows of a tensor of shape \(shape)", at: "rows", remedy: "reshape it to two axes"
      )
    }
    guard shape.count == 2 else {
      let rows = try reshaped([shape[0], shape[1...].elementCount]).rows(at: places)
      return try rows.reshaped(places.shape + shape[1...])
    }
    try places.check(below: shape[0], on: tape, at: "rows", remedy: "rows start at 0")
    let y = try tape.allocate(rows: places.indices.count, columns: shape[1])
    try tape.backend.gather(Gather(region, places.indices, into: .set(y)))
    let host = try places.values()
    return try tape.recordWriting(y, shape: places.shape + [shape[1]], from: [self]) { tape, dy, outputs in
      guard let output = outputs[0] else { return }
      if !output.adds { try tape.backend.fill(output.region, with: 0) }
      let occurrences = try tape.upload(Occurrences.of(host), of: host.count)
      try tape.backend.scatterAdd(ScatterAdd(dy, occurrences, into: output.region))
    }
  }
}
