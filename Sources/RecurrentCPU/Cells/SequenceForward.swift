import Kernels
import RecurrentCore

/// The packed parameters of a forward pass, valid as long as the workspace that contains them.
struct ForwardWeights {
  let bias: UnsafePointer<Float>
  /// Whether the steps include the input product.
  let fusesInput: Bool
  /// W for the input product, if it precedes the steps and is prepared.
  let inputPanels: UnsafePointer<Float>?
  /// The kernels of a step, each with U and, if it includes the input product, W.
  let phases: [(phase: ForwardPhase, weights: UnsafePointer<Float>, inputWeights: UnsafePointer<Float>?)]
}

/// A forward pass with packed weights.
private struct ForwardPlan {
  let operation: SequenceForward
  let weights: ForwardWeights
  let memory: CellMemory
  let output: Matrix?
  /// x, if the steps include the input product.
  let x: Matrix?
  /// The input product with packed W, if it precedes the steps and is prepared.
  let inputProduct: PackedProduct?
}

extension CPUBackend {
  /// One fused kernel per step: the product with U, the gates, the new state. The input product is computed before,
  /// over all steps, or in each step.
  package func sequenceForward(_ operation: SequenceForward) throws {
    // A step or two: packing U would take longer than reading it.
    guard operation.sequence.steps * operation.sequence.batch > Self.fewRows else {
      return try stepwiseForward(operation)
    }
    let (sequence, fuses) = (operation.sequence, fusesInput(operation.sequence))
    let weights =
      try heldBuffer(sequence.weights.weightIH.buffer)?.weights(of: sequence, fuses: fuses) {
        try pack(sequence, $0, fusing: fuses, preparing: !fuses)
      } ?? pack(sequence, workspace, fusing: fuses)
    try run(plan(operation, weights))
  }

  /// The fused kernels with weights packed once.
  package func prepare(_ operations: [SequenceForward]) throws -> [() throws -> Void] {
    var last: (sequence: CellSequence, weights: ForwardWeights, workspace: Workspace)?
    return try operations.map { operation in
      let sequence = operation.sequence
      let shared = last.flatMap { sequence.sharesWeights(with: $0.sequence) ? $0 : nil }
      let workspace = shared?.workspace ?? Workspace()
      let fuses = sequence.steps * sequence.batch <= Self.fewRows || fusesInput(sequence)
      let weights = try shared?.weights ?? pack(sequence, workspace, fusing: fuses, preparing: !fuses)
      last = (sequence, weights, workspace)
      let plan = try plan(operation, weights)
      return { [self] in try withExtendedLifetime(workspace) { try run(plan) } }
    }
  }

  /// Whether a step includes its part of the input product: if W fits beside U and a thread has the rows for a tile.
  /// This depends on the number of threads, so only if a separate product sums in the same order.
  private func fusesInput(_ sequence: CellSequence) -> Bool {
    guard case .features(let x) = sequence.input, sharing(sequence) == .rows,
      x.columns <= BlockedProduct.longestBlock, sequence.cell.gateRows > Self.fewColumns
    else { return false }
    let weights = sequence.cell.gateRows * (sequence.cell.hiddenSize + x.columns)
    return weights * 4 <= Self.sharedWeights && sequence.batch >= 4 * pool.count
  }

  private func pack(
    _ sequence: CellSequence, _ workspace: Workspace, fusing: Bool, preparing: Bool = false
  ) throws -> ForwardWeights {
    let hidden = sequence.cell.hiddenSize
    let fuses = fusing && !sequence.input.isLookup
    let w = try Matrix(sequence.weights.weightIH).operand(transposed: true)
    let u = try Matrix(sequence.weights.weightHH).operand(transposed: true)
    let uses: [(Workspace.Use, Workspace.Use)] = [(.recurrent, .input), (.candidate, .candidateInput)]
    let phases = try zip(forwardPhases(sequence.cell.kind), uses).map { phase, uses in
      let packed = { (use: Workspace.Use, weights: CPUMatrix, depth: Int) in
        let rows = weights.moved(rows: 0, columns: phase.firstGate * hidden)
        return try self.pack(use, of: workspace, rows, depth: depth, hidden: hidden, gates: phase.gates)
      }
      return (phase, try packed(uses.0, u, hidden), try fuses ? packed(uses.1, w, sequence.cell.inputSize) : nil)
    }
    let product = try preparing ? inputProduct(of: sequence) : nil
    return ForwardWeights(
      bias: UnsafePointer(try bias(sequence, workspace)), fusesInput: fuses,
      inputPanels: try product.map { try pack($0, .input, of: workspace).panels }, phases: phases)
  }

  private func plan(_ operation: SequenceForward, _ weights: ForwardWeights) throws -> ForwardPlan {
    let sequence = operation.sequence
    let product = try weights.inputPanels.flatMap { panels in
      try inputProduct(of: sequence).map { PackedProduct(product: $0, panels: panels) }
    }
    return try ForwardPlan(
      operation: operation, weights: weights, memory: CellMemory(sequence), output: operation.output.map(Matrix.init),
      x: weights.fusesInput ? Matrix(sequence.input.region) : nil, inputProduct: product)
  }

  /// The product of x and W over all steps, in panels; nil if x is a lookup or the product is too narrow for panels.
  private func inputProduct(of sequence: CellSequence) throws -> BlockedProduct? {
    guard case .features(let x) = sequence.input, sequence.cell.gateRows > Self.fewColumns else { return nil }
    let gates = try Matrix(sequence.canonicalReserve().columns(0..<sequence.cell.gateRows))
    let w = try Matrix(sequence.weights.weightIH).operand(transposed: true)
    return try BlockedProduct(
      kernels, Matrix(x).operand(), rows: x.rows, depth: x.columns, scale: 1,
      [ProductTerm(b: w, columns: gates.columns, c: gates.result(adds: false))])
  }

  private func run(_ plan: ForwardPlan) throws {
    let sequence = plan.operation.sequence
    let hidden = sequence.cell.hiddenSize
    try setInitialStates(plan.operation)
    if let product = plan.inputProduct { multiply(product) } else if plan.x == nil { try inputProduct(sequence) }
    let (memory, bias, output, x) = (plan.memory, plan.weights.bias, plan.output, plan.x)
    let startsAtZero = plan.operation.initialH == nil
    plan.weights.phases.withUnsafeBufferPointer { phases in
      runSteps(sequence, phases: phases.count) { index, place, rows, panels in
        let (phase, weights, inputWeights) = phases[index]
        let step = memory.step(place)
        var arguments = memory.forward(step, bias: bias, output: output)
        if place > 0 || !startsAtZero { arguments.weights = weights }
        if let x {
          arguments.inputWeights = inputWeights
          arguments.x = UnsafePointer(x.row(step * memory.batch))
          (arguments.xStride, arguments.inputs) = (x.stride, x.columns)
        }
        phase.kernel(&arguments, CPURange(rows), CPURange(panels ?? 0..<panelCount(hidden, gates: phase.gates)))
      } panels: {
        panelCount(hidden, gates: phases[$0].phase.gates)
      }
    }
    try finish(plan.operation)
  }
}
