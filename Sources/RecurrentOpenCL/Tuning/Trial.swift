import RecurrentCore

/// An operation that tuning times, with random operands.
struct Trial {
  /// Restores the operands that it changes.
  var restore: () throws -> Void = {}
  /// Enqueues it.
  let run: () throws -> Void
  /// Its results, which must be the same for all candidates.
  let results: [Region]

  /// Whether results are equal up to the order of sums: in each of 64 slices, as of time steps, the normalized squared error
  /// is at most 10⁻¹². (NaN does not agree.)
  static func agree(_ results: [[Float]], _ expected: [[Float]]) -> Bool {
    zip(results, expected).allSatisfy { values, expected in
      let length = max(1, expected.count.tiles(of: 64))
      let average = Double(length) / Double(expected.count) * expected.reduce(0) { $0 + Double($1) * Double($1) }
      return stride(from: 0, to: expected.count, by: length).allSatisfy { start in
        var (difference, norm) = (0.0, 0.0)
        for place in start..<min(start + length, expected.count) {
          let (value, right) = (Double(values[place]), Double(expected[place]))
          difference += (value - right) * (value - right)
          norm += right * right
        }
        return difference <= 1e-12 * max(norm, average)
      }
    }
  }
}

/// The initial values of what a cell's pass changes, and the gradients of its outputs.
struct TrialOperands {
  let reserve: Region
  /// Of the state after the last step, and of the cell state.
  let gradients: Region
  let dOutput: Region

  init(_ sequence: CellSequence, on backend: OpenCLBackend) throws {
    let (batch, hidden) = (sequence.batch, sequence.cell.hiddenSize)
    reserve = try backend.random(columns: sequence.reserve.count)
    gradients = try backend.random(rows: 2 * batch, columns: hidden)
    dOutput = try backend.random(rows: sequence.steps * batch, columns: hidden)
  }
}

extension OpenCLBackend {
  /// Random values in −0.5 … 0.5, or smaller ones.
  fileprivate func random(rows: Int = 1, columns: Int, most: Float = 0.5) throws -> Region {
    let scale = most / Float(1 << 31)
    let values = (0..<UInt32(rows * columns)).map { index in
      var word = index &* 0x9E37_79B9
      word = (word ^ (word >> 15)) &* 0x85EB_CA6B
      return Float(Int32(bitPattern: word ^ (word >> 13))) * scale
    }
    return try upload(values, rows: rows, columns: columns)
  }

  func trialProduct(_ m: Int, _ n: Int, _ k: Int, transposesA: Bool = false) throws -> Matmul {
    let a = try random(rows: transposesA ? k : m, columns: transposesA ? m : k)
    return try Matmul(
      a, random(rows: n, columns: k), transposesA: transposesA, transposesB: true,
      into: .set(allocate(rows: m, columns: n)))
  }

  func trialSequence(_ kind: CellKind, steps: Int, batch: Int, hidden: Int) throws -> CellSequence {
    let cell = try CellDescriptor(kind, inputSize: 1, hiddenSize: hidden, bias: .none)
    let states = { try self.random(rows: (steps + 1) * batch, columns: hidden) }
    return try CellSequence(
      cell, steps: steps, batch: batch, input: .features(allocate(rows: steps * batch, columns: 1)),
      weights: CellWeights(
        weightIH: allocate(rows: cell.gateRows, columns: 1),
        weightHH: random(rows: cell.gateRows, columns: hidden, most: 1.5 / Float(hidden).squareRoot())),
      h: states(), c: kind.hasCellState ? states() : nil,
      reserve: allocate(columns: reserveCount(cell, steps: steps, batch: batch)))
  }

  /// The steps of a pass, with packed weights.
  func trialPass(_ sequence: CellSequence, _ direction: CellPass.Direction, _ operands: TrialOperands) throws -> Trial {
    let plan = cellPlan(sequence, direction)
    let weights = try recurrentWeights(sequence, direction) { try scratch(.cellPanels($0), $1) }
    let (batch, hidden) = (sequence.batch, sequence.cell.hiddenSize)
    let gradients = try Region(scratch(.timeLoop, 2 * batch * hidden), rows: 2 * batch, columns: hidden)
    return Trial(
      restore: {
        try self.copy(Copy(operands.reserve, into: .set(sequence.reserve)))
        try self.copy(Copy(operands.gradients, into: .set(gradients)))
      },
      run: {
        let pass =
          direction == .forward
          ? try self.forwardPass(sequence, plan, output: nil, weights: weights)
          : try self.backwardPass(
            sequence, plan, dOutput: operands.dOutput, dh: gradients.rows(0..<batch),
            dc: sequence.c.map { _ in gradients.rows(batch..<2 * batch) }, cuts: false, weights: weights)
        try pass.enqueue(on: self)
      },
      results: direction == .forward
        ? [sequence.h] + (sequence.c.map { [$0] } ?? []) : [sequence.reserve, gradients])
  }
}
