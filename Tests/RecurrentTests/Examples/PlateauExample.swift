import Recurrent
import Testing

/// Lowers the learning rate where a loss stops falling, as `torch.optim.lr_scheduler.ReduceLROnPlateau`.
struct ReduceOnPlateau {
  var factor = 0.1
  var patience = 10
  private var best = Double.infinity
  private var badEpochs = 0

  init(factor: Double, patience: Int) { (self.factor, self.patience) = (factor, patience) }

  mutating func epoch(loss: Double, _ optimizer: Optimizer) {
    if loss < best * (1 - 1e-4) { (best, badEpochs) = (loss, 0) } else { badEpochs += 1 }
    guard badEpochs > patience else { return }
    optimizer.learningRate *= factor
    badEpochs = 0
  }
}

@Suite struct PlateauExample {
  @Test func aStepThatIsTooLongGetsShorter() throws {
    // A line through noise: a rate of 0.5 jumps about, and only smaller ones come near.
    let points: [(x: Float, y: Float)] = (0..<20).map { step in
      let (x, noise) = (Float(step - 10) / 10, Float(step * 7 % 5) / 10)
      return (x, 2 * x + noise)
    }
    let trainer = try Trainer(
      Dense(input: 1, output: 1), optimizer: Adam(learningRate: 0.5), seed: 1, device: .named("cpu")
    ) { (model, point: (x: Float, y: Float), _, tape) in
      try BatchLoss(meanSquaredError(model(tape.full([1, 1], point.x)), tape.full([1, 1], point.y)))
    }
    var plateau = ReduceOnPlateau(factor: 0.3, patience: 2)
    var rates: [Double] = []
    var losses: [Double] = []
    for epoch in 1...30 {
      try trainer.fit(points, epochs: epoch)
      try losses.append(trainer.evaluate(points))
      plateau.epoch(loss: losses.last ?? 0, trainer.optimizer)
      rates.append(trainer.learningRate)
    }
    #expect(rates[0] == 0.5 && (rates.last ?? 1) < 0.1, "\(rates)")
    #expect(losses[29] < 0.5 * losses[1] && losses[29] < 0.05, "\(losses)")
  }

  /// The rates of torch 2.13 for these losses.
  @Test func theRateFallsWherePyTorchsFalls() {
    let sgd = SGD(learningRate: 1)
    var plateau = ReduceOnPlateau(factor: 0.5, patience: 1)
    let losses: [Double] = [1, 0.9, 0.95, 0.9, 0.91, 0.8, 0.8, 0.79999, 0.85]
    let rates = losses.map { loss -> Double in
      plateau.epoch(loss: loss, sgd)
      return sgd.learningRate
    }
    #expect(rates == [1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25])
  }
}
