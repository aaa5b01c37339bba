import Kernels
import RecurrentCore

extension CPUBackend {
  /// One fused kernel a step: the product with U, then the gates' gradients; one product each for the parameters' gradients.
  public func sequenceBackward(_ operation: SequenceBackward) throws {
    let sequence = operation.sequence
    let (cell, hidden) = (sequence.cell, sequence.cell.hiddenSize)
    let state = { (use: Workspace.Use, initial: Region?) in
      let region = try Region(
        self.workspace.buffer(use, sequence.batch * hidden), rows: sequence.batch, columns: hidden)
      try self.setInitial(initial, region)
      return region
    }
    let dhRegion = try state(.dh, operation.dFinalH)
    let dcRegion = cell.kind.hasCellState ? try state(.dc, operation.dFinalC) : nil

    let memory = try CellMemory(sequence)
    let (dh, dc) = (try Matrix(dhRegion), try dcRegion.map(Matrix.init))
    let dOutput = try operation.dOutput.map(Matrix.init)
    let u = try Matrix(sequence.weights.weightHH).operand()
    let phases = try zip(backwardPhases(cell.kind), [Workspace.Use.recurrent, .candidate]).map { phase, use in
      let rows = u.moved(rows: phase.gates.lowerBound * hidden, columns: 0)
      return (phase, try pack(use, of: workspace, rows, depth: phase.gates.count * hidden, hidden: hidden, gates: 1))
    }
    let panelCount = panelCount(hidden, gates: 1)
    let order = Array(sequence.order.reversed().enumerated())
    runSteps(sequence, order, phases: phases.count) { phase, place, step, rows, panels in
      let (kind, weights) = phases[phase]
      var arguments = memory.backward(
        step, cuts: place > 0 && sequence.resets != nil, dOutput: dOutput, dh: dh, dc: dc)
      if kind.isOwn {
        arguments.after = UnsafePointer(arguments.gates + kind.gates.lowerBound * hidden)
        arguments.weights = weights
      } else if place > 0 {
        arguments.after = UnsafePointer(memory.gates(order[place - 1].element))
        arguments.weights = weights
      }
      kind.kernel(&arguments, CPURange(rows), CPURange(panels ?? 0..<panelCount))
    } panels: { _ in
      panelCount
    }
    if operation.dInitialH != nil { try addRecurrent(sequence, sequence.order[0], to: dhRegion) }
    try finishInitial(operation, dh: dhRegion, dc: dcRegion)
    try parameterGradients(operation, memory)
  }
}
