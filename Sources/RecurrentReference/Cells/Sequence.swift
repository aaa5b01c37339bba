import RecurrentCore

extension ReferenceBackend {
  /// The forward pass, row by row and step by step, with all products.
  package func sequenceForward(_ operation: SequenceForward) throws {
    let sequence = operation.sequence
    let (cell, memory) = (sequence.oracle, SequenceMemory(sequence))
    let output = operation.output.map { OracleMatrix($0) }
    for n in 0..<sequence.batch {
      memory.setState(sequence.initialSlot, n, h: operation.initialH, c: operation.initialC)
      for t in sequence.order {
        let row = try memory.row(t, n)
        let isLive = t < memory.length(n)
        if isLive {
          cell.forward(row)
        } else {
          row.h.update(from: memory.stateBefore(t, n, of: memory.h), count: memory.hidden)
          if let c = memory.c { row.c?.update(from: memory.stateBefore(t, n, of: c), count: memory.hidden) }
          row.gates.update(repeating: 0, count: sequence.cell.reserveColumns)
        }
        for j in 0..<memory.hidden { output?[t * sequence.batch + n, j] = isLive ? row.h[j] : 0 }
      }
      memory.getState(sequence.finalSlot, n, h: operation.finalH, c: operation.finalC)
    }
  }

  /// The backward pass, row by row and step by step, with all products.
  package func sequenceBackward(_ operation: SequenceBackward) throws {
    let sequence = operation.sequence
    let (cell, memory) = (sequence.oracle, SequenceMemory(sequence))
    let gradients = CellGradients(sequence)
    let dOutput = operation.dOutput.map { OracleMatrix($0) }
    memory.startInputGradient(operation.dInput)
    for n in 0..<sequence.batch {
      gradients.startRow(
        dh: operation.dFinalH.map { OracleMatrix($0).row(n) }, dc: operation.dFinalC.map { OracleMatrix($0).row(n) })
      for t in sequence.order.reversed() {
        gradients.startStep()
        if t < memory.length(n) {
          if let dOutput { addProduct(1, dOutput.row(t * sequence.batch + n), to: gradients.dh, memory.hidden) }
          cell.backward(try memory.row(t, n), gradients)
          gradients.finishStep(isReset: memory.isReset(t, n))
        }
        memory.putInputGradient(gradients.dx, t, n, operation.dInput)
      }
      for j in 0..<memory.hidden {
        operation.dInitialH.map { Sink($0) }?.put(gradients.dh[j], n, j)
        operation.dInitialC.map { Sink($0) }?.put(gradients.dc[j], n, j)
      }
    }
    gradients.put(operation)
  }
}

extension CellSequence {
  /// The cell's equations.
  var oracle: any CellOracle {
    let oracleWeights = CellOracleWeights(self)
    return switch cell.kind {
    case .elman(let activation): ElmanOracle(weights: oracleWeights, activation: activation)
    case .lstm: LSTMOracle(weights: oracleWeights)
    case .gru(.resetAfter): ResetAfterGRUOracle(weights: oracleWeights)
    case .gru(.resetBefore): ResetBeforeGRUOracle(weights: oracleWeights)
    }
  }
}

/// The memory of a sequence by step and row, with its lengths and resets.
final class SequenceMemory {
  let sequence: CellSequence
  let h: OracleMatrix
  let c: OracleMatrix?
  let hidden: Int
  /// Zeros: the state of a row that is reset, and the row of a negative index.
  let zeros: Row

  init(_ sequence: CellSequence) {
    self.sequence = sequence
    h = OracleMatrix(sequence.h)
    c = sequence.c.map { OracleMatrix($0) }
    hidden = sequence.cell.hiddenSize
    zeros = .allocate(capacity: sequence.cell.gateRows)
    zeros.initialize(repeating: 0, count: sequence.cell.gateRows)
  }

  deinit { zeros.deallocate() }

  func length(_ n: Int) -> Int { sequence.lengths.map { Int($0.start[n]) } ?? sequence.steps }

  func isReset(_ t: Int, _ n: Int) -> Bool { sequence.resets.map { $0.start[t * sequence.batch + n] != 0 } ?? false }

  /// The state before step t of row n, before any reset.
  func stateBefore(_ t: Int, _ n: Int, of states: OracleMatrix) -> Row {
    states.row(sequence.slotBefore(t) * sequence.batch + n)
  }

  /// The row of x, or of the table, that step t of row n reads; nil for a negative index.
  private func inputRow(_ t: Int, _ n: Int) -> Int? {
    let place = t * sequence.batch + n
    guard case .lookup(_, let indices, _) = sequence.input else { return place }
    return indices.start[place] < 0 ? nil : Int(indices.start[place])
  }

  /// Sets a table gradient to 0 unless it adds: each row may be read any number of times.
  func startInputGradient(_ output: Output?) {
    guard case .lookup = sequence.input, let output, !output.adds else { return }
    let gradient = OracleMatrix(output.region)
    gradient.forEach { gradient[$0, $1] = 0 }
  }

  /// Adds the gradient of the input of step t of row n.
  func putInputGradient(_ gradient: Row, _ t: Int, _ n: Int, _ output: Output?) {
    guard let output, let row = inputRow(t, n) else { return }
    let isLookup = if case .lookup = sequence.input { true } else { false }
    let sink = Sink(isLookup ? .add(output.region) : output)
    for column in 0..<output.region.columns { sink.put(gradient[column], row, column) }
  }

  /// The operands of step t of row n.
  func row(_ t: Int, _ n: Int) throws -> CellRow {
    let after = sequence.slotAfter(t) * sequence.batch + n
    let isReset = isReset(t, n)
    return CellRow(
      x: inputRow(t, n).map { OracleMatrix(sequence.input.region).row($0) } ?? zeros,
      hBefore: isReset ? zeros : stateBefore(t, n, of: h),
      cBefore: c.map { isReset ? zeros : stateBefore(t, n, of: $0) },
      h: h.row(after), c: c?.row(after),
      gates: OracleMatrix(try sequence.canonicalReserve()).row(t * sequence.batch + n))
  }

  func setState(_ slot: Int, _ n: Int, h initialH: Region?, c initialC: Region?) {
    for (states, initial) in [(h, initialH), (c, initialC)] {
      let value = initial.map { OracleMatrix($0).row(n) } ?? zeros
      states?.row(slot * sequence.batch + n).update(from: value, count: hidden)
    }
  }

  func getState(_ slot: Int, _ n: Int, h finalH: Region?, c finalC: Region?) {
    for (states, final) in [(h, finalH), (c, finalC)] {
      guard let states, let final else { continue }
      OracleMatrix(final).row(n).update(from: states.row(slot * sequence.batch + n), count: hidden)
    }
  }
}
