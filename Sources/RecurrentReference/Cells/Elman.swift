import RecurrentCore

/// `h = activation(W x + b + U h₋₁ + b′)`
struct ElmanOracle: CellOracle {
  let weights: CellOracleWeights
  let activation: Activation

  func forward(_ row: CellRow) {
    for j in 0..<weights.hidden {
      let sum = weights.input(j, row.x) + weights.recurrent(j, row.hBefore)
      row.gates[j] = activation.value(sum)
      row.h[j] = row.gates[j]
    }
  }

  func backward(_ row: CellRow, _ gradients: CellGradients) {
    for j in 0..<weights.hidden {
      let gradient = gradients.dh[j] * activation.slope(row.gates[j])
      gradients.addInput(j, gradient, row.x)
      gradients.addRecurrent(j, gradient, row.hBefore, to: gradients.dhBefore)
    }
  }

  func stepForward(_ row: CellRow, _ phase: StepPhase, recurrent: Row) {
    for j in 0..<weights.hidden {
      row.gates[j] = activation.value(row.gates[j] + recurrent[j] + weights.bias(j))
      row.h[j] = row.gates[j]
    }
  }

  func stepBackward(_ row: CellRow, _ phase: StepPhase, recurrent: Row?, dh: Row, dc: Row?) {
    for j in 0..<weights.hidden {
      row.gates[j] = dh[j] * activation.slope(row.gates[j])
      dh[j] = 0
    }
  }
}
