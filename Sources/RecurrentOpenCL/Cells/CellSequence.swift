import RecurrentCore

/// Tier T0: one fused kernel a time step (two for a reset-before GRU), everything else one product over all steps.
extension OpenCLBackend {
  /// Runs a cell over a sequence: one product of the inputs of all steps, then a kernel for each phase of each step.
  public func sequenceForward(_ operation: SequenceForward) throws {
    let sequence = operation.sequence
    try setInitialStates(operation)
    try inputProduct(sequence)
    let phases = try forwardPhases(sequence)
    for step in sequence.order {
      for (phase, panels) in phases {
        try stepForward(sequence, step, phase, output: operation.output, recurrent: nil, panels: panels)
      }
    }
    try finish(operation)
  }

  /// Back-propagates through a sequence: a kernel for each phase of each step, then the products of all steps for the
  /// gradients of the inputs and the weights.
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
}

extension Int {
  /// The next multiple of `unit`.
  fileprivate func rounded(up unit: Int) -> Int { (self + unit - 1) / unit * unit }
}
