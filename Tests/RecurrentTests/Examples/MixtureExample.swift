import Recurrent
import Testing

/// A mixture density network (Bishop 1994): K normal distributions of one number, whose weights, means and deviations depend on
/// the input.
final class MixtureNetwork: Module {
  let body: Sequential, head: Dense
  let components: Int

  init(input: Int, hidden: Int, components: Int) throws {
    body = try Sequential(Dense(input: input, output: hidden), ActivationLayer(.tanh))
    head = try Dense(input: hidden, output: 3 * components)
    self.components = components
  }

  /// Of each component the logarithm of its weight, its mean, and the logarithm of its deviation: `[N, K]` each.
  func callAsFunction(_ x: Tensor) throws -> (logWeights: Tensor, means: Tensor, logDeviations: Tensor) {
    let (outputs, k) = (try head(body(x)), components)
    return (
      try outputs.columns(0..<k).logSoftmax(), try outputs.columns(k..<2 * k), try outputs.columns(2 * k..<3 * k)
    )
  }

  /// The mean negative log-likelihood of targets `[N, 1]`, in nats, without the constant `½ log 2π`.
  func loss(_ x: Tensor, _ targets: Tensor) throws -> Tensor {
    let (logWeights, means, logDeviations) = try self(x)
    let z = try (targets - means) * (-logDeviations).exp()
    return try -(logWeights - logDeviations - z * z * 0.5).logSumExp().mean()
  }
}

@Suite struct MixtureExample {
  /// A target is x three times of four, else −x: a mean would be right nowhere.
  @Test func itFindsBothBranches() throws {
    let model = try MixtureNetwork(input: 1, hidden: 16, components: 2)
    var random = RandomSource(seed: 4)
    let trainer = try Trainer(model, optimizer: Adam(learningRate: 0.01), seed: 1, device: .named("cpu")) {
      (model, xs: [Float], _, tape) in
      let targets = xs.map { ($0 + 0.1 * Float(random.normal())) * (random.uniform() < 0.75 ? 1 : -1) }
      return try BatchLoss(model.loss(tape.tensor(xs, shape: [128, 1]), tape.tensor(targets, shape: [128, 1])))
    }
    for _ in 0..<400 { try trainer.train(on: (0..<128).map { _ in Float(0.5 + random.uniform()) }) }

    let tape = try Tape(model.device(), mode: .evaluation)
    let (logWeights, means, _) = try model(tape.tensor([1], shape: [1, 1]))
    let found = try zip(logWeights.exp().values(), means.values()).sorted { $0.0 > $1.0 }
    #expect(abs(found[0].0 - 0.75) < 0.1 && abs(found[0].1 - 1) < 0.1 && abs(found[1].1 + 1) < 0.1, "\(found)")
  }
}
