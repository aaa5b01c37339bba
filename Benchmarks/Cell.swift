import RecurrentCore

/// A stack of cells of one kind and shape: the workload of `Elman.swift`, `LSTM.swift` and `GRU.swift`.
struct CellShape: Sendable {
  /// T, N, D, H and the layers.
  let steps: Int, batch: Int, input: Int, hidden: Int, layers: Int

  static let small = [CellShape(steps: 3, batch: 2, input: 5, hidden: 7, layers: 2)]

  private var name: String { "T\(steps) B\(batch) I\(input) H\(hidden)" + (layers > 1 ? " L\(layers)" : "") }

  /// The workload of a cell kind: the given parts.
  func work(_ kind: CellKind, named family: String, parts: Set<String> = ["forward", "training"]) -> Work {
    Work(name: "\(family) \(name)") { device in
      try benchmarks(kind, on: device).filter { parts.contains($0.part) }
    }
  }

  /// The forward pass with prepared weights, as for predictions, and forward and backward with all gradients, including
  /// the input's.
  private func benchmarks(_ kind: CellKind, on device: Device) throws -> [Benchmark] {
    let stack = try (0..<layers).reduce(into: [Layer]()) { stack, index in
      let x = try stack.last?.sequence.outputs ?? device.backend.noise(rows: steps * batch, columns: input, seed: 1)
      stack.append(try Layer(kind, self, index, x: x, on: device.backend))
    }
    let flops = stack.reduce(0) { $0 + $1.sequence.flops }
    let predictions = try stack.map { try device.backend.prepare($0.forward) }
    let dOutput = try device.backend.noise(rows: steps * batch, columns: hidden, seed: 2)
    let backwards = try stack.indices.map { index in
      try stack[index].backward(dOutput: index + 1 < layers ? stack[index + 1].dx : dOutput)
    }
    return [
      Benchmark(part: "forward", flops: flops) { for predict in predictions { try predict() } },
      Benchmark(part: "training", flops: 3 * flops) {
        for layer in stack { try device.backend.sequenceForward(layer.forward) }
        for backward in backwards.reversed() { try device.backend.sequenceBackward(backward) }
      },
    ]
  }
}

/// The memory and the passes of one layer.
private struct Layer {
  let sequence: CellSequence
  let forward: SequenceForward
  let dx: Region
  let gradients: CellWeights

  init(_ kind: CellKind, _ shape: CellShape, _ index: Int, x: Region, on backend: any Backend) throws {
    let (steps, batch, hidden) = (shape.steps, shape.batch, shape.hidden)
    let cell = try CellDescriptor(kind, inputSize: x.columns, hiddenSize: hidden)
    let scale = 1 / Float(hidden).squareRoot()
    let weights = { (seed: UInt64, scale: Float) in
      try CellWeights(
        weightIH: backend.noise(rows: cell.gateRows, columns: x.columns, seed: seed, scale: scale),
        weightHH: backend.noise(rows: cell.gateRows, columns: hidden, seed: seed + 1, scale: scale),
        biasIH: backend.noise(columns: cell.gateRows, seed: seed + 2, scale: scale),
        biasHH: backend.noise(columns: cell.gateRows, seed: seed + 3, scale: scale))
    }
    let states = { try backend.allocate(rows: (steps + 1) * batch, columns: hidden) }
    sequence = try CellSequence(
      cell, steps: steps, batch: batch, input: .features(x), weights: weights(UInt64(10 * index + 10), scale),
      h: states(), c: kind.hasCellState ? states() : nil,
      reserve: backend.allocate(columns: backend.reserveCount(cell, steps: steps, batch: batch)))
    forward = try SequenceForward(sequence)
    dx = try backend.allocate(rows: steps * batch, columns: x.columns)
    gradients = try weights(0, 0)
  }

  func backward(dOutput: Region) throws -> SequenceBackward {
    try SequenceBackward(
      sequence, dOutput: dOutput, dInput: .set(dx), dWeightIH: .set(gradients.weightIH),
      dWeightHH: .set(gradients.weightHH), dBiasIH: gradients.biasIH.map(Output.set),
      dBiasHH: gradients.biasHH.map(Output.set))
  }
}
