import RecurrentCore

/// One product over all steps for the parts that do not depend on time; the steps in one launch each, or in one for
/// all; see `Tier`.
extension OpenCLBackend {
  /// Runs a cell over a sequence.
  package func sequenceForward(_ operation: SequenceForward) throws {
    let sequence = operation.sequence
    let plan = cellPlan(sequence, .forward)
    let weights = try recurrentWeights(sequence, .forward) { try scratch(.cellPanels($0), $1) }
    try setInitialStates(operation)
    try inputProduct(sequence)
    try forwardPass(
      sequence, plan, output: operation.output, weights: weights, startsAtZero: operation.initialH == nil
    ).enqueue(on: self)
    try finish(operation)
  }

  /// Packs W and U once, and sets the arguments of all launches once.
  package func prepare(_ operations: [SequenceForward]) throws -> [() throws -> Void] {
    var last: (sequence: CellSequence, weights: [Region])?
    return try zip(operations, prepareInputs(operations.map(\.sequence))).map { operation, inputs in
      let sequence = operation.sequence
      let shared = last.flatMap { sequence.sharesWeights(with: $0.sequence) ? $0.weights : nil }
      let weights = try shared ?? recurrentWeights(sequence, .forward) { try OpenCLBuffer(context, count: $1) }
      last = (sequence, weights)
      let bound = { [self] in
        try forwardPass(
          sequence, cellPlan(sequence, .forward), output: operation.output, weights: weights,
          startsAtZero: operation.initialH == nil, keeps: true)
      }
      var pass = try bound()
      return { [self] in
        // (In SIMT the weights are the same for all plans.)
        if let grid = pass.grid, !gridBarrier.isUsable(grid) { pass = try bound() }
        try setInitialStates(operation)
        try inputs()
        try pass.enqueue(on: self)
        try finish(operation)
      }
    }
  }

  /// The prepared operations that write `x · Wᵀ` of all steps to the reserves.
  private func prepareInputs(_ sequences: [CellSequence]) throws -> [() throws -> Void] {
    let inputs = try sequences.map { try $0.inputOperation() }
    let products = inputs.compactMap { if case .product(let product) = $0 { product } else { nil as Matmul? } }
    if products.count == inputs.count { return try prepare(products) }
    return try inputs.map { input in
      switch input {
      case .product(let product): try prepare(product)
      case .lookup(let gather): try bound(gatherLaunch(gather))
      }
    }
  }

  /// Backpropagates through a sequence: the steps, then the products over all steps for the gradients of inputs and
  /// weights.
  package func sequenceBackward(_ operation: SequenceBackward) throws {
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
