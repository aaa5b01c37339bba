import Recurrent
import Testing

// The article Attention, with `TranslatorExample.swift`.

/// A classifier with self-attention, K classes. T steps, batch size N, E features.
final class AttentiveReader: Module {
  let rnn: GRU, attention: MultiHeadAttention, norm: LayerNorm, head: Dense

  init(features: Int, hidden: Int, heads: Int, classes: Int) throws {
    rnn = try GRU(input: features, hidden: hidden)
    attention = try MultiHeadAttention(hidden, heads: heads)
    norm = try LayerNorm(hidden)
    head = try Dense(input: hidden, output: classes)
  }

  /// `[T, N, features] → [N, K]`.
  func callAsFunction(_ x: Tensor, lengths: Lengths?) throws -> Tensor {
    let states = try rnn(x, lengths: lengths).outputs
    let mixed = try norm(states + attention(states, lengths: lengths).context)
    return try head(mixed.meanOverTime(lengths: lengths))
  }
}

/// Scores of cosines, sharpened: `10 · q · k / (|q| |k|)`. Queries and states have the same D features.
final class CosineAttention: Attention {
  func memory(_ states: Tensor, lengths: Lengths?) throws -> AttentionMemory {
    try AttentionMemory(keys: unit(states), values: states, lengths: lengths)
  }

  func scores(_ queries: Tensor, _ memory: AttentionMemory) throws -> Tensor {
    try unit(queries).batchedMatmul(memory.keys, axes: (.middle, .middle, .first), transposesB: true, scale: 10)
  }

  private func unit(_ x: Tensor) throws -> Tensor {
    try x / ((x * x).sum(axis: -1, keepsAxes: true) + 1e-6).sqrt()
  }
}

@Suite struct AttentionExample {
  @Test func aReaderOfSequencesTrains() throws {
    let model = try AttentiveReader(features: 1, hidden: 16, heads: 4, classes: 2)
    // Whether a sequence of 4 to 9 steps has a 1 anywhere.
    let trainer = try Trainer(model, optimizer: Adam(learningRate: 0.01), device: .auto()) {
      (model, batch: (sequences: [[[Float]]], classes: [Int32]), _, tape) in
      let padded = try SequencePadding().batch(batch.sequences)
      let logits = try model(padded.tensor(on: tape), lengths: padded.lengths(on: tape))
      return try BatchLoss(crossEntropy(logits, tape.labels(batch.classes)))
    }
    var random = RandomSource(seed: 5)
    func batch() -> (sequences: [[[Float]]], classes: [Int32]) {
      let classes = (0..<16).map { _ in Int32(random.integer(below: 2)) }
      let sequences = classes.map { found -> [[Float]] in
        let (steps, marked) = (4 + random.integer(below: 6), random.integer(below: 4))
        let numbers = (0..<steps).map { step -> Float in
          found == 1 && step == marked ? 1 : Float(random.normal()) / 5
        }
        return numbers.map { [$0] }
      }
      return (sequences, classes)
    }
    for _ in 0..<100 { try trainer.train(on: batch()) }
    #expect(try trainer.evaluate([batch(), batch()]) < 0.3)
  }

  @Test func masksAreTensors() throws {
    let tape = try Tape(.auto(), mode: .evaluation)
    let lengths = try tape.lengths([3, 1])
    let scores = try tape.tensor([0, 0, 9, 0, 5, 7], shape: [2, 3])

    let counted = try tape.mask(lengths, steps: 3)
    let weights = try scores.softmax(lengths: lengths)
    let total = try Tensor.where(counted, scores, 0).sum(axis: 1)
    print(counted, weights, total)

    #expect(try counted.values() == [1, 1, 1, 1, 0, 0] && total.values() == [9, 0])
    #expect(try weights.values()[3...] == [1, 0, 0])

    let states = try tape.tensor([1, 0, 0, 1, 2, 0, 5, 5], shape: [2, 2, 2])
    let attention = CosineAttention()
    let memory = try attention.memory(states)
    let output = try attention(states.step(0), memory)
    print(output.context.shape, output.weights)

    #expect(output.context.shape == [2, 2] && output.weights.shape == [2, 2])
    #expect(abs(try output.weights.values()[0] - 0.5) < 1e-3)

    let causal = try tape.causalMask(2)
    let looked = try attention(states, memory, mask: causal)
    print(looked.weights)

    #expect(try looked.weights.values()[1] == 0)
  }
}
