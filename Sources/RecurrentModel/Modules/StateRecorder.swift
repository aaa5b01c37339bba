import RecurrentCore

/// Runs recurrent layers step by step and keeps the state of every step, whose gradients `GradientFlow` reads.
///
/// A pass over a whole sequence does not keep the gradients of intermediate states; separate passes per step do.
final class StateRecorder {
  /// One layer in one direction over one sequence.
  struct Run {
    let layer: Int
    let isReversed: Bool
    let lengths: [Int32]?
    /// `[T]`: the h of each step twice, as the layer's output and as the input of the next step, each with its
    /// gradient.
    let steps: [(output: Tensor, state: Tensor)]
  }

  private(set) var runs: [Run] = []

  /// Computes the result of `whole`: `[T, N, D] → [T, N, H]`, or `[T, N, 2H]`.
  func run(_ whole: LayerRun, _ x: Tensor, layer: Int, lengths: Lengths?) throws -> Tensor {
    try Tensor.concatenate(
      whole.weights.indices.map { try run(whole, x, layer: layer, direction: $0, lengths: lengths) })
  }

  private func run(_ whole: LayerRun, _ x: Tensor, layer: Int, direction: Int, lengths: Lengths?) throws -> Tensor {
    let (count, rows, tape) = (x.shape[0], x.shape[1], x.tape)
    let weights = whole.weights[direction]
    var state = whole.initial?[direction]
    var steps: [(output: Tensor, state: Tensor)] = []
    let order = direction == 1 ? Array((0..<count).reversed()) : Array(0..<count)
    for step in order {
      let inputs = [x] + weights.tensors + [state?.h, state?.c].compactMap { $0 }
      let part = {
        try tape.result(
          tape.allocate(rows: rows, columns: whole.cell.hiddenSize), shape: [rows, whole.cell.hiddenSize], from: inputs)
      }
      let next = (h: try part(), c: whole.cell.kind.hasCellState ? try part() : nil)
      let one = LayerRun(
        cell: whole.cell, weights: [weights],
        lengths: try lengths.map { try tape.lengths($0.values.map { step < $0 ? 1 : 0 }).indices },
        resets: try whole.resets.map { try Indices($0.buffer, offset: $0.offset + step * rows, count: rows) },
        initial: state.map { [$0] }, final: [next])
      steps.append((try one(x.slice(step..<step + 1)).step(0), next.h))
      state = next
    }
    if let state { try copy(state, to: whole.final[direction]) }
    if direction == 1 { steps.reverse() }
    runs.append(Run(layer: layer, isReversed: direction == 1, lengths: lengths?.values, steps: steps))
    return try Tensor.stack(steps.map(\.output))
  }

  /// Copies the last step's state to the final state.
  private func copy(_ state: (h: Tensor, c: Tensor?), to final: (h: Tensor, c: Tensor?)) throws {
    var pairs = [(state.h, final.h)]
    if let from = state.c, let to = final.c { pairs.append((from, to)) }
    for (from, to) in pairs {
      try from.tape.backend.copy(Copy(from.region, into: .set(to.region)))
      from.tape.record([to], from: [from]) { tape, gradients, outputs in
        guard let gradient = gradients[0], let output = outputs[0] else { return }
        try tape.backend.copy(Copy(gradient, into: output))
      }
    }
  }
}
