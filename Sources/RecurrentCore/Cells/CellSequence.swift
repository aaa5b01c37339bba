/// The operands shared by the forward and the backward pass of a sequence. T steps, batch size N, D features, H units.
///
/// States lie in `h` (and `c`), `[T+1, N, H]`. Forward, slot 0 holds the initial state and step t fills slot t + 1.
/// Reversed, slot T holds the initial state and step t, from T − 1 down, fills slot t.
///
/// A row n with a length takes part in steps `0 ..< length`; past them its state is carried unchanged (so that slot T, or
/// slot 0 reversed, always holds the final state), its output is 0, and no gradient enters. Reversed, it thus starts at
/// its own end. Where `resets[t, n]` is not 0, the state is taken as 0 for step t, and no gradient passes back over it.
public struct CellSequence {
  /// The cell.
  package let cell: CellDescriptor
  /// The number of steps, T.
  package let steps: Int
  /// The batch size, N.
  package let batch: Int
  /// Whether time runs from T − 1 to 0.
  package let isReversed: Bool
  /// The input of the cell.
  package let input: CellInput
  /// The parameters.
  package let weights: CellWeights
  /// `[(T+1)·N, H]`.
  package let h: Region
  /// `[(T+1)·N, H]`; nil if the cell has no cell state.
  package let c: Region?
  /// N lengths in `0 ... T`; nil if all steps are valid.
  package let lengths: Indices?
  /// T·N reset marks; nil for no reset. Those past a row's end are ignored.
  package let resets: Indices?
  /// A row of `backend.reserveCount(…)` elements, saved by the forward pass and overwritten by the backward pass.
  package let reserve: Region

  /// The operands of a sequence.
  /// - Throws: `RecurrentError.shapeMismatch`.
  package init(
    _ cell: CellDescriptor, steps: Int, batch: Int, isReversed: Bool = false, input: CellInput, weights: CellWeights,
    h: Region, c: Region? = nil, lengths: Indices? = nil, resets: Indices? = nil, reserve: Region
  ) throws {
    let state = { (state: Region) in state.rows == (steps + 1) * batch && state.columns == cell.hiddenSize }
    try require(steps >= 1 && batch >= 1, "\(cell.kind)", "\(steps) steps of \(batch) rows")
    try input.require(for: cell, rows: steps * batch)
    try require(weights.fit(cell), "\(cell.kind)", "weights that do not fit \(cell)")
    try require(
      state(h) && (c.map(state) ?? true) && (c != nil) == cell.kind.hasCellState, "\(cell.kind)",
      "states of \(h.shape), not [\(steps + 1)·\(batch), \(cell.hiddenSize)]")
    try require(
      lengths.map { $0.count == batch } ?? true && resets.map { $0.count == steps * batch } ?? true, "\(cell.kind)",
      "\(lengths?.count ?? 0) lengths, \(resets?.count ?? 0) resets for \(steps) steps of \(batch) rows")
    try require(reserve.isContiguous, "\(cell.kind)", "a reserve with gaps")
    self.cell = cell
    self.steps = steps
    self.batch = batch
    self.isReversed = isReversed
    self.input = input
    self.weights = weights
    self.h = h
    self.c = c
    self.lengths = lengths
    self.resets = resets
    self.reserve = reserve
  }

  /// Whether both can share packed parameters: the same parameters and shape.
  package func sharesWeights(with other: CellSequence) -> Bool {
    cell == other.cell && steps == other.steps && batch == other.batch && input.isLookup == other.input.isLookup
      && weights.areSame(as: other.weights)
  }

  /// The slot of the initial state.
  package var initialSlot: Int { isReversed ? steps : 0 }
  /// The slot of the final state.
  package var finalSlot: Int { isReversed ? 0 : steps }
  /// The slot that step t reads.
  package func slotBefore(_ step: Int) -> Int { isReversed ? step + 1 : step }
  /// The slot that step t writes.
  package func slotAfter(_ step: Int) -> Int { isReversed ? step : step + 1 }
  /// The step that reads the state of step t.
  package func reader(of step: Int) -> Int { isReversed ? step - 1 : step + 1 }
  /// The N resets of step t; nil where there are none.
  /// - Throws: `RecurrentError.shapeMismatch` if there is no such step.
  package func resets(at step: Int) throws -> Indices? {
    try resets.map { try Indices($0.buffer, offset: $0.offset + step * batch, count: batch) }
  }
  /// The rows of a slot.
  package func slot(_ slot: Int, of states: Region) -> Region { states.rows(slot * batch..<(slot + 1) * batch) }
  /// The steps in the order in which the forward pass takes them.
  package var order: [Int] { isReversed ? (0..<steps).reversed() : Array(0..<steps) }
  /// The T·N rows that are the outputs where no lengths are given.
  package var outputs: Region { isReversed ? h.rows(0..<steps * batch) : h.rows(batch..<(steps + 1) * batch) }

  /// Floating-point operations of the matrix products of a forward pass; a backward pass has twice as many.
  package var flops: Int {
    let inputs = if case .features(let x) = input { x.columns } else { 0 }
    return 2 * steps * batch * cell.gateRows * (inputs + cell.hiddenSize)
  }
}

