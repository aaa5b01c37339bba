import RecurrentCore

/// `c = f ⊙ c₋₁ + i ⊙ g`, `h = o ⊙ tanh c`
struct LSTMOracle: CellOracle {
  let weights: CellOracleWeights

  func forward(_ row: CellRow) {
    guard let cBefore = row.cBefore, let c = row.c else { return }
    let hidden = weights.hidden
    for j in 0..<hidden {
      let sum = { (gate: Int) in
        weights.input(gate * hidden + j, row.x) + weights.recurrent(gate * hidden + j, row.hBefore)
      }
      let (i, f, g, o) = (logistic(sum(0)), logistic(sum(1)), hyperbolicTangent(sum(2)), logistic(sum(3)))
      c[j] = f * cBefore[j] + i * g
      row.h[j] = o * hyperbolicTangent(c[j])
      for (gate, value) in [i, f, g, o].enumerated() { row.gates[gate * hidden + j] = value }
    }
  }

  func backward(_ row: CellRow, _ gradients: CellGradients) {
    guard let cBefore = row.cBefore, let c = row.c else { return }
    let hidden = weights.hidden
    for j in 0..<hidden {
      let (i, f) = (row.gates[j], row.gates[hidden + j])
      let (g, o) = (row.gates[2 * hidden + j], row.gates[3 * hidden + j])
      let squashed = hyperbolicTangent(c[j])
      let dc = gradients.dc[j] + gradients.dh[j] * o * (1 - squashed * squashed)
      gradients.dcBefore[j] = dc * f
      let sums = [
        dc * g * i * (1 - i), dc * cBefore[j] * f * (1 - f), dc * i * (1 - g * g),
        gradients.dh[j] * squashed * o * (1 - o),
      ]
      for (gate, gradient) in sums.enumerated() {
        gradients.addInput(gate * hidden + j, gradient, row.x)
        gradients.addRecurrent(gate * hidden + j, gradient, row.hBefore, to: gradients.dhBefore)
      }
    }
  }

  func stepForward(_ row: CellRow, _ phase: StepPhase, recurrent: Row) {
    guard let cBefore = row.cBefore, let c = row.c else { return }
    let hidden = weights.hidden
    for gateRow in 0..<4 * hidden {
      let sum = row.gates[gateRow] + recurrent[gateRow] + weights.bias(gateRow)
      row.gates[gateRow] = gateRow / hidden == 2 ? hyperbolicTangent(sum) : logistic(sum)
    }
    for j in 0..<hidden {
      c[j] = row.gates[hidden + j] * cBefore[j] + row.gates[j] * row.gates[2 * hidden + j]
      row.h[j] = row.gates[3 * hidden + j] * hyperbolicTangent(c[j])
    }
  }

  func stepBackward(_ row: CellRow, _ phase: StepPhase, recurrent: Row?, dh: Row, dc: Row?) {
    guard let cBefore = row.cBefore, let c = row.c, let dc else { return }
    let (i, f) = (row.gates, row.gates + weights.hidden)
    let (g, o) = (row.gates + 2 * weights.hidden, row.gates + 3 * weights.hidden)
    for j in 0..<weights.hidden {
      let squashed = hyperbolicTangent(c[j])
      let dCell = dc[j] + dh[j] * o[j] * Activation.tanh.slope(squashed)
      dc[j] = dCell * f[j]
      (i[j], f[j], g[j], o[j]) = (
        dCell * g[j] * Activation.sigmoid.slope(i[j]), dCell * cBefore[j] * Activation.sigmoid.slope(f[j]),
        dCell * i[j] * Activation.tanh.slope(g[j]), dh[j] * squashed * Activation.sigmoid.slope(o[j])
      )
      dh[j] = 0
    }
  }
}
