/// The elementwise part of one time step, which the default time loop needs from a backend.
public enum StepPhase: Int32, Sendable {
  /// The whole step; all of `recurrent` is known.
  case whole
  /// Reset-before GRU, first: r and z, from columns `0 ..< 2H` of `recurrent`; fills slot 3 with `r ⊙ h₋₁`.
  case resetGates
  /// Reset-before GRU, second: n and h, from columns `2H ..< 3H` of `recurrent`.
  case candidate
}

/// One forward step of a cell, after its matrix products. Batch size N, H units, G gates, S reserve slots.
public struct CellStepForward {
  /// The sequence of the step, with its reserve in the canonical layout `[T, N, S, H]`.
  package let sequence: CellSequence
  /// The step, t.
  package let step: Int
  /// The part of the step.
  package let phase: StepPhase
  /// `h₋₁ · Uᵀ` without bias, `[N, G·H]`; 0 in rows that are reset.
  package let recurrent: Region
  /// The destination of h, or of 0 past a row's end, `[T·N, H]`, if lengths are given.
  package let output: Region?

  /// `[N, S·H]`: on entry, `x · Wᵀ` without bias in the first G·H columns; on exit, the reserve of this step.
  package let gates: Region

  /// A step.
  /// - Throws: `RecurrentError.shapeMismatch`.
  package init(_ sequence: CellSequence, step: Int, phase: StepPhase = .whole, recurrent: Region, output: Region?)
    throws
  {
    try require(
      recurrent.rows == sequence.batch && recurrent.columns == sequence.cell.gateRows
        && (output == nil) == (sequence.lengths == nil) && output.map { $0.hasShape(sequence.outputs) } ?? true,
      "\(sequence.cell.kind) step",
      "a recurrent product of \(recurrent.shape), an output of \(output?.shape ?? "nothing")")
    self.sequence = sequence
    self.step = step
    self.phase = phase
    self.recurrent = recurrent
    self.output = output
    self.gates = try sequence.canonicalGates(step)
  }
}

/// One backward step of a cell, without its matrix products.
///
/// On entry `dh` (and `dc`) hold the gradient of this step's state from the step that read it; on exit, that of the state
/// before it, less the part that goes through U, which the caller adds with a matrix product. `gates` holds the
/// activations on entry and the gradients before the activations on exit, in the first G slots; slot 3 of a GRU gets
/// `r ⊙ dn` (reset after), or keeps `r ⊙ h₋₁` (reset before). Past a row's end the gradients are 0 and `dh`, `dc` stay.
public struct CellStepBackward {
  /// The sequence of the step, with its reserve in the canonical layout `[T, N, S, H]`.
  package let sequence: CellSequence
  /// The step, t.
  package let step: Int
  /// The part of the step; `candidate` comes before `resetGates`. `candidate` writes dn and dz to `gates` and `dh ⊙ z`
  /// to `dh`; `resetGates` reads `dn · U_n` from `recurrent`, writes dr to `gates`, and adds `recurrent ⊙ r` to `dh`.
  package let phase: StepPhase
  /// `[N, H]`, for `resetGates` only.
  package let recurrent: Region?
  /// The gradient of the outputs `[T·N, H]`, added to `dh` before anything else (not past a row's end).
  package let dOutput: Region?
  /// `[N, H]`.
  package let dh: Region
  /// `[N, H]`; nil if the cell has no cell state.
  package let dc: Region?
  /// Whether `resets` cuts between this step and the one that read its state: in such rows the incoming `dh` and `dc`
  /// are 0. False for the first step of the backward pass, and for `resetGates`.
  package let cuts: Bool

  /// `[N, S·H]`.
  package let gates: Region

  /// A step.
  /// - Throws: `RecurrentError.shapeMismatch`.
  package init(
    _ sequence: CellSequence, step: Int, phase: StepPhase = .whole, recurrent: Region? = nil, dOutput: Region?,
    dh: Region, dc: Region?, cuts: Bool
  ) throws {
    try require(
      dh.rows == sequence.batch && dh.columns == sequence.cell.hiddenSize
        && (dc != nil) == sequence.cell.kind.hasCellState && (recurrent != nil) == (phase == .resetGates)
        && recurrent.map { $0.hasShape(dh) } ?? true,
      "\(sequence.cell.kind) backward step",
      "a gradient of \(dh.shape), a recurrent one of \(recurrent?.shape ?? "nothing")")
    self.sequence = sequence
    self.step = step
    self.phase = phase
    self.recurrent = recurrent
    self.dOutput = dOutput
    self.dh = dh
    self.dc = dc
    self.cuts = cuts
    self.gates = try sequence.canonicalGates(step)
  }

  /// The step that read this step's state.
  package var reader: Int { sequence.reader(of: step) }
}

extension CellSequence {
  /// The reserve as `[T·N, S·H]`.
  /// - Throws: `RecurrentError.shapeMismatch` if it has another size, and so another layout.
  package func canonicalReserve() throws -> Region {
    try reserve.reshaped(rows: steps * batch, columns: cell.reserveColumns)
  }

  func canonicalGates(_ step: Int) throws -> Region {
    slot(step, of: try canonicalReserve())
  }
}
