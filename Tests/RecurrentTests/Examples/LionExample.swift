import Recurrent
import RecurrentCore
import Testing

/// Lion (Chen et al. 2023): `w ← w − η (sign(β₁ m + (1 − β₁) g) + λ w)`, then `m ← β₂ m + (1 − β₂) g`.
final class Lion: Optimizer {
  private let beta1: Float, beta2: Float

  init(learningRate: Double = 1e-4, beta1: Float = 0.9, beta2: Float = 0.99, weightDecay: Double = 0) {
    (self.beta1, self.beta2) = (beta1, beta2)
    super.init(states: ["exp_avg"], scratch: 1, learningRate: learningRate, weightDecay: weightDecay)
  }

  override func update(_ step: OptimizerStep) throws {
    let (backend, w, g) = (step.backend, step.values, step.gradients)
    let (m, sign) = (try step.state("exp_avg"), step.scratch[0])
    try backend.scale(Scale(m, by: beta1, into: .set(sign)))
    try backend.scale(Scale(g, by: 1 - beta1, into: .add(sign)))
    // Nonzero values become at least 1 in magnitude, and are clipped to 1.
    try backend.scale(Scale(sign, by: 1e30, into: .set(sign)))
    try backend.clipByValue(ClipByValue(sign, limit: 1))
    try backend.scale(Scale(w, by: 1 - step.learningRate * step.weightDecay, into: .set(w)))
    try backend.scale(Scale(sign, by: -step.learningRate, into: .add(w)))
    try backend.scale(Scale(m, by: beta2, into: .set(m)))
    try backend.scale(Scale(g, by: 1 - beta2, into: .add(m)))
  }
}

@Suite struct LionExample {
  final class Weights: Module {
    let w = Parameter([5], .values([0.5, -1.0, 2.0, 0.1, -0.3]))
  }

  /// Three steps of Lion written with torch 2.13, float32.
  @Test func threeStepsAreTheReferences() throws {
    let model = Weights()
    let optimizer = Lion(learningRate: 0.01, weightDecay: 0.1)
    try model.move(to: .named("cpu"))
    try optimizer.attach(to: model)
    for gradient in [[0.1, -0.2, 0.3, 1.0, -0.5], [0.05, 0.4, -0.1, 0.2, 0.3], [-0.3, 0.1, 0.2, -1.5, 0.7]] as [[Float]]
    {
      try model.w.setGradient(gradient)
      try optimizer.step()
    }
    let w: [Float] = [0.4885315, -1.0070131, 1.9840161, 0.0897303, -0.3091109]
    for (value, expected) in zip(try model.w.values(), w) { #expect(abs(value - expected) < 1e-6) }
    let m: [Float] = [-0.0015249, 0.0029998, 0.0039503, -0.003219, 0.0050695]
    let state = try optimizer.stateDictionary()
    for (value, expected) in zip(state["w.exp_avg"]?.values ?? [], m) { #expect(abs(value - expected) < 1e-6) }
    #expect(state["w.step"]?.values == [3])
  }
}
