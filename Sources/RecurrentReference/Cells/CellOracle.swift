import RecurrentCore

/// The equations of a cell, for one row at one step.
protocol CellOracle {
  /// The whole forward step with its products: writes h, c and the reserve.
  func forward(_ row: CellRow)
  /// The whole backward step, added to `gradients`. Reads the gradients of h and c in `dh` and `dc`, and adds those of
  /// the previous states to `dhBefore` and `dcBefore`.
  func backward(_ row: CellRow, _ gradients: CellGradients)
  /// The elementwise part of a forward step. `recurrent` is `U h₋₁` (`[G·H]`).
  func stepForward(_ row: CellRow, _ phase: StepPhase, recurrent: Row)
  /// The elementwise part of a backward step.
  func stepBackward(_ row: CellRow, _ phase: StepPhase, recurrent: Row?, dh: Row, dc: Row?)
}

/// The operands of one row at one step.
struct CellRow {
  /// `[D]`, or the row of a table: `[G·H]`
  let x: Row
  /// `[H]`, 0 where the row is reset.
  let hBefore: Row
  /// `[H]`, 0 where the row is reset.
  let cBefore: Row?
  /// `[H]`
  let h: Row
  /// `[H]`
  let c: Row?
  /// `[S·H]`, the canonical reserve.
  let gates: Row
}

/// A cell's parameters. A gate row is a row of the stacked weights: gate · H + unit.
struct CellOracleWeights {
  /// The number of elements of a row's x: D, or G·H for a table row.
  let inputSize: Int
  let hidden: Int
  /// Nil if x is a table row: the product with W itself.
  let weightIH: OracleMatrix?
  let weightHH: OracleMatrix
  let biasIH: Row?
  let biasHH: Row?

  init(_ sequence: CellSequence) {
    inputSize = sequence.input.region.columns
    hidden = sequence.cell.hiddenSize
    if case .features = sequence.input { weightIH = OracleMatrix(sequence.weights.weightIH) } else { weightIH = nil }
    weightHH = OracleMatrix(sequence.weights.weightHH)
    biasIH = sequence.weights.biasIH.map { OracleMatrix($0).row(0) }
    biasHH = sequence.weights.biasHH.map { OracleMatrix($0).row(0) }
  }

  /// `W x + b` in one gate row.
  func input(_ gateRow: Int, _ x: Row) -> Double {
    (weightIH.map { dot($0.row(gateRow), x, inputSize) } ?? x[gateRow]) + (biasIH?[gateRow] ?? 0)
  }

  /// `U h + b′` in one gate row.
  func recurrent(_ gateRow: Int, _ state: Row) -> Double {
    dot(weightHH.row(gateRow), state, hidden) + (biasHH?[gateRow] ?? 0)
  }

  /// The sum of both biases of one gate row.
  func bias(_ gateRow: Int) -> Double { (biasIH?[gateRow] ?? 0) + (biasHH?[gateRow] ?? 0) }
}

/// The gradients of a backward pass: those of the parameters over all rows and steps, those of the states and the input
/// for the current row and step.
final class CellGradients {
  let weights: CellOracleWeights
  let (dWeightIH, dWeightHH, dBiasIH, dBiasHH): (Row, Row, Row, Row)
  let (dh, dc, dhBefore, dcBefore, dx): (Row, Row, Row, Row, Row)
  private let memory: Row

  init(_ sequence: CellSequence) {
    weights = CellOracleWeights(sequence)
    let (gateRows, inputs, hidden) = (sequence.cell.gateRows, weights.inputSize, weights.hidden)
    let sizes = [gateRows * inputs, gateRows * hidden, gateRows, gateRows, hidden, hidden, hidden, hidden, inputs]
    memory = .allocate(capacity: sizes.reduce(0, +))
    memory.initialize(repeating: 0, count: sizes.reduce(0, +))
    var next = memory
    let parts = sizes.map { size in
      defer { next += size }
      return next
    }
    (dWeightIH, dWeightHH, dBiasIH, dBiasHH) = (parts[0], parts[1], parts[2], parts[3])
    (dh, dc, dhBefore, dcBefore, dx) = (parts[4], parts[5], parts[6], parts[7], parts[8])
  }

  deinit { memory.deallocate() }

  /// Starts a row with the gradients of its final states.
  func startRow(dh final: Row?, dc finalC: Row?) {
    for j in 0..<weights.hidden {
      dh[j] = final?[j] ?? 0
      dc[j] = finalC?[j] ?? 0
    }
  }

  /// Clears the gradients that a step adds to.
  func startStep() {
    dhBefore.update(repeating: 0, count: weights.hidden)
    dcBefore.update(repeating: 0, count: weights.hidden)
    dx.update(repeating: 0, count: weights.inputSize)
  }

  /// Passes the gradients of the previous states on to the previous step, unless there is a reset.
  func finishStep(isReset: Bool) {
    for j in 0..<weights.hidden {
      dh[j] = isReset ? 0 : dhBefore[j]
      dc[j] = isReset ? 0 : dcBefore[j]
    }
  }

  /// `gradient` is that of `W x + b` in one gate row.
  func addInput(_ gateRow: Int, _ gradient: Double, _ x: Row) {
    if let weightIH = weights.weightIH {
      addProduct(gradient, x, to: dWeightIH + gateRow * weights.inputSize, weights.inputSize)
      addProduct(gradient, weightIH.row(gateRow), to: dx, weights.inputSize)
    } else {
      dx[gateRow] += gradient
    }
    dBiasIH[gateRow] += gradient
  }

  /// `gradient` is that of `U state + b′` in one gate row.
  func addRecurrent(_ gateRow: Int, _ gradient: Double, _ state: Row, to dState: Row) {
    addProduct(gradient, state, to: dWeightHH + gateRow * weights.hidden, weights.hidden)
    addProduct(gradient, weights.weightHH.row(gateRow), to: dState, weights.hidden)
    dBiasHH[gateRow] += gradient
  }

  /// Writes the gradients of the parameters.
  func put(_ operation: SequenceBackward) {
    let parts = [
      (operation.dWeightIH, dWeightIH), (operation.dWeightHH, dWeightHH), (operation.dBiasIH, dBiasIH),
      (operation.dBiasHH, dBiasHH),
    ]
    for (output, values) in parts {
      guard let sink = output.map({ Sink($0) }) else { continue }
      sink.matrix.forEach { sink.put(values[$0 * sink.matrix.columns + $1], $0, $1) }
    }
  }
}