/// Runs a cell over a sequence.
public struct SequenceForward {
  /// The sequence.
  package let sequence: CellSequence
  /// `[N, H]`; nil for 0. A state that is already in its slot is not copied.
  package let initialH: Region?
  /// `[N, H]`; nil for 0; like `initialH`.
  package let initialC: Region?
  /// The destination of a copy of the final state, `[N, H]`; nil for none.
  package let finalH: Region?
  /// The destination of a copy of the final cell state, `[N, H]`; nil for none.
  package let finalC: Region?
  /// The states with 0 past each row's end, `[T·N, H]`; given if and only if lengths are.
  package let output: Region?

  /// A forward pass.
  /// - Throws: `RecurrentError.shapeMismatch`.
  package init(
    _ sequence: CellSequence, initialH: Region? = nil, initialC: Region? = nil, finalH: Region? = nil,
    finalC: Region? = nil, output: Region? = nil
  ) throws {
    let cell = sequence.cell
    for state in [initialH, initialC, finalH, finalC] {
      try require(
        state.map { $0.rows == sequence.batch && $0.columns == cell.hiddenSize } ?? true, "\(cell.kind)",
        "a state of \(state?.shape ?? ""), not [\(sequence.batch), \(cell.hiddenSize)]")
    }
    try require(
      (output == nil) == (sequence.lengths == nil) && output.map { $0.hasShape(sequence.outputs) } ?? true,
      "\(cell.kind)", "an output without lengths, or lengths without an output")
    self.sequence = sequence
    self.initialH = initialH
    self.initialC = initialC
    self.finalH = finalH
    self.finalC = finalC
    self.output = output
  }
}

/// Backpropagates through a sequence, after its forward pass. Consumes the reserve.
public struct SequenceBackward {
  /// The sequence, after the forward pass.
  package let sequence: CellSequence
  /// The gradient of the outputs `[T·N, H]`, or nil for 0. Ignored past a row's end.
  package let dOutput: Region?
  /// The gradient of the final state `[N, H]`, or nil for 0.
  package let dFinalH: Region?
  /// The gradient of the final cell state `[N, H]`, or nil for 0.
  package let dFinalC: Region?
  /// The gradient of the input `[T·N, D]`, or of the table `[V, G·H]`; nil if not needed.
  package let dInput: Output?
  /// The gradient of the initial state `[N, H]`.
  package let dInitialH: Output?
  /// The gradient of the initial cell state `[N, H]`.
  package let dInitialC: Output?
  /// The gradient of `weightIH`; nil for a lookup, which does not read it.
  package let dWeightIH: Output?
  /// The gradient of `weightHH`.
  package let dWeightHH: Output?
  /// The gradient of `biasIH`.
  package let dBiasIH: Output?
  /// The gradient of `biasHH`.
  package let dBiasHH: Output?
  /// Whether the initial state is 0, so that the first step adds nothing to the gradient of `weightHH`.
  package let startsAtZero: Bool

  /// A backward pass.
  /// - Throws: `RecurrentError.shapeMismatch`.
  package init(
    _ sequence: CellSequence, dOutput: Region? = nil, dFinalH: Region? = nil, dFinalC: Region? = nil,
    dInput: Output? = nil, dInitialH: Output? = nil, dInitialC: Output? = nil, dWeightIH: Output? = nil,
    dWeightHH: Output? = nil, dBiasIH: Output? = nil, dBiasHH: Output? = nil, startsAtZero: Bool = false
  ) throws {
    let weights = sequence.weights
    let state = sequence.slot(0, of: sequence.h)
    let pairs: [(Region?, Region?, String)] = [
      (dOutput, sequence.outputs, "outputs"), (dFinalH, state, "final state"), (dFinalC, state, "final cell state"),
      (dInput?.region, sequence.input.region, "input"), (dInitialH?.region, state, "initial state"),
      (dInitialC?.region, state, "initial cell state"), (dWeightIH?.region, weights.weightIH, "weightIH"),
      (dWeightHH?.region, weights.weightHH, "weightHH"), (dBiasIH?.region, weights.biasIH, "biasIH"),
      (dBiasHH?.region, weights.biasHH, "biasHH"),
    ]
    for (gradient, value, name) in pairs {
      guard let gradient else { continue }
      try require(
        value.map { gradient.hasShape($0) } ?? false, "\(sequence.cell.kind) backward",
        "a gradient of \(gradient.shape) for the \(name), which is \(value?.shape ?? "absent")")
    }
    if case .lookup(_, _, let occurrences) = sequence.input {
      try require(
        dWeightIH == nil && (dInput == nil || occurrences != nil), "\(sequence.cell.kind) backward",
        "a lookup has no gradient of weightIH, and needs the token counts for the table's gradient")
    }
    self.sequence = sequence
    self.dOutput = dOutput
    self.dFinalH = dFinalH
    self.dFinalC = dFinalC
    self.dInput = dInput
    self.dInitialH = dInitialH
    self.dInitialC = dInitialC
    self.dWeightIH = dWeightIH
    self.dWeightHH = dWeightHH
    self.dBiasIH = dBiasIH
    self.dBiasHH = dBiasHH
    self.startsAtZero = startsAtZero
  }

  /// The steps up to which a first step from 0 is left out of the gradient of `weightHH`: of longer sequences it is a small
  /// part, and without it their sums would be cut elsewhere.
  private static let fewSteps = 4

  /// The rows of the gates' gradients `[T·N, …]` that the gradient of `weightHH` sums.
  package var recurrentRows: Range<Int> {
    let all = 0..<sequence.steps * sequence.batch
    guard startsAtZero, sequence.steps <= Self.fewSteps else { return all }
    return sequence.isReversed ? all.dropLast(sequence.batch) : all.dropFirst(sequence.batch)
  }
}
