import Kernels
import RecurrentCore

/// The operands shared by the steps of a sequence, in the form of the kernels: only numbers and pointers, since threads
/// copy it. Batch size N, H units, S reserve slots.
struct CellMemory {
  let batch: Int
  private let steps: Int
  private let isReversed: Bool
  private let hidden: Int
  private let activation: Int32
  let h: Matrix
  let c: Matrix?
  /// `[T·N, S·H]`.
  let reserve: Matrix
  let lengths: UnsafePointer<Int32>?
  let resets: UnsafePointer<Int32>?

  init(_ sequence: CellSequence) throws {
    (batch, steps, isReversed) = (sequence.batch, sequence.steps, sequence.isReversed)
    hidden = sequence.cell.hiddenSize
    activation = if case .elman(let activation) = sequence.cell.kind { activation.rawValue } else { 0 }
    h = try Matrix(sequence.h)
    c = try sequence.c.map(Matrix.init)
    reserve = try Matrix(sequence.canonicalReserve())
    lengths = try sequence.lengths.map { UnsafePointer(try Integers($0).data) }
    resets = try sequence.resets.map { UnsafePointer(try Integers($0).data) }
  }

  func gates(_ step: Int) -> UnsafeMutablePointer<Float> { reserve.row(step * batch) }

  func resets(_ step: Int) -> UnsafePointer<Int32>? { resets.map { $0 + step * batch } }

  /// The step at an index of the forward pass's order.
  func step(_ place: Int) -> Int { isReversed ? steps - 1 - place : place }

  /// The first rows of the states that a step reads and writes.
  private func rows(_ step: Int) -> (before: Int, after: Int) {
    isReversed ? ((step + 1) * batch, step * batch) : (step * batch, (step + 1) * batch)
  }

  /// A forward step without its products.
  func forward(_ step: Int, bias: UnsafePointer<Float>, output: Matrix?) -> CPUCellForward {
    let (before, after) = rows(step)
    return CPUCellForward(
      hidden: hidden, step: Int32(step), activation: activation, lengths: lengths, resets: resets(step),
      inputWeights: nil, x: nil, xStride: 0, inputs: 0, weights: nil, recurrent: nil, recurrentStride: 0, bias: bias,
      hBefore: h.row(before), h: h.row(after), hStride: h.stride, cBefore: c?.row(before), c: c?.row(after),
      cStride: c?.stride ?? 0, gates: gates(step), gatesStride: reserve.stride, output: output?.row(step * batch),
      outputStride: output?.stride ?? 0)
  }

  /// A backward step without its product.
  func backward(_ step: Int, cuts: Bool, dOutput: Matrix?, dh: Matrix, dc: Matrix?) -> CPUCellBackward {
    let (before, after) = rows(step)
    let reader = isReversed ? step - 1 : step + 1
    return CPUCellBackward(
      hidden: hidden, step: Int32(step), reader: Int32(reader), activation: activation, lengths: lengths,
      resets: resets(step), cuts: cuts ? resets(reader) : nil, weights: nil, after: nil, recurrent: nil,
      recurrentStride: 0, hBefore: h.row(before), hStride: h.stride, cBefore: c?.row(before), c: c?.row(after),
      cStride: c?.stride ?? 0, gates: gates(step), gatesStride: reserve.stride,
      dOutput: dOutput?.row(step * batch), dOutputStride: dOutput?.stride ?? 0, dh: dh.data, dhStride: dh.stride,
      dc: dc?.data, dcStride: dc?.stride ?? 0)
  }
}

/// One kernel of a forward step, with the packing of its panels.
struct ForwardPhase {
  let kernel: @convention(c) (UnsafePointer<CPUCellForward>, CPURange, CPURange) -> Void
  /// The gates that interleave in a panel; 1 for panels of units.
  let gates: Int
  /// The first of U's rows.
  let firstGate: Int
}

/// One kernel of a backward step.
struct BackwardPhase {
  let kernel: @convention(c) (UnsafePointer<CPUCellBackward>, CPURange, CPURange) -> Void
  /// The gates whose rows of U are multiplied.
  let gates: Range<Int>
  /// Whether it multiplies the gates of this step, instead of those of the step after.
  let isOwn: Bool
}

