import Recurrent
import Testing

/// A generative adversarial network (Goodfellow et al. 2014): two parts of a model, each with an optimizer of its own.
final class AdversarialNetwork: Module {
  let generator = try! Sequential(Dense(input: 1, output: 1))
  let discriminator = try! Sequential(
    Dense(input: 1, output: 16), ActivationLayer(.tanh), Dense(input: 16, output: 1))
}

@Suite struct AdversarialExample {
  /// The generator learns to make numbers around 3 of noise around 0.
  @Test func aGeneratorLearnsADistribution() throws {
    let model = AdversarialNetwork()
    try model.move(to: .named("cpu"), seed: 1)
    let (generating, judging) = (Adam(learningRate: 0.02, beta1: 0.5), Adam(learningRate: 0.02, beta1: 0.5))
    try generating.attach(to: model.generator)
    try judging.attach(to: model.discriminator)

    let tape = try Tape(model.device())
    var random = RandomSource(seed: 7)
    func noise(_ mean: Float, _ spread: Float) throws -> Tensor {
      try tape.tensor((0..<64).map { _ in mean + spread * Float(random.normal()) }, shape: [64, 1])
    }
    func loss(_ samples: Tensor, areReal: Float) throws -> Tensor {
      try binaryCrossEntropyWithLogits(model.discriminator(samples), tape.full([64, 1], areReal))
    }
    for _ in 0..<600 {
      tape.reset()
      try judging.zeroGradients()
      let fake = try model.generator(noise(0, 1)).detached()
      try (loss(noise(3, 0.5), areReal: 1) + loss(fake, areReal: 0)).backward()
      try judging.step()

      tape.reset()
      try generating.zeroGradients()
      try loss(model.generator(noise(0, 1)), areReal: 1).backward()
      try generating.step()
    }
    tape.reset()
    let samples = try model.generator(noise(0, 1)).values()
    let mean = samples.reduce(0, +) / 64
    #expect(abs(mean - 3) < 0.5, "\(mean)")
  }
}
