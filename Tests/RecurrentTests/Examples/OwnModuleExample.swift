import Recurrent
import Testing

// The article OwnModule.

/// A minimal gated unit (Zhou et al. 2016): `f = σ(W_f x + b_f + U_f h)`, `h ← h + f (tanh(W_h x + b_h + U_h (f h)) − h)`.
///
/// The initial state is learned. T steps, batch size N, D features, H units.
final class MinimalGatedUnit: Layer {
  let input: Dense, gate: Dense, candidate: Dense
  let initial: Parameter
  private let hidden: Int

  init(input features: Int, hidden: Int) throws {
    input = try Dense(input: features, output: 2 * hidden)
    gate = try Dense(input: hidden, output: hidden, bias: false, weightInitializer: .orthogonal())
    candidate = try Dense(input: hidden, output: hidden, bias: false, weightInitializer: .orthogonal())
    initial = Parameter([hidden], .zeros)
    self.hidden = hidden
  }

  /// `[T, N, D] → [T, N, H]`.
  func forward(_ x: Tensor) throws -> Tensor {
    // One product for all steps; only terms that depend on the state are computed step by step.
    let projected = try input(x)
    var h = try initial.tensor(on: x.tape).expanded(to: [x.shape[1], hidden])
    var states: [Tensor] = []
    for step in 0..<x.shape[0] {
      let now = try projected.step(step)
      let f = try (now.columns(0..<hidden) + gate(h)).sigmoid()
      let new = try (now.columns(hidden..<2 * hidden) + candidate(f * h)).tanh()
      h = try h + f * (new - h)
      states.append(h)
    }
    return try Tensor.stack(states)
  }
}

final class Recall: Module {
  let layers: [MinimalGatedUnit], head: Dense

  init(hidden: Int) throws {
    layers = try [
      MinimalGatedUnit(input: 1, hidden: hidden), MinimalGatedUnit(input: hidden, hidden: hidden),
    ]
    head = try Dense(input: hidden, output: 1)
  }

  /// `[T, N, 1] → [N, 1]`.
  func callAsFunction(_ x: Tensor) throws -> Tensor {
    try head(layers.reduce(x) { try $1.forward($0) }.lastStep())
  }
}

@Suite struct OwnModuleExample {
  @Test func aCellOfOnesOwnTrainsInALoopOfOnesOwn() throws {
    let model = try Recall(hidden: 16)
    try model.move(to: .auto(), seed: 1)
    let optimizer = Adam(learningRate: 0.01)
    try optimizer.attach(to: model)
    let tape = try Tape(model.device())

    var random = RandomSource(seed: 2)
    for step in 0..<200 {
      // 8 steps, batch size 16; the target is the first step.
      let numbers = (0..<8 * 16).map { _ in Float(random.normal()) }
      tape.reset()
      try optimizer.zeroGradients()
      let predictions = try model(tape.tensor(numbers, shape: [8, 16, 1]))
      let loss = try meanSquaredError(predictions, tape.tensor(Array(numbers.prefix(16)), shape: [16, 1]))
      try loss.backward()
      try model.clipGradients(norm: 1)
      try optimizer.step()
      if step % 50 == 0 { print(step, try loss.item()) }
    }

    tape.mode = .evaluation
    tape.reset()
    let numbers = (0..<8 * 64).map { _ in Float(random.normal()) }
    let predictions = try model(tape.tensor(numbers, shape: [8, 64, 1]))
    // Guessing 0 costs 1.
    #expect(try meanSquaredError(predictions, tape.tensor(Array(numbers.prefix(64)), shape: [64, 1])).item() < 0.2)
    #expect(
      model.namedParameters.map(\.name).prefix(5) == [
        "layers.0.input.weight", "layers.0.input.bias", "layers.0.gate.weight", "layers.0.candidate.weight",
        "layers.0.initial",
      ])

    model.layers[0].freeze()
    print(try model["layers.0.gate.weight"].values().count)
    #expect(model.layers[0].parameters.allSatisfy { $0.isFrozen })
  }

  @Test func statesAreCarried() throws {
    let rnn = try LSTM(input: 1, hidden: 8)
    let head = try Dense(input: 8, output: 1)
    let pieces = (0..<4).map { piece in (0..<10).map { Float(($0 + piece) % 3) } }
    let trainer = try Trainer(
      Carrier(rnn, head), optimizer: Adam(), device: .auto()
    ) { (model, piece: [Float], carried, tape) in
      let x = try tape.tensor(piece, shape: [10, 1, 1])
      let output = try model.rnn(x, state: carried.first)
      let loss = try meanSquaredError(model.head(output.outputs), x)
      return BatchLoss(loss, carrying: [output.state])
    }
    try trainer.fit(pieces, epochs: 2)
    #expect(trainer.progress.step == 8)
  }

  private final class Carrier: Module {
    let rnn: LSTM, head: Dense
    init(_ rnn: LSTM, _ head: Dense) { (self.rnn, self.head) = (rnn, head) }
  }
}
