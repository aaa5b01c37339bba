import Recurrent
import Testing

/// A recurrent policy with a value beside it, trained by advantage actor-critic (Mnih et al. 2016). T steps, N games.
final class ActorCritic: Module {
  let rnn: GRU, policy: Dense, value: Dense

  init(observations: Int, actions: Int) throws {
    rnn = try GRU(input: observations, hidden: 16)
    policy = try Dense(input: 16, output: actions)
    value = try Dense(input: 16, output: 1)
  }

  /// The logits of the actions `[T, N, A]` and the values `[T, N]`.
  func callAsFunction(_ x: Tensor) throws -> (logits: Tensor, values: Tensor) {
    let states = try rnn(x).outputs
    return (try policy(states), try value(states).reshaped(x.shape.dropLast()))
  }

  /// What raises the probability of actions that brought more than their value: `−log π(a) · advantage`, the error of the
  /// values, and a reward for entropy.
  func loss(_ x: Tensor, actions: Tokens, returns: Tensor) throws -> Tensor {
    let (logits, values) = try self(x)
    let advantages = try (returns - values).detached()
    let acting = try (crossEntropy(logits, actions, reduction: .none) * advantages).mean()
    let logs = try logits.logSoftmax()
    let entropy = try -(logs.exp() * logs).sum(axis: -1).mean()
    return try acting + 0.5 * meanSquaredError(values, returns) - 0.01 * entropy
  }
}

@Suite struct ActorCriticExample {
  /// One of two lamps lights up at the start; the action three steps later should name it.
  @Test func itRemembersTheLamp() throws {
    let (model, steps, games) = (try ActorCritic(observations: 2, actions: 2), 4, 32)
    let optimizer = Adam(learningRate: 0.02)
    try model.move(to: .named("cpu"), seed: 2)
    try optimizer.attach(to: model)
    let tape = try Tape(model.device())
    var random = RandomSource(seed: 5)
    var rewards: [Float] = []
    for _ in 0..<200 {
      let lamps = (0..<games).map { _ in random.integer(below: 2) }
      let lights = (0..<steps * games * 2).map { Float($0 < games * 2 && lamps[$0 / 2] == $0 % 2 ? 1 : 0) }
      tape.reset()
      let x = try tape.tensor(lights, shape: [steps, games, 2])
      let chances = try model(x).logits.softmax().values()
      let actions = (0..<steps * games).map { Int32(Float(random.uniform()) < chances[2 * $0] ? 0 : 1) }
      rewards = lamps.enumerated().map { actions[(steps - 1) * games + $0] == Int32($1) ? 1 : 0 }
      // The reward comes at the end, undiscounted: each step's return is the game's.
      let returns = try tape.tensor(rewards, shape: [1, games]).expanded(to: [steps, games])
      try optimizer.zeroGradients()
      try model.loss(x, actions: tape.labels(actions, shape: [steps, games]), returns: returns).backward()
      try optimizer.step()
    }
    #expect(rewards.reduce(0, +) > 28, "\(rewards)")
  }
}
