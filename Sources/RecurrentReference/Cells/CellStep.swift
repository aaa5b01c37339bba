import RecurrentCore

extension ReferenceBackend {
  /// The elementwise part of a forward step.
  package func cellStepForward(_ operation: CellStepForward) throws {
    let (sequence, t) = (operation.sequence, operation.step)
    let (cell, memory) = (sequence.oracle, SequenceMemory(sequence))
    let output = operation.output.map { OracleMatrix($0) }
    let noProduct = [Double](repeating: 0, count: sequence.cell.gateRows)
    for n in 0..<sequence.batch {
      let row = try memory.row(t, n)
      let isLive = t < memory.length(n)
      if isLive {
        var recurrent = noProduct
        if !memory.isReset(t, n) {
          for gateRow in recurrent.indices { recurrent[gateRow] = OracleMatrix(operation.recurrent)[n, gateRow] }
        }
        recurrent.withUnsafeMutableBufferPointer {
          if let start = $0.baseAddress { cell.stepForward(row, operation.phase, recurrent: start) }
        }
      } else {
        row.h.update(from: memory.stateBefore(t, n, of: memory.h), count: memory.hidden)
        if let c = memory.c { row.c?.update(from: memory.stateBefore(t, n, of: c), count: memory.hidden) }
      }
      if operation.phase == .resetGates { continue }
      for j in 0..<memory.hidden { output?[t * sequence.batch + n, j] = isLive ? row.h[j] : 0 }
    }
  }

  /// The elementwise part of a backward step.
  package func cellStepBackward(_ operation: CellStepBackward) throws {
    let (sequence, t) = (operation.sequence, operation.step)
    let (cell, memory) = (sequence.oracle, SequenceMemory(sequence))
    let (dh, dc) = (OracleMatrix(operation.dh), operation.dc.map { OracleMatrix($0) })
    let dOutput = operation.phase == .resetGates ? nil : operation.dOutput.map { OracleMatrix($0) }
    for n in 0..<sequence.batch {
      if operation.cuts && operation.reader < memory.length(n) && memory.isReset(operation.reader, n) {
        dh.row(n).update(repeating: 0, count: memory.hidden)
        dc?.row(n).update(repeating: 0, count: memory.hidden)
      }
      let row = try memory.row(t, n)
      guard t < memory.length(n) else {
        row.gates.update(repeating: 0, count: sequence.cell.reserveColumns)
        continue
      }
      if let dOutput { addProduct(1, dOutput.row(t * sequence.batch + n), to: dh.row(n), memory.hidden) }
      cell.stepBackward(
        row, operation.phase, recurrent: operation.recurrent.map { OracleMatrix($0).row(n) }, dh: dh.row(n),
        dc: dc?.row(n))
    }
  }
}
