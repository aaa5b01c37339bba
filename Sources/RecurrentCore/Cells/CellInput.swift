/// What a cell reads at each step of a sequence. T steps, N rows, D features, G gates, H units.
public enum CellInput {
  /// x, `[T·N, D]`, which the cell multiplies by its `weightIH`.
  case features(Region)
  /// Rows of `table [V, G·H]` in the place of `x · weightIHᵀ`: T·N of `indices`, each below V; a negative one reads 0.
  ///
  /// Where x are rows of an embedding `E [V, D]`, `E · weightIHᵀ` is such a table: V rows to multiply instead of T·N.
  /// `occurrences` are those of `indices`, for the table's gradient, or nil where nobody wants that.
  case lookup(table: Region, indices: Indices, occurrences: Occurrences?)

  /// x, or the table: what has a gradient.
  public var region: Region {
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

/// What puts `x · Wᵀ` of all steps into a reserve, in the place of the gates.
package enum InputOperation {
  case product(Matmul)
  case lookup(Gather)
}

extension CellSequence {
  /// What puts `x · Wᵀ` of all steps into the reserve.
  package func inputOperation() throws -> InputOperation {
    let gates = try canonicalReserve().columns(0..<cell.gateRows)
    switch input {
    case .features(let x): return try .product(Matmul(x, weights.weightIH, transposesB: true, into: .set(gates)))
    case .lookup(let table, let indices, _): return try .lookup(Gather(table, indices, into: .set(gates)))
    }
  }
}

extension Backend {
  /// Puts `x · Wᵀ` of all steps into the reserve, in the place of the gates.
  package func inputProduct(_ sequence: CellSequence) throws {
    switch try sequence.inputOperation() {
    case .product(let product): try matmul(product)
    case .lookup(let lookup): try gather(lookup)
    }
  }

  /// The gradient of x, or of the table, out of that of `x · Wᵀ`, `gates [T·N, G·H]`.
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