extension CPUBackend {
  func forwardPhases(_ kind: CellKind) -> [ForwardPhase] {
    switch kind {
    case .elman: [ForwardPhase(kernel: kernels.elmanForward, gates: 1, firstGate: 0)]
    case .lstm: [ForwardPhase(kernel: kernels.lstmForward, gates: 4, firstGate: 0)]
    case .gru(.resetAfter): [ForwardPhase(kernel: kernels.gruResetAfterForward, gates: 3, firstGate: 0)]
    case .gru(.resetBefore):
      [
        ForwardPhase(kernel: kernels.gruResetGatesForward, gates: 2, firstGate: 0),
        ForwardPhase(kernel: kernels.gruCandidateForward, gates: 1, firstGate: 2),
      ]
    }
  }

  func backwardPhases(_ kind: CellKind) -> [BackwardPhase] {
    switch kind {
    case .elman: [BackwardPhase(kernel: kernels.elmanBackward, gates: 0..<1, isOwn: false)]
    case .lstm: [BackwardPhase(kernel: kernels.lstmBackward, gates: 0..<4, isOwn: false)]
    case .gru(.resetAfter): [BackwardPhase(kernel: kernels.gruResetAfterBackward, gates: 0..<3, isOwn: false)]
    case .gru(.resetBefore):
      [
        BackwardPhase(kernel: kernels.gruCandidateBackward, gates: 0..<2, isOwn: false),
        BackwardPhase(kernel: kernels.gruResetGatesBackward, gates: 2..<3, isOwn: true),
      ]
    }
  }

  /// The biases by reserve slot, `[S·H]`: summed if they are added to the same sum, separate for the candidate of a
  /// reset-after GRU.
  func bias(_ sequence: CellSequence, _ workspace: Workspace) throws -> UnsafeMutablePointer<Float> {
    let cell = sequence.cell
    let bias = try workspace.floats(.bias, cell.reserveColumns)
    bias.update(repeating: 0, count: cell.reserveColumns)
    if let input = try sequence.weights.biasIH.map(Matrix.init) {
      kernels.copy(input.data, bias, cell.gateRows, 1)
    }
    if let recurrent = try sequence.weights.biasHH.map(Matrix.init) {
      for run in cell.kind.recurrentRuns {
        let (rows, columns) = (run.rows(cell.hiddenSize), run.columns(cell.hiddenSize))
        kernels.copy(recurrent.data + rows.lowerBound, bias + columns.lowerBound, rows.count, 1)
      }
    }
    return bias
  }

  /// The panels of a step's kernel over H units.
  func panelCount(_ hidden: Int, gates: Int) -> Int { cpuCellPanelCount(hidden, kernels.width, gates) }

  // MARK: The steps of the default time loop

  /// The second half of the fused kernel: the gates, from a computed product.
  package func cellStepForward(_ operation: CellStepForward) throws {
    let sequence = operation.sequence
    let cell = sequence.cell
    let phase = forwardPhases(cell.kind)[operation.phase == .candidate ? 1 : 0]
    let recurrent = try Matrix(operation.recurrent)
    var step = try CellMemory(sequence).forward(
      operation.step, bias: bias(sequence, workspace), output: operation.output.map(Matrix.init))
    step.recurrent = UnsafePointer(recurrent.data + phase.firstGate * cell.hiddenSize)
    step.recurrentStride = recurrent.stride
    let panels = CPURange(begin: 0, end: panelCount(cell.hiddenSize, gates: phase.gates))
    pool.split(sequence.batch, grain: max(1, grain / cell.reserveColumns)) { [step] rows in
      withUnsafePointer(to: step) { phase.kernel($0, CPURange(rows), panels) }
    }
  }

  /// The second half of the fused kernel: the gradients of the gates.
  package func cellStepBackward(_ operation: CellStepBackward) throws {
    let sequence = operation.sequence
    let cell = sequence.cell
    let phase = backwardPhases(cell.kind)[operation.phase == .resetGates ? 1 : 0]
    var step = try CellMemory(sequence).backward(
      operation.step, cuts: operation.cuts, dOutput: operation.dOutput.map(Matrix.init), dh: Matrix(operation.dh),
      dc: operation.dc.map(Matrix.init))
    if let recurrent = try operation.recurrent.map(Matrix.init) {
      step.recurrent = UnsafePointer(recurrent.data)
      step.recurrentStride = recurrent.stride
    }
    let panels = CPURange(begin: 0, end: panelCount(cell.hiddenSize, gates: 1))
    pool.split(sequence.batch, grain: max(1, grain / cell.reserveColumns)) { [step] rows in
      withUnsafePointer(to: step) { phase.kernel($0, CPURange(rows), panels) }
    }
  }
}

extension CPURange {
  init(_ range: Range<Int>) { self.init(begin: range.lowerBound, end: range.upperBound) }
}
