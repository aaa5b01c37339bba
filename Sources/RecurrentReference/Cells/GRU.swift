import RecurrentCore

/// `n = tanh(W_n x + b_n + r ⊙ (U_n h₋₁ + b′_n))`, `h = (1 − z) ⊙ n + z ⊙ h₋₁`. Slot 3: `U_n h₋₁ + b′_n`.
struct ResetAfterGRUOracle: CellOracle {
  let weights: CellOracleWeights

  func forward(_ row: CellRow) {
    let hidden = weights.hidden
    for j in 0..<hidden {
      let r = logistic(weights.input(j, row.x) + weights.recurrent(j, row.hBefore))
      let z = logistic(weights.input(hidden + j, row.x) + weights.recurrent(hidden + j, row.hBefore))
      let product = weights.recurrent(2 * hidden + j, row.hBefore)
      let n = hyperbolicTangent(weights.input(2 * hidden + j, row.x) + r * product)
      row.h[j] = (1 - z) * n + z * row.hBefore[j]
      for (slot, value) in [r, z, n, product].enumerated() { row.gates[slot * hidden + j] = value }
    }
  }

  func backward(_ row: CellRow, _ gradients: CellGradients) {
    let hidden = weights.hidden
    for j in 0..<hidden {
      let (r, z) = (row.gates[j], row.gates[hidden + j])
      let (n, product) = (row.gates[2 * hidden + j], row.gates[3 * hidden + j])
      let dh = gradients.dh[j]
      let dn = dh * (1 - z) * (1 - n * n)
      let dz = dh * (row.hBefore[j] - n) * z * (1 - z)
      let dr = dn * product * r * (1 - r)
      gradients.dhBefore[j] += dh * z
      for (gate, gradient) in [dr, dz, dn].enumerated() {
        gradients.addInput(gate * hidden + j, gradient, row.x)
        let through = gate == 2 ? gradient * r : gradient
        gradients.addRecurrent(gate * hidden + j, through, row.hBefore, to: gradients.dhBefore)
      }
    }
  }

  func stepForward(_ row: CellRow, _ phase: StepPhase, recurrent: Row) {
    resetAndUpdate(row, weights, recurrent)
    let hidden = weights.hidden
    for j in 0..<hidden {
      let product = recurrent[2 * hidden + j] + (weights.biasHH?[2 * hidden + j] ?? 0)
      let sum = row.gates[2 * hidden + j] + (weights.biasIH?[2 * hidden + j] ?? 0) + row.gates[j] * product
      row.gates[2 * hidden + j] = hyperbolicTangent(sum)
      row.gates[3 * hidden + j] = product
    }
    interpolate(row, hidden)
  }

  func stepBackward(_ row: CellRow, _ phase: StepPhase, recurrent: Row?, dh: Row, dc: Row?) {
    interpolateBackward(row, weights.hidden, dh)
    let (r, dn, product) = (row.gates, row.gates + 2 * weights.hidden, row.gates + 3 * weights.hidden)
    for j in 0..<weights.hidden {
      let dr = dn[j] * product[j] * Activation.sigmoid.slope(r[j])
      product[j] = r[j] * dn[j]
      r[j] = dr
    }
  }
}

/// `n = tanh(W_n x + b_n + U_n (r ⊙ h₋₁) + b′_n)`, `h = (1 − z) ⊙ n + z ⊙ h₋₁`. Slot 3: `r ⊙ h₋₁`.
struct ResetBeforeGRUOracle: CellOracle {
  let weights: CellOracleWeights

  func forward(_ row: CellRow) {
    let hidden = weights.hidden
    let reset = row.gates + 3 * hidden
    for j in 0..<hidden {
      row.gates[j] = logistic(weights.input(j, row.x) + weights.recurrent(j, row.hBefore))
      let update = weights.input(hidden + j, row.x) + weights.recurrent(hidden + j, row.hBefore)
      row.gates[hidden + j] = logistic(update)
      reset[j] = row.gates[j] * row.hBefore[j]
    }
    for j in 0..<hidden {
      let z = row.gates[hidden + j]
      let n = hyperbolicTangent(weights.input(2 * hidden + j, row.x) + weights.recurrent(2 * hidden + j, reset))
      row.gates[2 * hidden + j] = n
      row.h[j] = (1 - z) * n + z * row.hBefore[j]
    }
  }

