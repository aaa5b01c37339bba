import RecurrentCore

extension OpenCLBackend {
  /// The part of a forward step that is not a matrix product.
  public func cellStepForward(_ operation: CellStepForward) throws {
    try stepForward(
      operation.sequence, operation.step, operation.phase, output: operation.output, recurrent: operation.recurrent,
      panels: nil)
  }

  /// The part of a backward step that is not a matrix product.
  public func cellStepBackward(_ operation: CellStepBackward) throws {
    try stepBackward(
      operation.sequence, operation.step, operation.phase, dOutput: operation.dOutput, dh: operation.dh,
      dc: operation.dc, cuts: operation.cuts, recurrent: operation.recurrent, panels: nil)
  }

  /// One forward step: the recurrent product is in `recurrent`, or done by the kernel from `panels` of U.
  func stepForward(
    _ sequence: CellSequence, _ step: Int, _ phase: StepPhase, output: Region?, recurrent: Region?,
    panels: OpenCLBuffer?
  ) throws {
    let state = { (states: Region?, slot: Int) -> any KernelArgument in
      states.map { sequence.slot(slot, of: $0) } ?? Absent.region
    }
    let (before, after) = (sequence.slotBefore(step), sequence.slotAfter(step))
    let flags = sequence.flags | (panels == nil ? 0 : CellFlags.fused)
    let operands: [any KernelArgument] = [
      try sequence.slot(step, of: sequence.canonicalReserve()), recurrent ?? Absent.region, panels ?? Absent.memory,
      sequence.weights.biasIH ?? Absent.region, sequence.weights.biasHH ?? Absent.region, state(sequence.h, before),
    ]
    let results = [state(sequence.h, after), state(output, step)]
    let rows =
      [sequence.lengths ?? Absent.indices, try sequence.resets(at: step) ?? Absent.indices] as [any KernelArgument]
    let numbers = [flags, step, sequence.batch, sequence.cell.hiddenSize] as [any KernelArgument]
    switch (sequence.cell.kind, phase) {
    case (.elman(let function), _):
      try launchCell(sequence, "elman", "elmanForward", 2, operands + results + rows + numbers + [function.rawValue])
    case (.lstm, _):
      try launchCell(
        sequence, "lstm", "lstmForward", 1,
        operands + [state(sequence.c, before), results[0], state(sequence.c, after), results[1]] + rows + numbers)
    case (.gru, .resetGates):
      try launchCell(sequence, "gru", "gruResetGatesForward", 1, operands + rows + numbers)
    case (.gru, .candidate):
      try launchCell(sequence, "gru", "gruCandidateForward", 2, operands + results + rows + numbers)
    case (.gru, .whole):
      try launchCell(sequence, "gru", "gruResetAfterForward", 1, operands + results + rows + numbers)
    }
  }

  /// One backward step: what U sends back from the reader of this state (for `resetGates`: from n) is in `dh` (in
  /// `recurrent`), or done by the kernel from `panels` of U.
  func stepBackward(
    _ sequence: CellSequence, _ step: Int, _ phase: StepPhase, dOutput: Region?, dh: Region, dc: Region?, cuts: Bool,
    recurrent: Region?, panels: OpenCLBuffer?
  ) throws {
    let reserve = try sequence.canonicalReserve()
    let reader = sequence.reader(of: step)
    let (before, after) = (sequence.slotBefore(step), sequence.slotAfter(step))
    let flags =
      sequence.flags | (panels == nil ? 0 : CellFlags.fused) | (cuts ? CellFlags.cuts : 0)
      | (dOutput == nil ? 0 : CellFlags.dOutput)
    let gates = sequence.slot(step, of: reserve)
    let weights = panels ?? Absent.memory as any KernelArgument
    let readerGates: any KernelArgument =
      panels != nil && phase != .resetGates ? sequence.slot(reader, of: reserve) : Absent.region
    let gradient: any KernelArgument = dOutput.map { sequence.slot(step, of: $0) } ?? Absent.region
    let hBefore = sequence.slot(before, of: sequence.h)
    let lengths: any KernelArgument = sequence.lengths ?? Absent.indices
    let cut: any KernelArgument = try (cuts ? sequence.resets(at: reader) : nil) ?? Absent.indices
    let resets: any KernelArgument = try sequence.resets(at: step) ?? Absent.indices
    let numbers = [flags, step, reader, sequence.batch, sequence.cell.hiddenSize] as [any KernelArgument]
    switch (sequence.cell.kind, phase) {
    case (.elman(let function), _):
      try launchCell(
        sequence, "elman", "elmanBackward", 2,
        [gates, readerGates, weights, dh, gradient, lengths, cut] + numbers + [function.rawValue])
    case (.lstm, _):
      let c = { (slot: Int) -> any KernelArgument in sequence.c.map { sequence.slot(slot, of: $0) } ?? Absent.region }
      try launchCell(
        sequence, "lstm", "lstmBackward", 2,
        [gates, readerGates, weights, dh, dc ?? Absent.region, gradient, c(before), c(after), lengths, resets, cut]
          + numbers)
    case (.gru, .resetGates):
      try launchCell(
        sequence, "gru", "gruResetGatesBackward", 2,
        [gates, recurrent ?? Absent.region, weights, dh, hBefore, lengths, resets, flags, step, sequence.batch]
          + [sequence.cell.hiddenSize])
    case (.gru, .candidate):
      try launchCell(
        sequence, "gru", "gruCandidateBackward", 2,
        [gates, readerGates, weights, dh, gradient, hBefore, lengths, resets, cut] + numbers)
    case (.gru, .whole):
      try launchCell(
        sequence, "gru", "gruResetAfterBackward", 2,
        [gates, readerGates, weights, dh, gradient, hBefore, lengths, resets, cut] + numbers)
    }
  }

  /// Enqueues a cell's kernel, whose tiles have `vectors` vectors of units.
  private func launchCell(
    _ sequence: CellSequence, _ file: String, _ kernel: String, _ vectors: Int, _ arguments: [any KernelArgument]
  ) throws {
    let rows = style.cellRows(sequence.batch)
    let units = vectors * style.width
    try launch(
      file, kernel, [(sequence.batch + rows - 1) / rows, (sequence.cell.hiddenSize + units - 1) / units], rows: rows,
      arguments)
  }
}

/// The bits of a cell kernel's `flags`, as `cell.cl` has them.
enum CellFlags {
  static let biasIH = 1
  static let biasHH = 2
  static let lengths = 4
  static let resets = 8
  static let cuts = 16
  static let fused = 32
  static let dOutput = 64
}

extension CellSequence {
  fileprivate var flags: Int {
    (weights.biasIH == nil ? 0 : CellFlags.biasIH) | (weights.biasHH == nil ? 0 : CellFlags.biasHH)
      | (lengths == nil ? 0 : CellFlags.lengths) | (resets == nil ? 0 : CellFlags.resets)
  }
}
