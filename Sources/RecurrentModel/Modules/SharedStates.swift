import RecurrentCore

/// The recurrent product `h₀ · Uᵀ` of a single step whose initial states are rows of a shorter table `[V, H]`: computed once per
/// row of the table. A decoder that predicts several parts of a sequence from one state has such a step.
struct SharedStates {
  /// `[V, G·H]`.
  private let product: Region
  private let indices: Indices
  /// Those of the indices, if the product has a gradient.
  private let occurrences: Occurrences?

  /// The product of a direction, as a tensor and in the form that its passes take; nil if the states are not rows of a table with
  /// at most half as many rows, or the step multiplies something else.
  static func of(_ run: LayerRun, _ direction: Int, steps: Int) throws -> (states: SharedStates, product: Tensor)? {
    guard steps == 1, let states = run.initial?[direction].h, let lookup = states.lookup,
      2 * lookup.table.region.rows <= states.region.rows, run.cell.kind != .gru(.resetBefore), run.resets == nil
    else { return nil }
    lookup.isFolded = true
    let product = try lookup.table.matmul(run.weights[direction].tensors[1], transposed: true)
    let shared = SharedStates(
      product: product.region, indices: lookup.tokens.indices,
      occurrences: try product.needsGradient ? lookup.occurrencesOfIndices() : nil)
    return (shared, product)
  }

  /// The forward pass.
  func forward(_ operation: SequenceForward, on tape: Tape) throws {
    let recurrent = try tape.allocate(rows: operation.sequence.batch, columns: product.columns)
    try tape.backend.gather(Gather(product, indices, into: .set(recurrent)))
    try tape.backend.singleStepForward(operation, recurrent: recurrent)
  }

  /// The backward pass; `dProduct` is the destination of the gradient of the product.
  func backward(_ operation: SequenceBackward, dProduct: Output?, on tape: Tape) throws {
    let gates = try tape.backend.singleStepBackward(operation)
    guard let dProduct, let occurrences else { return }
    let hidden = operation.sequence.cell.hiddenSize
    if !dProduct.adds { try tape.backend.fill(dProduct.region, with: 0) }
    for run in operation.sequence.cell.kind.recurrentRuns {
      try tape.backend.scatterAdd(
        ScatterAdd(gates.columns(run.columns(hidden)), occurrences, into: dProduct.region.columns(run.rows(hidden))))
    }
  }
}
