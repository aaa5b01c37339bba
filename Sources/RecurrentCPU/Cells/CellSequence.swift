import Kernels
import RecurrentCore

/// How threads share the steps of a sequence.
private enum Sharing {
  /// Each owns rows of the batch and runs through time alone.
  case rows
  /// Each owns hidden units; all meet after every step.
  case units
}

extension CPUBackend {
  /// What fits the second-level cache beside the states: weights up to here are read by every thread.
  private static let sharedWeights = 1 << 20

  /// Rows where every thread can keep all of U in its cache, or where a step is too small to meet after.
  private func sharing(_ sequence: CellSequence) -> Sharing {
    let cell = sequence.cell
    let weights = cell.gateRows * cell.hiddenSize
    let rowsServe = sequence.batch >= 2 * pool.count
    let unitsServe = sequence.batch * weights > 200_000
    return (weights * 4 <= Self.sharedWeights && rowsServe) || !unitsServe ? .rows : .units
  }

  /// x, if a step takes its part of the input product too: where W fits beside U and a thread has the rows for a tile.
  private func fusedInput(_ sequence: CellSequence) throws -> Matrix? {
    guard case .features(let x) = sequence.input, sharing(sequence) == .rows else { return nil }
    let weights = sequence.cell.gateRows * (sequence.cell.hiddenSize + x.columns)
    return weights * 4 <= Self.sharedWeights && sequence.batch >= 4 * pool.count ? try Matrix(x) : nil
  }

  /// Packs W or U, or its transpose, into the panels of a step's kernel over H units.
  private func pack(
    _ use: Workspace.Use, _ weights: CPUMatrix, depth: Int, hidden: Int, gates: Int
  ) throws -> UnsafePointer<Float> {
    let width = kernels.width
    let panels = (0..<panelCount(hidden, gates: gates)).map { cpuCellPanel(hidden, width, gates, $0) }
    let packed = try workspace.floats(use, panels.reduce(0) { $0 + $1.vectors } * width * depth)
    shared(panels.count, isWorthIt: panels.count * width * depth > Self.grain) { part in
      for panel in panels[part] {
        kernels.pack(
          packed + panel.offset * depth, weights.moved(rows: 0, columns: panel.first), depth, panel.columns,
          panel.vectors, gates > 1 ? hidden * weights.columnStride : 0)
      }
    }
    return UnsafePointer(packed)
  }

  /// A fused kernel a step: the product with U, the gates, the new state. The input product comes before, over all steps,
  /// or step by step with it.
  public func sequenceForward(_ operation: SequenceForward) throws {
    let sequence = operation.sequence
    let hidden = sequence.cell.hiddenSize
    // A step or two, as in generating: packing U would take longer than reading it.
    guard sequence.steps * sequence.batch > Self.few else { return try stepwiseForward(operation) }
    try setInitialStates(operation)
    let x = try fusedInput(sequence)
    if x == nil { try inputProduct(sequence) }
    let memory = try CellMemory(sequence)
    let (bias, output) = (try bias(sequence), try operation.output.map(Matrix.init))
    let w = try Matrix(sequence.weights.weightIH).operand(transposed: true)
    let u = try Matrix(sequence.weights.weightHH).operand(transposed: true)
    let uses: [(Workspace.Use, Workspace.Use)] = [(.recurrent, .input), (.candidate, .candidateInput)]
    let phases = try zip(forwardPhases(sequence.cell.kind), uses).map { phase, uses in
      let packed = { (use: Workspace.Use, weights: CPUMatrix, depth: Int) in
        let rows = weights.moved(rows: 0, columns: phase.firstGate * hidden)
        return try self.pack(use, rows, depth: depth, hidden: hidden, gates: phase.gates)
      }
      return (phase, try packed(uses.0, u, hidden), try x.map { try packed(uses.1, w, $0.columns) })
    }
    runSteps(sequence, Array(sequence.order.enumerated()), phases: phases.count) { place, _, step, rows, panels in
      let (phase, weights, inputWeights) = phases[place]
      var arguments = memory.forward(step, bias: bias, output: output)
      arguments.weights = weights
      if let x {
        arguments.inputWeights = inputWeights
        arguments.x = UnsafePointer(x.row(step * sequence.batch))
        (arguments.xStride, arguments.inputs) = (x.stride, x.columns)
      }
      phase.kernel(&arguments, CPURange(rows), CPURange(panels ?? 0..<panelCount(hidden, gates: phase.gates)))
    } panels: {
      panelCount(hidden, gates: phases[$0].0.gates)
    }
    try finish(operation)
  }

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
      return (phase, try pack(use, rows, depth: phase.gates.count * hidden, hidden: hidden, gates: 1))
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

  /// Runs the kernels of every step in order: for a step its phases, one after the other.
  private func runSteps(
    _ sequence: CellSequence, _ order: [(offset: Int, element: Int)], phases: Int,
    _ body: (_ phase: Int, _ place: Int, _ step: Int, _ rows: Range<Int>, _ panels: Range<Int>?) -> Void,
    panels: (Int) -> Int
  ) {
    let cell = sequence.cell
    switch sharing(sequence) {
    case .rows:
      let work = sequence.steps * sequence.batch * cell.gateRows * cell.hiddenSize
      pool.split(sequence.batch, grain: work > 200_000 ? 1 : sequence.batch, partsPerThread: 1) { rows in
        for (place, step) in order {
          for phase in 0..<phases { body(phase, place, step, rows, nil) }
        }
      }
    case .units:
      for (place, step) in order {
        for phase in 0..<phases {
          pool.split(panels(phase), partsPerThread: 1) { body(phase, place, step, 0..<sequence.batch, $0) }
        }
      }
    }
  }
}
