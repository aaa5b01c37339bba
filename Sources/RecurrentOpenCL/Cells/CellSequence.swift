import RecurrentCore

/// One product over all steps for what does not wait for time; the steps themselves in launches of their own or in one; see
/// `Tier`.
extension OpenCLBackend {
  /// Runs a cell over a sequence.
  public func sequenceForward(_ operation: SequenceForward) throws {
    let sequence = operation.sequence
    let plan = cellPlan(sequence, .forward)
    let weights = try recurrentWeights(sequence, .forward) { try scratch(.cellPanels($0), $1) }
    try run(operation, plan, weights) { try inputProduct(sequence) }
  }

  /// Packs W and U once.
  public func prepare(_ operation: SequenceForward) throws -> () throws -> Void {
    let sequence = operation.sequence
    let plan = cellPlan(sequence, .forward)
    let weights = try recurrentWeights(sequence, .forward) { try OpenCLBuffer(context, count: $1) }
    var product = { try self.inputProduct(sequence) }
    if case .features(let x) = sequence.input {
      let gates = try sequence.canonicalReserve().columns(0..<sequence.cell.gateRows)
      product = try prepare(Matmul(x, sequence.weights.weightIH, transposesB: true, into: .set(gates)))
    }
    return {
      // (In SIMT the weights are the same for all plans.)
      let hasLostBarrier = plan.tier == .persistent && self.gridBarrier.hasFailed
      let plan = hasLostBarrier ? self.cellPlan(sequence, .forward) : plan
      try self.run(operation, plan, weights, inputProduct: product)
    }
  }

  private func run(
    _ operation: SequenceForward, _ plan: CellPlan, _ weights: [Region], inputProduct: () throws -> Void
  ) throws {
    try setInitialStates(operation)
    try inputProduct()
    try forwardPass(operation.sequence, plan, output: operation.output, weights: weights).enqueue(on: self)
    try finish(operation)
  }

  /// Back-propagates through a sequence: the steps, then the products of all steps for the gradients of the inputs and the
  /// weights.
  public func sequenceBackward(_ operation: SequenceBackward) throws {
    let sequence = operation.sequence
    let (batch, hidden) = (sequence.batch, sequence.cell.hiddenSize)
    let memory = try scratch(.timeLoop, 2 * batch * hidden)
    let dh = try Region(memory, rows: batch, columns: hidden)
    let dc =
      sequence.cell.kind.hasCellState ? try Region(memory, offset: batch * hidden, rows: batch, columns: hidden) : nil

    try setInitial(operation.dFinalH, dh)
    if let dc { try setInitial(operation.dFinalC, dc) }
    let plan = cellPlan(sequence, .backward)
    let weights = try recurrentWeights(sequence, .backward) { try scratch(.cellPanels($0), $1) }
    try backwardPass(
      sequence, plan, dOutput: operation.dOutput, dh: dh, dc: dc, cuts: sequence.resets != nil, weights: weights
    ).enqueue(on: self)
    if operation.dInitialH != nil { try addRecurrent(sequence, sequence.order[0], to: dh) }
    try finishInitial(operation, dh: dh, dc: dc)
    try parameterGradients(operation)
  }
}
