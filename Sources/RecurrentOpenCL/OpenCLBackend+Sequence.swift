import RecurrentCore

/// Tier T0: one fused kernel a time step (two for a reset-before GRU), everything else one product over all steps.
extension OpenCLBackend {
  /// Runs a cell over a sequence. Default: `stepwiseForward`, a loop over `cellStepForward`.
  public func sequenceForward(_ operation: SequenceForward) throws {
    let sequence = operation.sequence
    let cell = sequence.cell
    try setInitial(operation.initialH, sequence.slot(sequence.initialSlot, of: sequence.h))
    if let c = sequence.c { try setInitial(operation.initialC, sequence.slot(sequence.initialSlot, of: c)) }
    try matmul(
      Matmul(
        sequence.x, sequence.weights.weightIH, transposesB: true,
        into: .set(sequence.canonicalReserve().columns(0..<cell.gateRows))))

    let phases = try forwardPhases(sequence)
    for step in sequence.order {
      for (phase, panels) in phases {
        try stepForward(sequence, step, phase, output: operation.output, recurrent: nil, panels: panels)
      }
    }
    if let finalH = operation.finalH {
      try copy(Copy(sequence.slot(sequence.finalSlot, of: sequence.h), into: .set(finalH)))
    }
    if let finalC = operation.finalC, let c = sequence.c {
      try copy(Copy(sequence.slot(sequence.finalSlot, of: c), into: .set(finalC)))
    }
  }

  /// Back-propagates through a sequence. Default: `stepwiseBackward`, a loop over `cellStepBackward`.
  public func sequenceBackward(_ operation: SequenceBackward) throws {
    let sequence = operation.sequence
    let (batch, hidden) = (sequence.batch, sequence.cell.hiddenSize)
    let memory = try scratch(.timeLoop, 2 * batch * hidden)
    let dh = try Region(memory, rows: batch, columns: hidden)
    let dc =
      sequence.cell.kind.hasCellState ? try Region(memory, offset: batch * hidden, rows: batch, columns: hidden) : nil

    try setInitial(operation.dFinalH, dh)
    if let dc { try setInitial(operation.dFinalC, dc) }
    let phases = try backwardPhases(sequence)
    for (place, step) in sequence.order.reversed().enumerated() {
      for (phase, panels) in phases {
        let receives = place > 0 || phase == .resetGates
        try stepBackward(
          sequence, step, phase, dOutput: operation.dOutput, dh: dh, dc: dc,
          cuts: place > 0 && sequence.resets != nil && phase != .resetGates, recurrent: nil,
          panels: receives ? panels : nil)
      }
    }
    if operation.dInitialH != nil { try addRecurrent(sequence, sequence.order[0], to: dh) }
    try finishInitial(operation, dh: dh, dc: dc)
    try parameterGradients(operation)
  }

  /// The kernels of a forward step, each with its panels of U.
  private func forwardPhases(_ sequence: CellSequence) throws -> [(StepPhase, OpenCLBuffer)] {
    let (u, hidden) = (sequence.weights.weightHH, sequence.cell.hiddenSize)
    let (units, depth) = (2 * style.width, hidden)
    switch sequence.cell.kind {
    case .elman:
      let panels = try scratch(.cellPanels(0), hidden.rounded(up: units) * depth)
      try pack(u, transposes: true, depth: depth, columns: hidden, into: panels)
      return [(.whole, panels)]
    case .lstm, .gru(.resetAfter):
      let gates = sequence.cell.kind.gateCount
      let panels = try scratch(.cellPanels(0), hidden.rounded(up: style.width) * gates * depth)
      try packGates(u, gates: gates, into: panels)
      return [(.whole, panels)]
    case .gru(.resetBefore):
      let rz = try scratch(.cellPanels(0), hidden.rounded(up: style.width) * 2 * depth)
      let n = try scratch(.cellPanels(1), hidden.rounded(up: units) * depth)
      try packGates(u.rows(0..<2 * hidden), gates: 2, into: rz)
      try pack(u.rows(2 * hidden..<3 * hidden), transposes: true, depth: depth, columns: hidden, into: n)
      return [(.resetGates, rz), (.candidate, n)]
    }
  }

  /// The kernels of a backward step, each with its panels of U.
  private func backwardPhases(_ sequence: CellSequence) throws -> [(StepPhase, OpenCLBuffer)] {
    let (u, hidden) = (sequence.weights.weightHH, sequence.cell.hiddenSize)
    let panels = { (place: Int, rows: Range<Int>) in
      let memory = try self.scratch(.cellPanels(place), hidden.rounded(up: 2 * self.style.width) * rows.count)
      try self.pack(u.rows(rows), transposes: false, depth: rows.count, columns: hidden, into: memory)
      return memory
    }
    guard sequence.cell.kind == .gru(.resetBefore) else { return [(.whole, try panels(0, 0..<u.rows))] }
    return [
      (.candidate, try panels(0, 0..<2 * hidden)), (.resetGates, try panels(1, 2 * hidden..<3 * hidden)),
    ]
  }

  /// What U sends back from a step's gates, added to the gradient of the state before it.
  private func addRecurrent(_ sequence: CellSequence, _ step: Int, to dh: Region) throws {
    let (u, hidden) = (sequence.weights.weightHH, sequence.cell.hiddenSize)
    let gates = sequence.slot(step, of: try sequence.canonicalReserve())
    guard case .gru(let convention) = sequence.cell.kind else {
      return try matmul(Matmul(gates, u, into: .add(dh)))
    }
    try matmul(Matmul(gates.columns(0..<2 * hidden), u.rows(0..<2 * hidden), into: .add(dh)))
    guard convention == .resetAfter else { return }
    try matmul(
      Matmul(gates.columns(3 * hidden..<4 * hidden), u.rows(2 * hidden..<3 * hidden), into: .add(dh)))
  }
}

extension Int {
  /// The next multiple of `unit`.
  fileprivate func rounded(up unit: Int) -> Int { (self + unit - 1) / unit * unit }
}
