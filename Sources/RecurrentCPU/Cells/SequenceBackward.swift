import Kernels
import RecurrentCore

extension CPUBackend {
  /// One fused kernel per step: the product with U, then the gradients of the gates; one product each for the gradients
  /// of the parameters.
  package func sequenceBackward(_ operation: SequenceBackward) throws {
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
      // A single step has none after it, whose gates' gradients it would multiply.
      guard phase.isOwn || sequence.steps > 1 else { return (phase, nil as UnsafePointer<Float>?) }
      let rows = u.moved(rows: phase.gates.lowerBound * hidden, columns: 0)
      return (phase, try pack(use, of: workspace, rows, depth: phase.gates.count * hidden, hidden: hidden, gates: 1))
    }
    let panelCount = panelCount(hidden, gates: 1)
    let (last, cuts) = (sequence.steps - 1, sequence.resets != nil)
    let run = { (phase: Int, place: Int, rows: Range<Int>, panels: Range<Int>?) in
      let (kind, weights) = phases[phase]
      var arguments = memory.backward(
        memory.step(last - place), cuts: place > 0 && cuts, dOutput: dOutput, dh: dh, dc: dc)
      if kind.isOwn {
        arguments.after = UnsafePointer(arguments.gates + kind.gates.lowerBound * hidden)
        arguments.weights = weights
      } else if place > 0 {
        arguments.after = UnsafePointer(memory.gates(memory.step(last - place + 1)))
        arguments.weights = weights
      }
      kind.kernel(&arguments, CPURange(rows), CPURange(panels ?? 0..<panelCount))
    }
    let gradients = ownsRows(sequence) ? try RowGradients(self, operation, memory) : nil
    if let gradients {
      runRows(sequence, gradients) { place, rows in
        for phase in phases.indices { run(phase, place, rows, nil) }
        gradients.addInput(memory.step(last - place), rows)
      }
    } else {
      runSteps(sequence, phases: phases.count, run) { _ in panelCount }
    }
    if operation.dInitialH != nil { try addRecurrent(sequence, sequence.order[0], to: dhRegion) }
    try finishInitial(operation, dh: dhRegion, dc: dcRegion)
    guard let gradients else { return try parameterGradients(operation, memory) }
    try gradients.finish()
    if case .lookup = sequence.input {
      try inputGradient(operation, from: sequence.canonicalReserve().columns(0..<cell.gateRows))
    }
  }

  /// Whether threads own rows of the batch throughout: if all weights fit a thread's cache, and each block of rows has
  /// enough steps to justify separate sums, which are as large as the weights. Determined by the shape alone.
  private func ownsRows(_ sequence: CellSequence) -> Bool {
    let inputs = if case .features(let x) = sequence.input { x.columns } else { 0 }
    let weights = sequence.cell.gateRows * (sequence.cell.hiddenSize + inputs)
    let blocks = RowGradients.blocks(sequence.batch)
    return weights * 4 <= Self.sharedWeights && sequence.resets == nil && blocks > 1
      && sequence.steps * sequence.batch >= 64 * blocks
  }

  /// Runs backward through time in the rows of each thread: for each block of time its steps, then their contributions
  /// to the gradients.
  private func runRows(_ sequence: CellSequence, _ gradients: RowGradients, _ step: (Int, Range<Int>) -> Void) {
    let parts = gradients.parts
    let timeBlocks = (0..<gradients.timeBlocks).map { sequence.isReversed ? $0 : gradients.timeBlocks - 1 - $0 }
    pool.split(parts, grain: isShared(sequence) ? 1 : parts, partsPerThread: 1) { own in
      for part in own {
        let blocks = gradients.blocks * part / parts..<gradients.blocks * (part + 1) / parts
        let rows = gradients.rows(blocks)
        var place = 0
        for timeBlock in timeBlocks {
          for _ in gradients.steps(timeBlock) {
            step(place, rows)
            place += 1
          }
          for block in blocks {
            gradients.addSteps(block, timeBlock, isFirst: timeBlock == timeBlocks[0], part: part)
          }
        }
      }
    }
  }
}
