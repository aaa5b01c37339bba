import Kernels
import RecurrentCore

extension CPUBackend {
  /// The gradients of x, W, U and the biases, out of the gates' gradients `[T·N, S·H]` that the steps left in the reserve.
  func parameterGradients(_ operation: SequenceBackward, _ memory: CellMemory) throws {
    let sequence = operation.sequence
    try inputGradient(operation, from: sequence.canonicalReserve().columns(0..<sequence.cell.gateRows))
    try biasGradients(operation, memory)
    guard sequence.resets != nil else {
      return try weightGradients(operation, memory, ofInput: true, ofState: true)
    }
    // A reset row read no state: its gates' gradients take no part in that of U.
    try weightGradients(operation, memory, ofInput: true, ofState: false)
    if let resets = memory.resets {
      let reserve = memory.reserve
      let columns = sequence.cell.kind == .gru(.resetBefore) ? sequence.cell.gateRows : reserve.columns
      for row in 0..<reserve.rows where resets[row] != 0 { reserve.row(row).update(repeating: 0, count: columns) }
    }
    try weightGradients(operation, memory, ofInput: false, ofState: true)
  }

  /// The gates' gradients are summed once; both biases take their part.
  private func biasGradients(_ operation: SequenceBackward, _ memory: CellMemory) throws {
    guard operation.dBiasIH != nil || operation.dBiasHH != nil else { return }
    let (cell, hidden) = (operation.sequence.cell, operation.sequence.cell.hiddenSize)
    let sums = try Region(workspace.buffer(.bias, cell.reserveColumns), columns: cell.reserveColumns)
    try reduce(Reduce(over: .rows, operation.sequence.canonicalReserve(), into: .set(sums)))
    if let db = operation.dBiasIH { try copy(Copy(sums.columns(0..<cell.gateRows), into: db)) }
    guard let db = operation.dBiasHH else { return }
    for run in cell.kind.recurrentRuns {
      let part = db.region.columns(run.rows(hidden))
      try copy(Copy(sums.columns(run.columns(hidden)), into: db.adds ? .add(part) : .set(part)))
    }
  }

  /// The gradients of W and U: for each run of gates one transposed left operand, which both share.
  private func weightGradients(
    _ operation: SequenceBackward, _ memory: CellMemory, ofInput: Bool, ofState: Bool
  ) throws {
    let sequence = operation.sequence
    let hidden = sequence.cell.hiddenSize
    let rows = sequence.steps * sequence.batch
    let x = if case .features(let x) = sequence.input { try Matrix(x).operand() } else { nil as CPUMatrix? }
    let states = memory.h.operand(at: sequence.isReversed ? sequence.batch * memory.h.stride : 0)
    let dW = ofInput ? operation.dWeightIH : nil
    let dU = ofState ? operation.dWeightHH : nil

    for part in parts(sequence.cell.kind, states: states, slot3: memory.reserve.operand(at: 3 * hidden)) {
      let term = { (output: Output?, operand: CPUMatrix?) -> ProductTerm? in
        guard let output, let operand else { return nil }
        let region = output.region.rows(part.run.rows(hidden))
        return ProductTerm(b: operand, columns: region.columns, c: try Matrix(region).result(adds: output.adds))
      }
      let terms = [try term(dW, part.readsInput ? x : nil), try term(dU, part.state)].compactMap(\.self)
      try multiply(
        memory.reserve.operand(transposed: true, at: part.run.slot * hidden), rows: part.run.gates.count * hidden,
        depth: rows,
        terms)
    }
  }

  /// A run of gates, and what it read.
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
