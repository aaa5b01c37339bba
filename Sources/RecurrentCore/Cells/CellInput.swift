/// The input of a cell at each step of a sequence. T steps, batch size N, D features, G gates, H units.
public enum CellInput {
  /// The features x, `[T·N, D]`, multiplied by `weightIH`.
  case features(Region)
  /// Rows of `table [V, G·H]` instead of `x · weightIHᵀ`: T·N `indices` below V; a negative index gives 0.
  ///
  /// If x are rows of an embedding `E [V, D]`, `E · weightIHᵀ` is such a table: V rows to multiply instead of T·N.
  /// `occurrences` are those of `indices`, for the gradient of the table; nil if it is not needed.
  case lookup(table: Region, indices: Indices, occurrences: Occurrences?)

  /// The region with a gradient: x or the table.
  package var region: Region {
    switch self {
    case .features(let x): x
    case .lookup(let table, _, _): table
    }
  }

  /// Whether it is `lookup`.
  package var isLookup: Bool { if case .lookup = self { true } else { false } }

  func require(for cell: CellDescriptor, rows: Int) throws {
    switch self {
    case .features(let x):
      try RecurrentCore.require(
        x.rows == rows && x.columns == cell.inputSize, "\(cell.kind)",
        "an input of \(x.shape), not \(rows) × \(cell.inputSize)")
    case .lookup(let table, let indices, _):
      try RecurrentCore.require(
        indices.count == rows && table.columns == cell.gateRows, "\(cell.kind)",
        "\(indices.count) rows of \(table.shape), not \(rows) rows of \(cell.gateRows) columns")
    }
  }
}

/// The operation that writes `x · Wᵀ` of all steps to a reserve, in the slots of the gates.
package enum InputOperation {
  case product(Matmul)
  case lookup(Gather)
}

extension CellSequence {
  /// The operation that writes `x · Wᵀ` of all steps to the reserve.
  package func inputOperation() throws -> InputOperation {
    let gates = try canonicalReserve().columns(0..<cell.gateRows)
    switch input {
    case .features(let x): return try .product(Matmul(x, weights.weightIH, transposesB: true, into: .set(gates)))
    case .lookup(let table, let indices, _): return try .lookup(Gather(table, indices, into: .set(gates)))
    }
  }
}

extension Backend {
  /// Writes `x · Wᵀ` of all steps to the reserve, in the slots of the gates.
  package func inputProduct(_ sequence: CellSequence) throws {
    switch try sequence.inputOperation() {
    case .product(let product): try matmul(product)
    case .lookup(let lookup): try gather(lookup)
    }
  }

  /// Computes the gradient of x, or of the table, from that of `x · Wᵀ`, `gates [T·N, G·H]`.
  package func inputGradient(_ operation: SequenceBackward, from gates: Region) throws {
    guard let dInput = operation.dInput else { return }
    switch operation.sequence.input {
    case .features: try matmul(Matmul(gates, operation.sequence.weights.weightIH, into: dInput))
    case .lookup(_, _, let occurrences):
      if !dInput.adds { try fill(dInput.region, with: 0) }
      if let occurrences { try scatterAdd(ScatterAdd(gates, occurrences, into: dInput.region)) }
    }
  }
}
