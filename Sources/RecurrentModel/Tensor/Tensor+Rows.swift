import RecurrentCore

extension Tensor {
  /// Gathers elements of the first axis by index: `[R, …] → places.shape + […]`. A negative index gives zeros. PyTorch:
  /// `x[places]`.
  ///
  /// The gradient of an element gathered several times is the sum. A recurrent layer that reads rows of a tensor with
  /// two axes multiplies the tensor instead, if it has at most half as many rows.
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
    return try gathered(at: places)
  }

  /// Some rows of the second of three axes: `[L, N, D] → [L, rows, D]`.
  /// - Throws: `RecurrentError.invalidData` if a row is out of range.
  func rowsOfSecondAxis(_ rows: [Int32]) throws -> Tensor {
    let (layers, count, width) = (shape[0], shape[1], shape[2])
    let places = (0..<layers).flatMap { layer in rows.map { Int32(layer * count) + $0 } }
    return try reshaped([layers * count, width]).rows(at: tape.labels(places)).reshaped([layers, rows.count, width])
  }

  /// Rows of this table `[V, D]` by checked index; the result remembers the table.
  func gathered(at places: Tokens) throws -> Tensor {
    let y = try tape.allocate(rows: places.indices.count, columns: shape[1])
    try tape.backend.gather(Gather(region, places.indices, into: .set(y)))
    let occurrences = needsGradient ? try places.occurrences() : nil
    var rows = try tape.recordWriting(y, shape: places.shape + [shape[1]], from: [self]) { tape, dy, outputs in
      guard let output = outputs[0], let occurrences else { return }
      if !output.adds { try tape.backend.fill(output.region, with: 0) }
      try tape.backend.scatterAdd(ScatterAdd(dy, occurrences, into: output.region))
    }
    rows.lookup = Lookup(table: self, tokens: places, occurrences: occurrences)
    return rows
  }
}

/// The table and the row indices that a tensor was gathered from.
final class Lookup {
  /// `[V, D]`.
  let table: Tensor
  /// One index per row of the tensor.
  let tokens: Tokens
  /// The occurrences of the indices, if the table has a gradient.
  let occurrences: Occurrences?
  /// Whether a layer read the table in place of the tensor, so that the gradient goes to the table.
  var isFolded = false

  init(table: Tensor, tokens: Tokens, occurrences: Occurrences?) {
    self.table = table
    self.tokens = tokens
    self.occurrences = occurrences
  }

  /// The occurrences of the indices on the device.
  func occurrencesOfIndices() throws -> Occurrences {
    try occurrences ?? tokens.occurrences()
  }
}
