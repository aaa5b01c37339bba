import RecurrentCore

extension OpenCLBackend {
  /// The part of a forward step that is not a matrix product.
  package func cellStepForward(_ operation: CellStepForward) throws {
    let plan = stepPlan(operation.sequence)
    let pass = try forwardPass(
      operation.sequence, plan, output: operation.output, recurrent: operation.recurrent, weights: nil)
    try pass.enqueue(operation.step, operation.phase == .candidate ? 1 : 0, on: self)
  }

  /// The part of a backward step that is not a matrix product.
  package func cellStepBackward(_ operation: CellStepBackward) throws {
    let plan = stepPlan(operation.sequence)
    let pass = try backwardPass(
      operation.sequence, plan, dOutput: operation.dOutput, dh: operation.dh, dc: operation.dc, cuts: operation.cuts,
      recurrent: operation.recurrent, weights: nil)
    try pass.enqueue(operation.step, operation.phase == .resetGates ? 1 : 0, on: self)
  }

  /// One step, after its products.
  private func stepPlan(_ sequence: CellSequence) -> CellPlan {
    var plan = cellPlan(sequence, .forward, in: .step)
    plan.groupRows = plan.tile.height
    return plan
  }
}
