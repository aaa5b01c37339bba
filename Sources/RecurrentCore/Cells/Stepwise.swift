extension Backend {
  /// The forward pass as one input product over all steps, then a recurrent product and a `cellStepForward` per step.
  ///
  /// What a new cell gets for nothing, and what a backend's own fused pass is tested against.
  package func stepwiseForward(_ operation: SequenceForward) throws {
    let sequence = operation.sequence
    let (cell, batch, hidden) = (sequence.cell, sequence.batch, sequence.cell.hiddenSize)
    let u = sequence.weights.weightHH
    let recurrent = try Region(scratch(batch * cell.gateRows), rows: batch, columns: cell.gateRows)

    try setInitialStates(operation)
    try inputProduct(sequence)
    for step in sequence.order {
      let before = sequence.slot(sequence.slotBefore(step), of: sequence.h)
      let run = { (phase: StepPhase) in
        try self.cellStepForward(
          CellStepForward(sequence, step: step, phase: phase, recurrent: recurrent, output: operation.output))
      }
      if cell.kind == .gru(.resetBefore) {
        let (rz, n) = (0..<2 * hidden, 2 * hidden..<3 * hidden)
        try matmul(Matmul(before, u.rows(rz), transposesB: true, into: .set(recurrent.columns(rz))))
        try run(.resetGates)
        let reset = try sequence.canonicalGates(step).columns(3 * hidden..<4 * hidden)
        try matmul(Matmul(reset, u.rows(n), transposesB: true, into: .set(recurrent.columns(n))))
        try run(.candidate)
      } else {
        try matmul(Matmul(before, u, transposesB: true, into: .set(recurrent)))
        try run(.whole)
      }
    }
    try finish(operation)
  }

  /// The backward pass as a `cellStepBackward` and a product with U per step, then one product each for the gradients
  /// of W, U and x over all steps.
  package func stepwiseBackward(_ operation: SequenceBackward) throws {
    let sequence = operation.sequence
    let (cell, batch, hidden) = (sequence.cell, sequence.batch, sequence.cell.hiddenSize)
    let u = sequence.weights.weightHH
    let (dh, dc) = try finalGradients(operation)
    let recurrent = try Region(dh.buffer, offset: 2 * batch * hidden, rows: batch, columns: hidden)

    for (place, step) in sequence.order.reversed().enumerated() {
      let run = { (phase: StepPhase) in
        try self.cellStepBackward(
          CellStepBackward(
            sequence, step: step, phase: phase, recurrent: phase == .resetGates ? recurrent : nil,
            dOutput: operation.dOutput, dh: dh, dc: dc,
            cuts: place > 0 && sequence.resets != nil && phase != .resetGates))
      }
      if cell.kind == .gru(.resetBefore) {
        try run(.candidate)
        let n = 2 * hidden..<3 * hidden
        try matmul(Matmul(sequence.canonicalGates(step).columns(n), u.rows(n), into: .set(recurrent)))
        try run(.resetGates)
      } else {
        try run(.whole)
      }
      try addRecurrent(sequence, step, to: dh)
    }
    try finishInitial(operation, dh: dh, dc: dc)
    try parameterGradients(operation)
  }

  /// The forward pass of a single step whose recurrent product `h₀ · Uᵀ` is known, `[N, G·H]`. Not for a reset-before GRU,
  /// which has two.
  package func singleStepForward(_ operation: SequenceForward, recurrent: Region) throws {
    try setInitialStates(operation)
    try inputProduct(operation.sequence)
    try cellStepForward(
      CellStepForward(operation.sequence, step: 0, recurrent: recurrent, output: operation.output))
    try finish(operation)
  }

  /// The backward pass of `singleStepForward`. The gradient of the initial state lacks the part that goes through U.
  /// - Returns: The gradients of the gates, `[N, S·H]`, of which those in `recurrentRuns` are the gradient of the recurrent
  ///   product.
  package func singleStepBackward(_ operation: SequenceBackward) throws -> Region {
    let sequence = operation.sequence
    let (dh, dc) = try finalGradients(operation)
    try cellStepBackward(
      CellStepBackward(sequence, step: 0, dOutput: operation.dOutput, dh: dh, dc: dc, cuts: false))
    try finishInitial(operation, dh: dh, dc: dc)
    try parameterGradients(operation)
    return try sequence.canonicalReserve()
  }

  /// The gradients of the final states, in scratch memory for three states.
  private func finalGradients(_ operation: SequenceBackward) throws -> (dh: Region, dc: Region?) {
    let (batch, hidden) = (operation.sequence.batch, operation.sequence.cell.hiddenSize)
    let dh = try Region(scratch(3 * batch * hidden), rows: batch, columns: hidden)
    try setInitial(operation.dFinalH, dh)
    guard operation.sequence.cell.kind.hasCellState else { return (dh, nil) }
    let dc = try Region(dh.buffer, offset: batch * hidden, rows: batch, columns: hidden)
    try setInitial(operation.dFinalC, dc)
    return (dh, dc)
  }

  /// Writes the initial states to their slots.
  package func setInitialStates(_ operation: SequenceForward) throws {
    let sequence = operation.sequence
    try setInitial(operation.initialH, sequence.slot(sequence.initialSlot, of: sequence.h))
    if let c = sequence.c { try setInitial(operation.initialC, sequence.slot(sequence.initialSlot, of: c)) }
  }

  /// Copies the final states, if requested, at the end of every forward pass.
  package func finish(_ operation: SequenceForward) throws {
    let sequence = operation.sequence
    for (states, final) in [(sequence.h, operation.finalH), (sequence.c, operation.finalC)] {
      guard let states, let final else { continue }
      try copy(Copy(sequence.slot(sequence.finalSlot, of: states), into: .set(final)))
    }
  }

  /// Writes the initial state, or 0, to its slot, unless it is already there.
  package func setInitial(_ value: Region?, _ state: Region) throws {
    guard let value else { return try fill(state, with: 0) }
    if !value.isSame(as: state) { try copy(Copy(value, into: .set(state))) }
  }

  /// Adds the product of U and the gradients of step t's gates to the gradient of the state that the step read. For a
  /// reset-before GRU, the part of n was already added, through r.
  package func addRecurrent(_ sequence: CellSequence, _ step: Int, to dh: Region) throws {
    let hidden = sequence.cell.hiddenSize
    let gates = try sequence.canonicalGates(step)
    for run in sequence.cell.kind == .gru(.resetBefore) ? [GateRun(0..<2)] : sequence.cell.kind.recurrentRuns {
      let u = sequence.weights.weightHH.rows(run.rows(hidden))
      try matmul(Matmul(gates.columns(run.columns(hidden)), u, into: .add(dh)))
    }
  }

  /// The gradients of the initial states, cut in rows whose first step was reset.
  package func finishInitial(_ operation: SequenceBackward, dh: Region, dc: Region?) throws {
    let sequence = operation.sequence
    let first = sequence.order[0]
    let cut = try sequence.resets(at: first)
    for (gradient, output) in [(dh, operation.dInitialH), (dc, operation.dInitialC)] {
      guard let gradient, let output else { continue }
      if let cut {
        try maskRows(MaskRows(gradient, mask: cut, lengths: sequence.lengths, step: first, into: output))
      } else {
        try copy(Copy(gradient, into: output))
      }
    }
  }

  /// The gradients of W, U, x and the biases, one product each over all T·N rows of the gates' gradients.
  package func parameterGradients(_ operation: SequenceBackward) throws {
    let sequence = operation.sequence
    let hidden = sequence.cell.hiddenSize
    let reserve = try sequence.canonicalReserve()
    let input = reserve.columns(0..<sequence.cell.gateRows)
    let before =
      sequence.isReversed
      ? sequence.h.rows(sequence.batch..<sequence.h.rows) : sequence.h.rows(0..<sequence.steps * sequence.batch)

    try inputGradient(operation, from: input)
    if let dW = operation.dWeightIH, case .features(let x) = sequence.input {
      try matmul(Matmul(input, x, transposesA: true, into: dW))
    }
    if let db = operation.dBiasIH { try reduce(Reduce(over: .rows, input, into: db)) }

    var recurrent = sequence.cell.kind.recurrentRuns.map {
      (gates: reserve.columns($0.columns(hidden)), before: before, rows: $0.rows(hidden))
    }
    if sequence.cell.kind == .gru(.resetBefore) {
      // Its n read r ⊙ h₋₁ instead, which slot 3 keeps.
      let (rz, n) = (0..<2 * hidden, 2 * hidden..<3 * hidden)
      recurrent = [
        (reserve.columns(rz), before, rz), (reserve.columns(n), reserve.columns(3 * hidden..<4 * hidden), n),
      ]
    }
    for part in recurrent {
      if let db = operation.dBiasHH {
        let bias = Output(region: db.region.columns(part.rows), adds: db.adds)
        try reduce(Reduce(over: .rows, part.gates, into: bias))
      }
    }
    guard let dU = operation.dWeightHH else { return }
    let rows = operation.recurrentRows
    if rows.isEmpty && !dU.adds { try fill(dU.region, with: 0) }
    for part in recurrent where !rows.isEmpty {
      // A reset row read no state: its gates' gradients take no part. (All else that reads them is done.)
      if let resets = sequence.resets {
        try maskRows(MaskRows(part.gates, mask: resets, into: .set(part.gates)))
      }
      let weight = Output(region: dU.region.rows(part.rows), adds: dU.adds)
      try matmul(Matmul(part.gates.rows(rows), part.before.rows(rows), transposesA: true, into: weight))
    }
  }
}
