import Kernels
import RecurrentCore

extension CPUBackend {
  /// The gradients of x, W, U and the biases, from the gradients of the gates `[T·N, S·H]` in the reserve.
  func parameterGradients(_ operation: SequenceBackward, _ memory: CellMemory) throws {
    let sequence = operation.sequence
    try inputGradient(operation, from: sequence.canonicalReserve().columns(0..<sequence.cell.gateRows))
    if operation.dBiasIH != nil || operation.dBiasHH != nil {
      let columns = sequence.cell.reserveColumns
      let sums = try Region(workspace.buffer(.bias, columns), columns: columns)
      try reduce(Reduce(over: .rows, sequence.canonicalReserve(), into: .set(sums)))
      try biasGradients(operation, sums: sums)
    }
    let all = 0..<sequence.steps * sequence.batch
    guard sequence.resets != nil || operation.recurrentRows != all else {
      return try weightGradients(operation, memory, ofInput: true, ofState: true, all)
    }
    // A row that was reset, or starts at 0, read no state: its gates' gradients take no part in that of U.
    try weightGradients(operation, memory, ofInput: true, ofState: false, all)
    if let resets = memory.resets {
      let reserve = memory.reserve
      let columns = sequence.cell.kind == .gru(.resetBefore) ? sequence.cell.gateRows : reserve.columns
      for row in 0..<reserve.rows where resets[row] != 0 { reserve.row(row).update(repeating: 0, count: columns) }
    }
    try weightGradients(operation, memory, ofInput: false, ofState: true, operation.recurrentRows)
  }

  /// Adds the sums of the gates to the gradients of both biases.
  func biasGradients(_ operation: SequenceBackward, sums: Region) throws {
    let (cell, hidden) = (operation.sequence.cell, operation.sequence.cell.hiddenSize)
    if let db = operation.dBiasIH { try copy(Copy(sums.columns(0..<cell.gateRows), into: db)) }
    guard let db = operation.dBiasHH else { return }
    for run in cell.kind.recurrentRuns {
      let part = db.region.columns(run.rows(hidden))
      try copy(Copy(sums.columns(run.columns(hidden)), into: db.adds ? .add(part) : .set(part)))
    }
  }

  /// Sums the products of some rows of the gates' gradients.
  private func weightGradients(
    _ operation: SequenceBackward, _ memory: CellMemory, ofInput: Bool, ofState: Bool, _ rows: Range<Int>
  ) throws {
    for product in try gradientProducts(operation, memory, ofInput: ofInput, ofState: ofState) {
      let terms = product.terms.map {
        ProductTerm(b: $0.b.moved(rows: rows.lowerBound, columns: 0), columns: $0.columns, c: $0.c)
      }
      try multiply(
        product.a.moved(rows: 0, columns: rows.lowerBound), rows: product.rows, depth: rows.count, terms)
    }
  }

  /// A product for gradients: one left operand for all terms.
  typealias GradientProduct = (a: CPUMatrix, rows: Int, terms: [ProductTerm])

  /// The products for the gradients of W and U: one transposed left operand per run of gates, shared by both.
  func gradientProducts(
    _ operation: SequenceBackward, _ memory: CellMemory, ofInput: Bool = true, ofState: Bool = true
  ) throws -> [GradientProduct] {
    let sequence = operation.sequence
    let hidden = sequence.cell.hiddenSize
    let x = if case .features(let x) = sequence.input { try Matrix(x).operand() } else { nil as CPUMatrix? }
    let states = memory.h.operand(at: sequence.isReversed ? sequence.batch * memory.h.stride : 0)
    let dW = ofInput ? operation.dWeightIH : nil
    let dU = ofState ? operation.dWeightHH : nil

    return try parts(sequence.cell.kind, states: states, slot3: memory.reserve.operand(at: 3 * hidden)).compactMap {
      part in
      let term = { (output: Output?, operand: CPUMatrix?) -> ProductTerm? in
        guard let output, let operand else { return nil }
        let region = output.region.rows(part.run.rows(hidden))
        return ProductTerm(b: operand, columns: region.columns, c: try Matrix(region).result(adds: output.adds))
      }
      let terms = [try term(dW, part.readsInput ? x : nil), try term(dU, part.state)].compactMap(\.self)
      let gates = memory.reserve.operand(transposed: true, at: part.run.slot * hidden)
      return terms.isEmpty ? nil : (gates, part.run.gates.count * hidden, terms)
    }
  }

  /// A run of gates, and its inputs.
  private typealias Part = (run: GateRun, readsInput: Bool, state: CPUMatrix?)

  private func parts(_ kind: CellKind, states: CPUMatrix, slot3: CPUMatrix) -> [Part] {
    switch kind {
    case .elman, .lstm: [(GateRun(0..<kind.gateCount), true, states)]
    case .gru(.resetAfter):
      [(GateRun(0..<2), true, states), (GateRun(2..<3), true, nil), (GateRun(2..<3, slot: 3), false, states)]
    case .gru(.resetBefore): [(GateRun(0..<2), true, states), (GateRun(2..<3), true, slot3)]
    }
  }
}