  func backward(_ row: CellRow, _ gradients: CellGradients) {
    let hidden = weights.hidden
    let reset = row.gates + 3 * hidden
    let dReset = Row.allocate(capacity: hidden)
    defer { dReset.deallocate() }
    dReset.initialize(repeating: 0, count: hidden)
    for j in 0..<hidden {
      let (z, n) = (row.gates[hidden + j], row.gates[2 * hidden + j])
      let dn = gradients.dh[j] * (1 - z) * (1 - n * n)
      gradients.addInput(2 * hidden + j, dn, row.x)
      gradients.addRecurrent(2 * hidden + j, dn, reset, to: dReset)
    }
    for j in 0..<hidden {
      let (r, z, n) = (row.gates[j], row.gates[hidden + j], row.gates[2 * hidden + j])
      let dz = gradients.dh[j] * (row.hBefore[j] - n) * z * (1 - z)
      let dr = dReset[j] * row.hBefore[j] * r * (1 - r)
      gradients.dhBefore[j] += gradients.dh[j] * z + dReset[j] * r
      for (gateRow, gradient) in [(j, dr), (hidden + j, dz)] {
        gradients.addInput(gateRow, gradient, row.x)
        gradients.addRecurrent(gateRow, gradient, row.hBefore, to: gradients.dhBefore)
      }
    }
  }

  func stepForward(_ row: CellRow, _ phase: StepPhase, recurrent: Row) {
    let hidden = weights.hidden
    if phase == .resetGates {
      resetAndUpdate(row, weights, recurrent)
      for j in 0..<hidden { row.gates[3 * hidden + j] = row.gates[j] * row.hBefore[j] }
      return
    }
    for j in 2 * hidden..<3 * hidden {
      row.gates[j] = hyperbolicTangent(row.gates[j] + recurrent[j] + weights.bias(j))
    }
    interpolate(row, hidden)
  }

  func stepBackward(_ row: CellRow, _ phase: StepPhase, recurrent: Row?, dh: Row, dc: Row?) {
    if phase == .candidate { return interpolateBackward(row, weights.hidden, dh) }
    guard let recurrent else { return }
    for j in 0..<weights.hidden {
      let r = row.gates[j]
      row.gates[j] = recurrent[j] * row.hBefore[j] * Activation.sigmoid.slope(r)
      dh[j] += recurrent[j] * r
    }
  }
}

/// The gates r and z of one step.
private func resetAndUpdate(_ row: CellRow, _ weights: CellOracleWeights, _ recurrent: Row) {
  for j in 0..<2 * weights.hidden { row.gates[j] = logistic(row.gates[j] + recurrent[j] + weights.bias(j)) }
}

/// `h = (1 − z) ⊙ n + z ⊙ h₋₁`
private func interpolate(_ row: CellRow, _ hidden: Int) {
  let (z, n) = (row.gates + hidden, row.gates + 2 * hidden)
  for j in 0..<hidden { row.h[j] = (1 - z[j]) * n[j] + z[j] * row.hBefore[j] }
}

/// Writes dz and dn to the gates, and `dh ⊙ z` to `dh`.
private func interpolateBackward(_ row: CellRow, _ hidden: Int, _ dh: Row) {
  let (z, n) = (row.gates + hidden, row.gates + 2 * hidden)
  for j in 0..<hidden {
    let dz = dh[j] * (row.hBefore[j] - n[j]) * Activation.sigmoid.slope(z[j])
    n[j] = dh[j] * (1 - z[j]) * Activation.tanh.slope(n[j])
    dh[j] *= z[j]
    z[j] = dz
  }
}
