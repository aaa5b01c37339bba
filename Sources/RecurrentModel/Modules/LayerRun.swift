import RecurrentCore

/// One recurrent layer over one sequence, in one direction or two. T steps, batch size N, H units.
///
/// Two directions share one buffer `[T+2, N, 2H]`: forward's h lies in slots `0 ... T` of the left half, reversed's in slots
/// `1 ... T+1` of the right. So slots `1 ... T` are the output, side by side without a copy.
struct LayerRun {
  let cell: CellDescriptor
  /// Per direction: the parameters in the form that backends take, and as tensors.
  let weights: [(weights: CellWeights, tensors: [Tensor])]
  let lengths: Indices?
  let resets: Indices?
  /// Per direction, or nil for 0.
  let initial: [(h: Tensor, c: Tensor?)]?
  /// Per direction; filled by the pass.
  let final: [(h: Tensor, c: Tensor?)]

  /// `[T, N, D] → [T, N, H]`, or `[T, N, 2H]`.
  func callAsFunction(_ x: Tensor) throws -> Tensor {
    let tape = x.tape
    let (steps, rows, hidden) = (x.shape[0], x.shape[1], cell.hiddenSize)
    let directions = weights.count
    let slots = steps + directions
    let states = try tape.allocate(rows: slots * rows, columns: directions * hidden)
    let inputs = try inputs(x)
    let outputs =
      lengths == nil
      ? states.rows(rows..<(steps + 1) * rows)
      : try tape.allocate(rows: steps * rows, columns: directions * hidden)
    let stateTensors = (initial ?? []).flatMap { [$0.h, $0.c].compactMap { $0 } }
    let result = try tape.result(
      outputs, shape: [steps, rows, directions * hidden],
      from: [x] + stateTensors + weights.flatMap(\.tensors))

    for direction in 0..<directions {
      let half = direction * hidden..<(direction + 1) * hidden
      let sequence = try CellSequence(
        cell, steps: steps, batch: rows, isReversed: direction == 1, input: inputs[direction].input,
        weights: weights[direction].weights,
        h: states.rows(direction * rows..<(direction + steps + 1) * rows).columns(half),
        c: cell.kind.hasCellState ? try tape.allocate(rows: (steps + 1) * rows, columns: hidden) : nil,
        lengths: lengths, resets: resets,
        reserve: try tape.allocate(columns: tape.backend.reserveCount(cell, steps: steps, batch: rows)))
      let pass = try SequenceForward(
        sequence, initialH: initial?[direction].h.region, initialC: initial?[direction].c?.region,
        finalH: final[direction].h.region, finalC: final[direction].c?.region,
        output: lengths == nil ? nil : outputs.columns(half))
      let shared = try SharedStates.of(self, direction, steps: steps)
      if let shared { try shared.states.forward(pass, on: tape) } else { try tape.backend.sequenceForward(pass) }
      record(sequence, direction, half, result, reading: inputs[direction].tensor, shared)
    }
    return result
  }

  /// The input of each direction: x; or, if x are rows of a much shorter table, the products of the table with W,
  /// computed once per table row instead of per step.
  private func inputs(_ x: Tensor) throws -> [(input: CellInput, tensor: Tensor)] {
    guard let lookup = x.lookup, 2 * lookup.table.region.rows <= x.region.rows else {
      return weights.map { _ in (.features(x.region), x) }
    }
    lookup.isFolded = true
    let tables = try weights.map { try lookup.table.matmul($0.tensors[0], transposed: true) }
    let occurrences = try tables.contains(where: \.needsGradient) ? lookup.occurrencesOfIndices() : nil
    return tables.map {
      (.lookup(table: $0.region, indices: lookup.tokens.indices, occurrences: occurrences), $0)
    }
  }

  /// Records the gradient of one direction: its parameters, its initial state and its input, which both directions may
  /// share.
  private func record(
    _ sequence: CellSequence, _ direction: Int, _ half: Range<Int>, _ result: Tensor, reading input: Tensor,
    _ shared: (states: SharedStates, product: Tensor)?
  ) {
    let states = final[direction]
    let start = initial?[direction]
    let parameters = weights[direction].tensors
    let inputs = [input] + parameters + [start?.h, start?.c, shared?.product].compactMap { $0 }
    let (hasState, hasCell, first) = (start != nil, cell.kind.hasCellState, 1 + parameters.count)
    let (biases, results) = (parameters.count - 2, [result, states.h] + [states.c].compactMap { $0 })
    let shared = shared?.states
    let isLookup = if case .lookup = sequence.input { true } else { false }
    result.tape.record(results, from: inputs) { tape, gradients, outputs in
      let pass = try SequenceBackward(
        sequence, dOutput: gradients[0]?.columns(half), dFinalH: gradients[1], dFinalC: hasCell ? gradients[2] : nil,
        dInput: outputs[0], dInitialH: hasState ? outputs[first] : nil,
        dInitialC: hasState && hasCell ? outputs[first + 1] : nil, dWeightIH: isLookup ? nil : outputs[1],
        dWeightHH: shared == nil ? outputs[2] : nil, dBiasIH: biases > 0 ? outputs[3] : nil,
        dBiasHH: biases > 1 ? outputs[4] : nil, startsAtZero: !hasState)
      guard let shared else { return try tape.backend.sequenceBackward(pass) }
      try shared.backward(pass, dProduct: outputs.last ?? nil, on: tape)
    }
  }
}
